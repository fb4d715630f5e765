"""A fixed range with round tick marks."""

from dataclasses import dataclass
from math import ceil, floor, log10

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """From ``lower`` to ``upper``, with tick marks at multiples of ``step``; values in ``unit``."""

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
        step = _round_step(extent, ticks)
        return cls(
            label, unit, floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step, step
        )

    @classmethod
    def spanning(
        cls, label: str, unit: str, extent: tuple[float, float], *, ticks: int = 5
    ) -> "Axis":
        """Give exactly ``extent``, as of a time or a dose that ends where it ends."""
        return cls(label, unit, *extent, _round_step(extent, ticks))

    @property
    def marks(self) -> tuple[float, ...]:
        first, last = ceil(self.lower / self.step - 1e-9), floor(self.upper / self.step + 1e-9)
        return tuple(index * self.step for index in range(first, last + 1))

    def text(self, mark: float) -> str:
        decimals = max(0, ceil(-log10(self.step) - 1e-9))
        if self.step * 10**decimals % 1 > 1e-9:
            decimals += 1
        return f"{mark + 0.0:.{decimals}f}".replace("-", "−")

    def fraction(self, value: float) -> float:
        """Position along the axis, 0 to 1."""
        return (value - self.lower) / (self.upper - self.lower)


def _round_step(extent: tuple[float, float], ticks: int) -> float:
    rough = max(extent[1] - extent[0], 1e-12) / ticks
    decade = 10.0 ** floor(log10(rough))
    return next(s * decade for s in _STEPS if s * decade >= rough * (1 - 1e-9))


def joined(*extents: tuple[float, float]) -> tuple[float, float]:
    """Give the smallest extent that holds all."""
    return min(low for low, _ in extents), max(high for _, high in extents)
