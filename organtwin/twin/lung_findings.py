"""What a plan does to the lung's circulation and a reader should be told beside the numbers.

    acute vasoreactivity test   positive: mean pressure lower by >= 10 mmHg, to <= 40 mmHg, output
                                the same or higher (2022 ESC/ERS guidelines, after Sitbon 2005)
    flooded lung                vessels open before a left ventricle that cannot take the flow

Both are of the middle heart. Verified in tests/twin/test_lung_findings.py.
"""

from collections.abc import Iterator, Mapping

from organtwin.quantities import quantity
from organtwin.therapy.kind import Therapy
from organtwin.units import MMHG

TEST_AGENTS = frozenset({"inhaled_nitric_oxide", "iloprost", "epoprostenol"})
"""Drugs that the test is done with; it is no test where another therapy is given too."""
FALL, REACHED = 10.0 * MMHG, 40.0 * MMHG
SAME_OUTPUT = 0.95
"""Share of the output before that still counts as unchanged: assumed."""
HIGH, NORMAL_WEDGE = 20.0 * MMHG, 15.0 * MMHG
"""Precapillary hypertension by the guidelines of 2022, in whom alone the test is done."""
FLOODED, ROSE = 18.0 * MMHG, 1.0 * MMHG
"""Wedge pressure above which lungs are wet (Forrester's classes), and a rise that can be told from
none by a catheter (assumed)."""
_FAMILY = "pulmonary vasodilator"


def lung_findings(
    therapies: tuple[Therapy, ...], before: Mapping[str, float], after: Mapping[str, float]
) -> Iterator[str]:
    """As texts; ``before`` and ``after`` are steady states in SI."""
    if len(therapies) == 1 and therapies[0].name in TEST_AGENTS and therapies[0].dose > 0.0:
        yield from _reactivity(before, after)
    if any(t.kind.family == _FAMILY for t in therapies):
        yield from _flooding(before, after)


def _reactivity(before: Mapping[str, float], after: Mapping[str, float]) -> Iterator[str]:
    if before["pa_mean"] <= HIGH or before["pcwp"] > NORMAL_WEDGE:
        return
    positive = (
        before["pa_mean"] - after["pa_mean"] >= FALL
        and after["pa_mean"] <= REACHED
        and after["cardiac_output"] >= SAME_OUTPUT * before["cardiac_output"]
    )
    yield (
        f"vasoreactivity test {'positive' if positive else 'negative'}: PA mean "
        f"{_told('pa_mean', before, after)} (positive: 10 or more lower, to 40 or less, "
        "output kept)"
    )


def _flooding(before: Mapping[str, float], after: Mapping[str, float]) -> Iterator[str]:
    if after["pcwp"] > FLOODED and after["pcwp"] - before["pcwp"] >= ROSE:
        yield (
            f"wedge pressure {_told('pcwp', before, after)}: the left ventricle cannot take what "
            "the lung lets through (risk of pulmonary oedema)"
        )


def _told(name: str, before: Mapping[str, float], after: Mapping[str, float]) -> str:
    q = quantity(name)
    return f"{q.from_si(before[name]):.0f} to {q.text(after[name])}"
