"""The arterial baroreflex: from the pressure in the carotid sinus to what its nerves act on.

    tau_p dy/dt = P - y,   P~ = y + (tau_z/tau_p) (P - y)
    f_cs = (f_min + f_max e^u)/(1 + e^u),                  u = (P~ - P_n)/k_a
    f_es = f_inf + (f_0 - f_inf) e^(-k_es f_cs)
    f_ev = (f_ev0 + f_evinf e^w)/(1 + e^w),                w = (f_cs - f_cs0)/k_ev
    sigma = G ln(f_es(t - D) - f_esmin + 1),   tau dx/dt = sigma - x,   effector = basal + x

and for the vagus sigma = G f_ev(t - D). Inside this module the published units hold: mmHg, mL, s,
impulses per second. The input is held over a beat at its mean, so the answer of the receptors to
the pulse itself is left out: only changes from beat to beat drive the loop.
Reference: M. Ursino, Am J Physiol 275:H1733 (1998).
Verified in tests/simulation/test_baroreflex.py.
"""

import math
from dataclasses import dataclass, replace
from types import MappingProxyType

SET_POINT = 92.0
"""P_n [mmHg], where the receptors fire at half of their range."""
_LAG, _LEAD, _SLOPE = 2.076, 6.37, 11.758
_FIRING = (2.52, 47.78)
_SYMPATHETIC = (2.1, 16.11, 0.0675)
_THRESHOLD = 2.66
_VAGAL = (3.2, 6.3, 25.0, 7.06)
_STEP = 0.1
"""Longest step [s]: half of the shortest delay."""


@dataclass(frozen=True, slots=True)
class Nerve:
    """How one effector follows its nerve."""

    gain: float
    delay: float
    """[s]"""
    time_constant: float
    """[s]"""
    basal: float = 0.0

    def ending(self, firing: float) -> float:
        """Where the effector of a sympathetic nerve ends at a constant rate [1/s]."""
        above = firing - _THRESHOLD
        return self.gain * math.log(above + 1.0) if above > 0.0 else 0.0


SYMPATHETIC = MappingProxyType({
    "elastance": Nerve(0.475, 2.0, 8.0, 2.392),
    "splanchnic_resistance": Nerve(0.695, 2.0, 6.0, 2.49),
    "other_resistance": Nerve(0.53, 2.0, 6.0, 0.78),
    "splanchnic_volume": Nerve(-265.4, 5.0, 20.0, 1435.4),
    "other_volume": Nerve(-132.5, 5.0, 20.0, 1537.0),
    "period": Nerve(-0.13, 2.0, 2.0, 0.58),
})  # fmt: skip
"""Left ventricular elastance [mmHg/mL], systemic resistances [mmHg s/mL], unstressed volumes of
systemic veins [mL], heart period [s]."""
VAGUS = Nerve(0.09, 0.2, 1.5)


def afferent_firing(pressure: float) -> float:
    """Impulses per second of the carotid sinus nerve at a filtered pressure [mmHg]."""
    lowest, highest = _FIRING
    # The exponent is bounded where the curve is flat to the last digit: exp would overflow.
    odds = math.exp(min((pressure - SET_POINT) / _SLOPE, 50.0))
    return (lowest + highest * odds) / (1.0 + odds)


def sympathetic_firing(afferent: float) -> float:
    """Impulses per second of the sympathetic nerves."""
    lowest, highest, decay = _SYMPATHETIC
    return lowest + (highest - lowest) * math.exp(-decay * afferent)


def vagal_firing(afferent: float) -> float:
    """Impulses per second of the vagus."""
    lowest, highest, middle, width = _VAGAL
    odds = math.exp((afferent - middle) / width)
    return (lowest + highest * odds) / (1.0 + odds)


@dataclass(frozen=True, slots=True)
class Tone:
    """What the nerves set, in the published units."""

    elastance: float
    splanchnic_resistance: float
    other_resistance: float
    splanchnic_volume: float
    other_volume: float
    period: float

    @property
    def resistance(self) -> float:
        """Both systemic beds side by side [mmHg s/mL]."""
        one, other = self.splanchnic_resistance, self.other_resistance
        return one * other / (one + other)

    @property
    def unstressed_volume(self) -> float:
        """Of all systemic veins [mL]."""
        return self.splanchnic_volume + self.other_volume


def steady_tone(pressure: float) -> Tone:
    """Where everything settles at a constant pressure [mmHg]."""
    return resting_nerves(pressure).tone


@dataclass(frozen=True, slots=True)
class NervousState:
    """Filtered pressure [mmHg], what each effector has come to, and the firing that is under way.

    ``under_way``: (duration [s], sympathetic, vagal firing [1/s]) of each past step, newest first,
    over the longest delay.
    """

    filtered: float
    reached: tuple[float, ...]
    """In the order of ``SYMPATHETIC``, without the basal values."""
    vagal: float
    under_way: tuple[tuple[float, float, float], ...]

    @property
    def tone(self) -> Tone:
        levels = {
            name: nerve.basal + value
            for (name, nerve), value in zip(SYMPATHETIC.items(), self.reached, strict=True)
        }
        levels["period"] += self.vagal
        return Tone(**levels)


def resting_nerves(pressure: float) -> NervousState:
    """The state after a long time at a constant pressure [mmHg]."""
    afferent = afferent_firing(pressure)
    sympathetic, vagal = sympathetic_firing(afferent), vagal_firing(afferent)
    return NervousState(
        filtered=pressure,
        reached=tuple(nerve.ending(sympathetic) for nerve in SYMPATHETIC.values()),
        vagal=VAGUS.gain * vagal,
        under_way=((math.inf, sympathetic, vagal),),
    )


def followed(state: NervousState, pressure: float, duration: float) -> NervousState:
    """The state after ``duration`` [s] at a pressure [mmHg]."""
    n_steps = max(1, math.ceil(duration / _STEP))
    for _ in range(n_steps):
        state = _step(state, pressure, duration / n_steps)
    return state


def _step(state: NervousState, pressure: float, step: float) -> NervousState:
    filtered = pressure + (state.filtered - pressure) * math.exp(-step / _LAG)
    afferent = afferent_firing(filtered + _LEAD / _LAG * (pressure - filtered))
    now = (step, sympathetic_firing(afferent), vagal_firing(afferent))
    under_way = _recent((now, *state.under_way))
    arrived = {
        delay: _before(under_way, delay)[0]
        for delay in {nerve.delay for nerve in SYMPATHETIC.values()}
    }
    reached = tuple(
        _towards(value, nerve.ending(arrived[nerve.delay]), step / nerve.time_constant)
        for nerve, value in zip(SYMPATHETIC.values(), state.reached, strict=True)
    )
    ending = VAGUS.gain * _before(under_way, VAGUS.delay)[1]
    vagal = _towards(state.vagal, ending, step / VAGUS.time_constant)
    return replace(
        state, filtered=filtered, reached=reached, vagal=vagal, under_way=under_way
    )  # fmt: skip


def _towards(value: float, end: float, share: float) -> float:
    return end + (value - end) * math.exp(-share)


def _before(under_way: tuple[tuple[float, float, float], ...], delay: float) -> tuple[float, float]:
    """Firing of both nerves ``delay`` [s] ago."""
    age = 0.0
    for duration, sympathetic, vagal in under_way:
        age += duration
        if age > delay:
            return sympathetic, vagal
    return under_way[-1][1:]


def _recent(
    under_way: tuple[tuple[float, float, float], ...],
) -> tuple[tuple[float, float, float], ...]:
    """As much of the past as the longest delay needs."""
    longest = max(nerve.delay for nerve in SYMPATHETIC.values())
    age = 0.0
    for number, (duration, *_) in enumerate(under_way):
        age += duration
        if age > longest:
            return under_way[: number + 1]
    return under_way
