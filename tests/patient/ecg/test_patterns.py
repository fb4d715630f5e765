"""Rules of patterns on beats of arches, and on drawn recordings with disturbed leads."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from organtwin.patient.ecg.delineation import delineated
from organtwin.patient.ecg.examination import EcgExamination, examined
from organtwin.patient.ecg.measurements import EcgValue, measured
from organtwin.patient.ecg.patterns import LBBB_MEN, Pattern, patterns
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform
from tests.patient.ecg.drawn_ecg import drawn, with_values
from tests.patient.ecg.exact_beats import NORMAL, Arch, exact, scaled

LBBB: Mapping[str, Sequence[Arch]] = {
    # 160 ms from -60 to 100: two humps where the left wall is late, rS in V1 and V2
    "I": ((-60, 20, 0.5), (0, 100, 0.7)),
    "II": ((-60, 20, 0.3), (0, 100, 0.5)),
    "V1": ((-60, -30, 0.15), (-45, 100, -1.4)),
    "V2": ((-60, -30, 0.2), (-45, 100, -1.8)),
    "V5": ((-60, 15, 0.7), (5, 100, 0.9)),
    "V6": ((-60, 15, 0.7), (5, 100, 0.9)),
}
RBBB: Mapping[str, Sequence[Arch]] = {
    # 140 ms from -40 to 100: rsR' in V1, a broad S in I and V6
    "I": ((-40, 20, 0.7), (10, 100, -0.3)),
    "II": ((-40, 20, 0.9), (10, 100, -0.2)),
    "V1": ((-40, -10, 0.3), (-20, 30, -0.4), (20, 100, 0.9)),
    "V2": ((-40, 0, 0.4), (-10, 40, -0.8), (30, 100, 0.5)),
    "V5": ((-40, 20, 1.2), (10, 100, -0.3)),
    "V6": ((-40, 20, 1.0), (10, 100, -0.3)),
}
BLOCKS = ("left bundle branch block", "right bundle branch block")


def judged(complexes: Mapping[str, Sequence[Arch]], gain: float = 1.0) -> dict[str, Pattern]:
    """Patterns of a man's beat by name."""
    beat = exact(complexes)
    beat = scaled(beat, dict.fromkeys(beat.names, gain))
    waves = delineated(beat, interval=1.0)
    numbers = measured(beat, waves, (), rr=EcgValue("rr_interval", 1.0, 0.01, "s", 1, 10))
    return {p.name: p for p in patterns(beat, waves, numbers, lbbb_limit=LBBB_MEN)}


def holding(complexes: Mapping[str, Sequence[Arch]]) -> list[str]:
    return [name for name, pattern in judged(complexes).items() if pattern.holds]


def recorded(waveforms: dict[str, Waveform]) -> EcgExamination:
    return examined(Recording("drawn", waveforms))


def test_each_block_is_told_by_its_own_rule_alone() -> None:
    held = {name: [b for b in holding(shapes) if b in BLOCKS]
            for name, shapes in (("left", LBBB), ("right", RBBB), ("none", NORMAL))}  # fmt: skip
    assert held == {"left": [BLOCKS[0]], "right": [BLOCKS[1]], "none": []}


@pytest.mark.parametrize(
    ("block", "shapes", "lost"), [(BLOCKS[0], LBBB, "V1"), (BLOCKS[1], RBBB, "V6")]
)
def test_a_block_without_a_lead_of_its_rule_does_not_hold(
    block: str, shapes: Mapping[str, Sequence[Arch]], lost: str
) -> None:
    assert block not in holding({n: s for n, s in shapes.items() if n != lost})


def test_a_narrow_complex_of_the_same_shape_is_no_block() -> None:
    for shapes in (LBBB, RBBB):
        narrow = {name: [(0.6 * a, 0.6 * b, h) for a, b, h in s] for name, s in shapes.items()}
        assert not set(holding(narrow)) & set(BLOCKS)


def test_an_early_tall_r_in_v1_is_no_right_bundle_branch_block() -> None:
    early = {"V1": ((-40, 30, 0.9), (20, 100, -0.3)), "V2": ((-40, 30, 0.9), (20, 100, -0.4))}
    assert BLOCKS[1] not in holding({**RBBB, **early})


def test_low_voltage_holds_below_its_limit_and_not_above() -> None:
    chest = {**NORMAL, "V3": NORMAL["V2"], "V4": NORMAL["V5"]}
    # The largest limb lead of NORMAL is II, about 1.1 mV from top to bottom.
    assert judged(chest, 0.35)["low voltage"].holds
    assert not judged(chest, 0.8)["low voltage"].holds


def test_low_voltage_is_not_concluded_from_leads_that_are_missing() -> None:
    low = judged({"II": NORMAL["II"], "V5": NORMAL["V5"]}, 0.2)["low voltage"]
    assert not low.holds
    assert "limb leads not complete" in low.criteria[0].text


def test_borders_and_patterns_pass_wandering_baseline_and_mains() -> None:
    clean, waves = recorded(drawn()), drawn()
    for number, name in enumerate(tuple(waves)):
        wave = waves[name]
        drift = 8e-4 * np.sin(2.0 * np.pi * 0.3 * wave.times + number)
        hum = 4e-5 * np.sin(2.0 * np.pi * 50.0 * wave.times + number)
        waves = with_values(waves, name, wave.values + drift + hum)
    found = recorded(waves)
    for name in ("qrs_duration", "qt_interval", "pr_interval"):
        assert found.measurements.get(name) == pytest.approx(clean.measurements.get(name), abs=0.01)
    assert [p.holds for p in found.patterns] == [p.holds for p in clean.patterns]
    assert any("mains of 50 Hz" in text for text in found.findings)


def test_right_and_posterior_leads_are_measured_under_their_own_names() -> None:
    """V3R and V7 as children have them; they take no part in the rules of V1 to V6."""
    waves = drawn()
    waves["V3R"] = replace(waves["V1"], name="V3R", values=0.8 * waves["V1"].values)
    waves["V7"] = replace(waves["V6"], name="V7", values=0.8 * waves["V6"].values)
    del waves["V1"]
    found = recorded(waves)
    assert found.measurements.deflections["V7"].r == pytest.approx(0.8e-3, rel=0.05)
    assert {"V3R", "V7"} <= set(found.average.names)
    assert "V1" not in found.average.names
    assert not any(p.holds for p in found.patterns)


@pytest.mark.parametrize(("spoiled", "word"), [("flat", "is flat"), ("clipped", "is clipped")])
def test_a_spoiled_chest_lead_takes_its_rules_with_it(spoiled: str, word: str) -> None:
    waves = drawn()
    values = waves["V1"].values
    bad = np.zeros_like(values) if spoiled == "flat" else np.clip(values, -2e-4, None)
    found = recorded(with_values(waves, "V1", bad))
    assert "V1" not in found.measurements.deflections
    assert any(f"lead V1 is left out: it {word}" in text for text in found.findings)
    texts = [c.text for p in found.patterns for c in p.criteria]
    assert any("V1, V5 and V6 are not all recorded" in text for text in texts)
