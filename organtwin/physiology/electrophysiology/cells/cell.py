"""A cell model as one value, what may block its channels, and where its published start lies.

Inside a model the published units hold: mV, ms, mM (which is mol/m3), A/F. `pacing` converts.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import InputError
from organtwin.resources import asset

STATES_ASSET = "electrophysiology/cell_states.csv"

Slopes = Callable[
    [FloatArray, float, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], None
]
"""(state, stimulus, strengths, settings; slopes, rates, flows): the last three are filled."""
Advance = Callable[[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray], int]
"""(state, strengths, settings, pace, trace): state and trace are filled; rows of trace."""


def remaining_fraction(concentration: float, *, half_blocking: float, hill: float = 1.0) -> float:
    """Conductance left by a pore blocker: 1 / (1 + (C / IC50)^h); both in the same unit."""
    return float(1.0 / (1.0 + (concentration / half_blocking) ** hill))


@dataclass(frozen=True, slots=True)
class ChannelBlock:
    """What is left of each current, by name: 1 all of it, 0 none, above 1 more than normal."""

    factors: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for name, factor in self.factors.items():
            if not (np.isfinite(factor) and factor >= 0.0):
                raise InputError(
                    "channel block", name, expected="a factor of at least 0", got=str(factor),
                    remedy="Give what remains of the current: 0.3 for a block by 70 %.",
                )  # fmt: skip
        object.__setattr__(self, "factors", MappingProxyType(dict(self.factors)))

    def only(self, currents: tuple[str, ...]) -> "ChannelBlock":
        """Leave out what a model does not have: say so on purpose, models refuse it otherwise."""
        return ChannelBlock({name: self.factors[name] for name in currents if name in self.factors})

    def __mul__(self, other: "ChannelBlock") -> "ChannelBlock":
        """Both blocks at once, as if they bound independently."""
        both = dict(self.factors)
        for name, factor in other.factors.items():
            both[name] = both.get(name, 1.0) * factor
        return ChannelBlock(both)


UNBLOCKED = ChannelBlock()


@dataclass(frozen=True, slots=True)
class Stimulus:
    """A current into the cell from the start of each beat: inward is negative."""

    current: float
    """[A/F]"""
    duration_ms: float


@dataclass(frozen=True, eq=False, slots=True)
class CellModel:
    """Names and numbers of an ionic model, and the kernels that compute it.

    ``strengths`` are the conductances, permeabilities or maximal rates a block can scale;
    ``settings`` all else that differs between cells, such as concentrations outside [mM].
    """

    name: str
    states: tuple[str, ...]
    flows: tuple[str, ...]
    strengths: Mapping[str, float]
    settings: Mapping[str, float]
    stimulus: Stimulus
    slopes: Slopes
    advance: Advance

    @property
    def currents(self) -> tuple[str, ...]:
        """The currents and fluxes that a block may name."""
        return tuple(self.strengths)

    def blocked_strengths(self, block: ChannelBlock = UNBLOCKED) -> FloatArray:
        """Strength of each current ``(n_currents,)`` in the model's own units.

        Raises
        ------
        InputError
            The block names a current the model does not have.
        """
        for name in block.factors:
            if name not in self.strengths:
                raise InputError(
                    self.name, f"current {name}", expected=f"one of {', '.join(self.currents)}",
                    got=name, remedy="Leave it out or choose a model that has this current.",
                )  # fmt: skip
        return np.array(
            [value * block.factors.get(name, 1.0) for name, value in self.strengths.items()]
        )

    def setting_values(self) -> FloatArray:
        """``(n_settings,)`` in the order of the model's kernels."""
        return np.array(list(self.settings.values()))

    def resting_state(self) -> FloatArray:
        """State at the end of a long train at 1 Hz ``(n_states,)``, a fresh copy."""
        return self._stored_state("1 Hz")

    def published_state(self) -> FloatArray:
        """State the authors start from ``(n_states,)``, a fresh copy."""
        return self._stored_state("published")

    def _stored_state(self, start: str) -> FloatArray:
        stored = _stored_states()
        return np.array([stored[self.name, start, state] for state in self.states])


@cache
def _stored_states() -> Mapping[tuple[str, str, str], float]:
    with asset(STATES_ASSET).open(encoding="utf-8", newline="") as file:
        return {
            (row["model"], row["start"], row["state"]): float(row["value"])
            for row in csv.DictReader(file)
        }
