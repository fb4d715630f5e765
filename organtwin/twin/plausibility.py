"""How far to believe a simulated beat: what no living adult shows, and what nobody measured."""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from organtwin.quantities import quantity
from organtwin.units import MMHG

LOWEST_PRESSURE = 50.0 * MMHG
"""Mean arterial pressure below which reflexes, which this model lacks, would act with all force."""

_VITAL = ("mean_arterial_pressure", "cardiac_output", "pcwp", "pa_mean", "ra_pressure")

NORMAL: Mapping[str, tuple[float, float]] = MappingProxyType({
    "lv_ef": (52.0, 74.0),
    "rv_ef": (45.0, 80.0),
    "ra_pressure": (0.0, 8.0),
    "pcwp": (4.0, 12.0),
    "pa_mean": (8.0, 20.0),
    "pulmonary_vascular_resistance": (0.0, 240.0),
})  # fmt: skip
"""Adults at rest, in clinical units: ejection fractions by ASE/EACVI 2015 (its RV gives no upper
end; 80 % is ours), pressures and resistance by the usual right-heart-catheter table (PA mean
14 +- 3 mmHg, twice that; RAP 1 to 6 mmHg, widened by the 2 mmHg of a reading; 3 WU)."""


def warnings(values: Mapping[str, float]) -> Iterator[str]:
    """What makes a beat hard to believe in a living adult; ``values`` in SI by quantity."""
    for name in _VITAL:
        value, q = values[name], quantity(name)
        if not q.lower <= q.from_si(value) <= q.upper:
            yield f"{q.label} {q.text(value)} is outside what a living adult shows"
    if values["mean_arterial_pressure"] < LOWEST_PRESSURE:
        yield (
            "mean arterial pressure below 50 mmHg: the reflexes of a living patient would act, "
            "which this model does not have; do not read the numbers as a response"
        )


def unusual(values: Mapping[str, float], measured: Collection[str]) -> tuple[str, ...]:
    """Quantities outside the normal range that no measurement speaks for, as texts.

    The fit reaches its targets by whichever levers cost least. Where a cause was not measured, it
    may pick the wrong one, a stiff lung vessel for a weak right ventricle; then these show it.
    """
    told = []
    for name, (low, high) in NORMAL.items():
        q = quantity(name)
        if name not in measured and not low <= q.from_si(values[name]) <= high:
            told.append(f"{q.label} {q.text(values[name])} (normal {low:g} to {high:g})")
    return tuple(told)
