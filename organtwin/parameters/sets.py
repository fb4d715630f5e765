"""Frozen sets of parameter values. Changing one returns a new set."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import ParameterError, UnknownNameError
from organtwin.parameters.spec import ParameterSpec
from organtwin.units import from_si


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two sets, in SI."""

    spec: ParameterSpec
    before: float
    after: float

    def __str__(self) -> str:
        before, after = (from_si(value, self.spec.unit) for value in (self.before, self.after))
        return f"{self.spec.name}: {before:.4g} -> {after:.4g} {self.spec.unit}"


class ParameterSet(Mapping[str, float]):
    """Values in SI by name, each inside the bounds of its specification.

    Raises
    ------
    UnknownNameError
        A value is given for a name without a specification.
    ParameterError
        A value is not finite or lies outside its bounds.
    """

    __slots__ = ("_specs", "_values")

    def __init__(
        self, specs: Mapping[str, ParameterSpec], values: Mapping[str, float] | None = None
    ) -> None:
        self._specs = specs
        defaults = {name: spec.default for name, spec in specs.items()}
        self._values = MappingProxyType(defaults | _all_checked(specs, values or {}))

    @property
    def specs(self) -> Mapping[str, ParameterSpec]:
        return self._specs

    def replace(self, **changes: float) -> "ParameterSet":
        """The same set with some values (SI) changed."""
        # What stays was checked when it came in: ensembles change a few values every beat.
        other = ParameterSet.__new__(ParameterSet)
        other._specs = self._specs
        other._values = MappingProxyType(self._values | _all_checked(self._specs, changes))
        return other

    def scaled(self, **factors: float) -> "ParameterSet":
        """The same set with some values multiplied."""
        return self.replace(**{name: self[name] * factor for name, factor in factors.items()})

    def diff(self, other: "ParameterSet") -> tuple[Change, ...]:
        """What has to change in this set to become ``other``."""
        return tuple(
            Change(self._specs[name], value, other[name])
            for name, value in self.items()
            if other[name] != value
        )

    def vector(self, names: Sequence[str]) -> FloatArray:
        """Values in the order of ``names``, ``(len(names),)`` in SI."""
        return np.array([self[name] for name in names])

    def __getitem__(self, name: str) -> float:
        try:
            return self._values[name]
        except KeyError:
            raise UnknownNameError("parameter", name, tuple(self._specs)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        changed = {
            name: value for name, value in self.items() if value != self._specs[name].default
        }
        return f"ParameterSet({len(self)} parameters, changed: {changed})"


def _all_checked(
    specs: Mapping[str, ParameterSpec], values: Mapping[str, float]
) -> dict[str, float]:
    for name in values:
        if name not in specs:
            raise UnknownNameError("parameter", name, tuple(specs))
    return {name: _checked(specs[name], float(value)) for name, value in values.items()}


def _checked(spec: ParameterSpec, value: float) -> float:
    if not np.isfinite(value) or not spec.lower <= value <= spec.upper:
        low, high, got = (from_si(x, spec.unit) for x in (spec.lower, spec.upper, value))
        raise ParameterError(
            f"{spec.name} ({spec.meaning}): expected {low:.4g} to {high:.4g} {spec.unit}, "
            f"got {got:.4g} {spec.unit}"
        )
    return value
