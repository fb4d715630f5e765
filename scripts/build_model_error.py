"""How far published means lie from predicted ones: writes the error that bands are widened by.

    PYTHONPATH=. .venv/bin/python scripts/validate_therapies.py --data FILE.json
    PYTHONPATH=. .venv/bin/python scripts/build_model_error.py FILE.json

Rows that count are those of half A and the seen ones of half B, in patients. Rows that went into a
dose-response curve are left out, as a curve lies too well on its own rows; untouched and fresh rows
are left out to check the result on. For each group g of outputs, with r the difference of predicted
and published level on the group's scale (``therapy/model_error.py``), s the standard error of the
published one, and u the root mean square of published changes on that scale (rows of curves
included, as these are published all the same),

    e_j = mean of max(0, r^2 - s^2)/u^2 over the rows of a study j in the group
    pooled^2 = mean over studies of their mean e
    sd^2 = u^2 (PRIOR pooled^2 + sum_j e_j)/(PRIOR + n)

so a group of few studies leans on what is true of all: errors are a share of what responses usually
are. The sd is that of a normal distribution whose central 90 % are those of Student's t with
PRIOR + n degrees of freedom. PRIOR = 4 foretold studies that were left out best, of 1, 2, 4, 8, 16.
Gradients of valves have no such row; they go with the square of flow, so theirs is twice its error.
"""

import argparse
import json
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student

from organtwin.therapy.model_error import FILE, REACH_90, OutputError
from organtwin.units import MMHG

STUDIES = Path(__file__).with_name("validate_therapies.toml")
TARGET = Path(__file__).resolve().parents[1] / "assets" / FILE
PRIOR = 4.0
FLOW, GRADIENT = "flow", "gradient of valves"
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "heart rate": ("ratio", ("heart_rate",)),
    "arterial pressure": ("ratio", (
        "mean_arterial_pressure", "systolic_pressure", "diastolic_pressure", "pulse_pressure",
        "lv_systolic_pressure",
    )),
    FLOW: ("ratio", ("cardiac_output", "stroke_volume", "native_output")),
    "filling pressure": ("shift", ("pcwp", "ra_pressure", "lv_edp", "rv_edp")),
    "pulmonary artery pressure": ("ratio", (
        "pa_mean", "pa_systolic", "pa_diastolic", "rv_systolic_pressure",
    )),
    "volume of chambers": ("ratio", (
        "lv_edv", "lv_esv", "rv_edv", "rv_esv", "la_volume_max", "ra_volume_max",
    )),
    "ejection fraction": ("share", ("lv_ef", "rv_ef")),
    "rise of LV pressure": ("ratio", ("dp_dt_max",)),
    "vascular resistance": ("ratio", (
        "systemic_vascular_resistance", "pulmonary_vascular_resistance",
    )),
    "outflow gradient": ("ratio", ("lvot_gradient",)),
}  # fmt: skip
"""Scale of the error and quantities by label of the group."""
VALVE_GRADIENTS = (
    "aortic_mean_gradient", "aortic_peak_gradient", "aortic_net_gradient", "mitral_mean_gradient",
    "mitral_peak_gradient", "tricuspid_mean_gradient", "tricuspid_peak_gradient",
    "pulmonary_mean_gradient", "pulmonary_peak_gradient",
)  # fmt: skip


@dataclass(frozen=True)
class Residual:
    """One row: ``miss`` predicted minus published, published ``change``, ``doubt`` of that."""

    study: str
    group: str
    miss: float
    change: float
    doubt: float
    counts: bool
    """Whether its miss counts; else only its change does."""


@dataclass(frozen=True)
class GroupError:
    sd: float
    freedom: float
    studies: int

    @property
    def reach(self) -> float:
        """Half of the 90 % interval."""
        return float(self.sd * student.ppf(0.95, self.freedom))


def group_of(quantity: str) -> str:
    return next((label for label, (_, names) in GROUPS.items() if quantity in names), "")


def residual(row: Mapping[str, Any]) -> Residual | None:
    """A row of the data of a validation, if it may be tuned on and has a place on the scale."""
    group = group_of(row["quantity"])
    allowed = row["half"] == "A" or (row["half"] == "B" and row["status"] != "untouched")
    if not group or not allowed or row["variable"].endswith("per_step"):
        return None
    published, predicted, doubt, before = row["levels"]
    scale = OutputError(group, GROUPS[group][0], 1.0, 0)
    places = [scale.scaled(x) for x in (published, predicted, before, published + doubt)]
    if any(map(math.isnan, places)):
        return None
    one, other, start, upper = places
    return Residual(
        row["study"], group, other - one, one - start, upper - one, row["status"] != "tuned"
    )


def errors(rows: Sequence[Residual], prior: float = PRIOR) -> dict[str, GroupError]:
    usual = _usual(rows)
    cells: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        if row.counts:
            left = max(0.0, row.miss**2 - row.doubt**2) / usual[row.group] ** 2
            cells.setdefault((row.study, row.group), []).append(left)
    means = {key: float(np.mean(values)) for key, values in cells.items()}
    by_study: dict[str, list[float]] = {}
    for (study, _), value in means.items():
        by_study.setdefault(study, []).append(value)
    pooled = float(np.mean([np.mean(values) for values in by_study.values()]))
    found = {}
    for group in GROUPS:
        own = [value for (_, label), value in means.items() if label == group]
        share = math.sqrt((prior * pooled + sum(own)) / (prior + len(own)))
        found[group] = GroupError(share * usual[group], prior + len(own), len(own))
    return found


def _usual(rows: Iterable[Residual]) -> dict[str, float]:
    """Root mean square of published changes; of a group without rows, as of the middle group."""
    known: dict[str, float] = {}
    rows = list(rows)
    for group in GROUPS:
        changes = [row.change**2 for row in rows if row.group == group]
        if changes:
            known[group] = math.sqrt(float(np.mean(changes)))
    ratios = [value for group, value in known.items() if GROUPS[group][0] == "ratio"]
    return {group: known.get(group, float(np.median(ratios))) for group in GROUPS}


def left_out(rows: Sequence[Residual], prior: float) -> tuple[float, int, int]:
    """Mean log density and how many rows lie inside 90 %, each study foretold by the others."""
    density, inside, asked = 0.0, 0, 0
    for study in {row.study for row in rows}:
        found = errors([row for row in rows if row.study != study], prior)
        for row in rows:
            if row.study != study or not row.counts:
                continue
            error = found[row.group]
            sd = math.hypot(error.sd, row.doubt)
            density += float(student.logpdf(row.miss / sd, error.freedom)) - math.log(sd)
            inside += abs(row.miss) <= sd * float(student.ppf(0.95, error.freedom))
            asked += 1
    return density / asked, inside, asked


def written(rows: Sequence[Residual], found: Mapping[str, GroupError]) -> str:
    counted = [row for row in rows if row.counts]
    lines = [
        "# Error of predicted means against published ones, by group of outputs.",
        "# Written by scripts/build_model_error.py, which tells the method; do not edit.", "",
        f"studies = {len({row.study for row in counted})}",
        f"rows = {len(counted)}",
    ]  # fmt: skip
    for label, (form, names) in GROUPS.items():
        lines += _output(label, form, names, found[label].reach / REACH_90, found[label].studies)
    flow = found[FLOW]
    lines += _output(GRADIENT, "ratio", VALVE_GRADIENTS, 2.0 * flow.reach / REACH_90, flow.studies)
    return "\n".join([*lines, ""])


def _output(label: str, form: str, names: Sequence[str], sd: float, studies: int) -> list[str]:
    size = f"sd_mmhg = {sd / MMHG:.2f}" if form == "shift" else f"sd = {sd:.3f}"
    quoted = ", ".join(f'"{name}"' for name in names)
    return ["", "[[output]]", f'label = "{label}"', f'form = "{form}"', size,
            f"studies = {studies}", f"quantities = [{quoted}]"]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="what validate_therapies.py --data has written")
    options = parser.parse_args()
    document = json.loads(options.data.read_text(encoding="utf-8"))
    described = tomllib.loads(STUDIES.read_text(encoding="utf-8"))["study"]
    asked = [row for row in document["rows"] if "subjects" not in described[row["study"]]]
    rows = [found for row in asked if row["levels"] and (found := residual(row))]
    for prior in (1.0, 2.0, 4.0, 8.0, 16.0):
        density, inside, asked = left_out(rows, prior)
        print(f"prior {prior:g}: log density {density:.3f}, inside 90 % {inside} of {asked}")
    found = errors(rows)
    for label, error in found.items():
        print(f"{label}: sd {error.sd:.3g}, {error.studies} studies, 90 % {error.reach:.3g}")
    TARGET.write_text(written(rows, found), encoding="utf-8")


if __name__ == "__main__":
    main()
