"""How often the twin's forecasts held: hit rates with the doubt that few forecasts leave."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from organtwin.store.ledger import Forecast, Score
from organtwin.store.scoring import wilson

BINS = 10
"""Of the histogram of the probability integral transform, flat where bands hold."""


@dataclass(frozen=True, slots=True)
class HitRate:
    """Share of measurements inside a band that should hold ``nominal`` of them.

    ``low`` and ``high`` bound the 95 % Wilson interval.
    """

    nominal: float
    hits: int
    n: int
    low: float
    high: float

    @property
    def rate(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def as_promised(self) -> bool:
        """What was promised lies in the interval; true as long as nothing speaks against it."""
        return self.low <= self.nominal <= self.high


@dataclass(frozen=True, slots=True)
class Reliability:
    """How forecasts turned out.

    ``n_forecasts`` have a score, ``n_numbers`` scores came of them, ``without_bands`` of these had
    too few members to say how likely a value was; ``in_hindsight`` were foretold by a program that
    ran after the day of the measurement. ``crps`` (SI) and ``bias`` (measured minus foretold, SI)
    are means, for one quantity alone. ``pit`` counts the transforms in ten equal bins.
    """

    n_forecasts: int
    n_numbers: int
    without_bands: int
    in_hindsight: int
    band_50: HitRate
    band_90: HitRate
    bias: float | None
    crps: float | None
    pit: tuple[int, ...]


def reliability(
    scores: Sequence[Score], forecasts: Sequence[Forecast], quantity: str | None = None
) -> Reliability:
    """Hit rates over all scores, or over those of one quantity.

    The numbers of one forecast stand and fall together: cardiac output and pressure come from one
    heart. Their Wilson interval therefore counts forecasts, not numbers, and is rather too wide.
    """
    made = {f.forecast_id: f.made_at.date() for f in forecasts}
    chosen = [s for s in scores if s.forecast_id in made and quantity in (None, s.quantity)]
    banded = [s for s in chosen if s.grade.pit is not None]
    independent = len({s.forecast_id for s in banded})
    late = (s.measured_on is not None and s.measured_on < made[s.forecast_id] for s in chosen)
    alone = quantity is not None and bool(chosen)
    crps = [s.grade.crps for s in banded if s.grade.crps is not None]
    bins = Counter(
        min(int(BINS * s.grade.pit), BINS - 1) for s in banded if s.grade.pit is not None
    )
    return Reliability(
        n_forecasts=len({s.forecast_id for s in chosen}),
        n_numbers=len(chosen),
        without_bands=len(chosen) - len(banded),
        in_hindsight=sum(late),
        band_50=_rate(0.5, [bool(s.grade.inside_50) for s in banded], independent),
        band_90=_rate(0.9, [bool(s.grade.inside_90) for s in banded], independent),
        bias=fmean(s.grade.error for s in chosen) if alone else None,
        crps=fmean(crps) if alone and crps else None,
        pit=tuple(bins[index] for index in range(BINS)),
    )


def _rate(nominal: float, inside: list[bool], independent: int) -> HitRate:
    hits, n = sum(inside), len(inside)
    low, high = wilson(independent * hits / n, independent) if n else wilson(0, 0)
    return HitRate(nominal, hits, n, low, high)
