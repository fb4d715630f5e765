"""Every state's slope and every current of the cell models against published model files.

The reference is Myokit on the authors' files (data/README.md), an implementation other than ours,
and stands in for the plain NumPy twin of these kernels.
"""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from organtwin.physiology.electrophysiology.cells.models import CELL_MODELS

RELATIVE = 1e-3
"""Two codes of one model agree to rounding of constants: verification ladder of cell models."""
NOTHING = 1e-60
"""A current [A/F] below this is none; the file holds some of 1e-78."""
TABLE = Path(__file__).parent / "data" / "cell_right_hand_sides.csv"
SNAPSHOTS = ("init", "+2", "+20", "+150", "+300")
MODELS = tuple(name for name in CELL_MODELS if name != "Stewart 2009 Purkinje")
RENAMED = {
    "ICl.IClCa_junc": "I_ClCa", "diff.Jdiff": "J_diff_Ca", "diff.JdiffNa": "J_diff_Na",
    "diff.JdiffK": "J_diff_K", "diff.JdiffCl": "J_diff_Cl", "ib.IbCa": "I_Cab",
    "ib.IbNa": "I_Nab", "cajsr.I_rel": "J_rel", "itr.I_tr": "J_tr", "cansr.I_up": "J_up",
    "cansr.I_up_leak": "J_leak",
}  # fmt: skip


class Snapshot(NamedTuple):
    states: list[float]
    slopes: list[float]
    flows: dict[str, float]


@cache
def snapshots() -> dict[tuple[str, str], Snapshot]:
    found: dict[tuple[str, str], Snapshot] = defaultdict(lambda: Snapshot([], [], {}))
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            here = found[row["model"], row["snapshot_ms_after_stimulus_onset"]]
            if row["kind"] == "state":
                here.states.append(float(row["value"]))
                here.slopes.append(float(row["time_derivative_per_ms"]))
            else:
                short = row["name"].split(".")[1]
                name = RENAMED.get(row["name"], f"{short[0]}_{short[1:]}")
                here.flows[name] = float(row["value"])
    return found


def computed(model_name: str, moment: str) -> tuple[np.ndarray, dict[str, float]]:
    """Slopes and flows of our kernels at the states of a snapshot."""
    model = CELL_MODELS[model_name]
    state = np.array(snapshots()[model_name, moment].states)
    slopes, rates = np.zeros(state.size), np.zeros(state.size)
    flows = np.zeros(len(model.flows))
    strengths = model.blocked_strengths()
    model.slopes(state, 0.0, strengths, model.setting_values(), slopes, rates, flows)
    return slopes, dict(zip(model.flows, flows.tolist(), strict=True))


@pytest.mark.parametrize("moment", SNAPSHOTS)
@pytest.mark.parametrize("name", MODELS)
def test_every_state_changes_as_in_the_published_program(name: str, moment: str) -> None:
    slopes, _ = computed(name, moment)
    np.testing.assert_allclose(slopes, snapshots()[name, moment].slopes, rtol=RELATIVE, atol=0)


@pytest.mark.parametrize("moment", SNAPSHOTS)
@pytest.mark.parametrize("name", MODELS)
def test_every_current_is_that_of_the_published_program(name: str, moment: str) -> None:
    _, flows = computed(name, moment)
    expected = snapshots()[name, moment].flows
    shared = sorted(flows.keys() & expected.keys())
    np.testing.assert_allclose(
        [flows[flow] for flow in shared],
        [expected[flow] for flow in shared],
        rtol=RELATIVE,
        atol=NOTHING,
    )


@pytest.mark.parametrize("name", MODELS)
def test_the_reference_holds_every_current_of_the_model(name: str) -> None:
    model = CELL_MODELS[name]
    assert set(model.flows) <= snapshots()[name, "init"].flows.keys()
