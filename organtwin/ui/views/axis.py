"""A fixed range with round tick marks."""

from dataclasses import dataclass
from math import ceil, floor, log10

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """``lower`` and ``upper`` fall on tick marks, ``step`` apart; values in ``unit``."""

    label: str
    unit: str
    lower: float
    upper: float
    step: float

    @classmethod
    def covering(
        cls, label: str, unit: str, extent: tuple[float, float], *, ticks: int = 5
    ) -> "Axis":
        """Give the tightest round range that holds ``extent`` with about ``ticks`` intervals."""
        low, high = extent
        span = max(high - low, 1e-12)
        rough = span / ticks
        decade = 10.0 ** floor(log10(rough))
        step = next(s * decade for s in _STEPS if s * decade >= rough * (1 - 1e-9))
        return cls(
            label, unit, floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step, step
        )

    @property
    def marks(self) -> tuple[float, ...]:
        count = round((self.upper - self.lower) / self.step)
        return tuple(self.lower + index * self.step for index in range(count + 1))

    def text(self, mark: float) -> str:
        decimals = max(0, ceil(-log10(self.step) - 1e-9))
        if self.step * 10**decimals % 1 > 1e-9:
            decimals += 1
        return f"{mark + 0.0:.{decimals}f}".replace("-", "−")

    def fraction(self, value: float) -> float:
        """Position along the axis, 0 to 1."""
        return (value - self.lower) / (self.upper - self.lower)


def joined(*extents: tuple[float, float]) -> tuple[float, float]:
    """Give the smallest extent that holds all."""
    return min(low for low, _ in extents), max(high for _, high in extents)
