"""The baroreflex of one patient: beats whose rate, force, resistance and filling answer pressure.

The published loop is moved along the pressure axis until the patient's untreated mean pressure is
its set point, so the fitted heart is in equilibrium with it; conditions may reset it to a higher
pressure (``Conditions.reflex_reset``). Each effector keeps the shape and the
relative range of its published curve:

    rate           f/f_0 = T_0/T        contractility  S/S_0 = E/E_0
    resistance     R/R_0                blood volume   V/V_0 = 1 - c (V_u - V_u0)/(G_sv + G_ev)

index 0 at the set point, c ``VOLUME_PER_UNIT``. A gain g of the patient's state takes each ratio r
to 1 + g (r - 1). Blood that leaves the unstressed veins joins the blood of the model, which has
only stressed vessels. Verified in tests/simulation/test_reflex.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from organtwin.physiology.heart import HeartState
from organtwin.simulation.baroreflex import (
    SET_POINT,
    SYMPATHETIC,
    NervousState,
    Tone,
    followed,
    resting_nerves,
    steady_tone,
)
from organtwin.simulation.beat import Beat, Solution
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.sac import within_sac
from organtwin.simulation.simulator import Periodicity, beats, to_steady_state
from organtwin.units import MMHG

EFFECTORS = ("heart_rate", "contractility", "systemic_resistance", "blood_volume")
VOLUME_PER_UNIT = 0.115
"""Share of the blood of the model that one unit of venous tone moves. In the published circulation
398 mL per unit on a compliance of 220 mL/mmHg (sum of its table, ventricles at 5 mmHg) raise the
filling pressure by 1.8 mmHg; in the default heart with its muscle at rest, that takes 98 of 854 mL
(54 mL/mmHg, measured between 769 and 940 mL)."""
FAILING_GAIN = 0.25
"""Of rate and contractility in chronic heart failure. For the rate: Akhtar 1975, +7 % under
dobutamine where a normal heart answers with four times as much; for contractility assumed alike,
as both act through the same receptors."""
ANAESTHETISED_GAIN = 0.5
"""Of every effector under general anaesthesia. In dogs with empty carotid sinuses the pressure rose
by 48 % before and 19 % under pentobarbital, 58 and 32 % under chloralose, 44 and 21 % under
halothane (Influence of anesthesia on the response to carotid hypotension in dogs), which leaves
0.40, 0.55 and 0.48."""
SETTLING_SHARE = 0.25
"""Of the way to the steady tone that ``settled_beats`` goes per beat: above 0.4 the loop rings."""
_WALLS = tuple(f"{wall}_active_stress" for wall in ("la", "ra", "lv", "septum", "rv"))


@dataclass(frozen=True, slots=True)
class ReflexGain:
    """How much of the normal answer of each effector there is: 1 normal, 0 none."""

    heart_rate: float = 1.0
    contractility: float = 1.0
    systemic_resistance: float = 1.0
    blood_volume: float = 1.0


def reflex_gain(conditions: Conditions) -> ReflexGain:
    """The gain in a patient's state, without the shares of it that are held."""
    cardiac = FAILING_GAIN if conditions.chronic_heart_failure else 1.0
    if conditions.transplanted:
        cardiac = 0.0
    gains = {
        "heart_rate": 0.0 if conditions.paced else cardiac,
        "contractility": cardiac,
        "systemic_resistance": 1.0,
        "blood_volume": 1.0,
    }
    left = ANAESTHETISED_GAIN if conditions.anaesthetised else 1.0
    return ReflexGain(**{
        name: left * gain * (1.0 - conditions.reflex_held.get(name, 0.0))
        for name, gain in gains.items()
    })  # fmt: skip


_NORMAL = steady_tone(SET_POINT)


def reflex_factors(tone: Tone, gain: ReflexGain) -> dict[str, float]:
    """What each parameter of the heart is multiplied by."""
    moved = _NORMAL.unstressed_volume - tone.unstressed_volume
    per_unit = -SYMPATHETIC["splanchnic_volume"].gain - SYMPATHETIC["other_volume"].gain

    def scaled(share: float, ratio: float) -> float:
        return 1.0 + share * (ratio - 1.0)

    force = scaled(gain.contractility, tone.elastance / _NORMAL.elastance)
    return {
        "heart_rate": scaled(gain.heart_rate, _NORMAL.period / tone.period),
        "systemic_resistance": scaled(
            gain.systemic_resistance, tone.resistance / _NORMAL.resistance
        ),
        "blood_volume": 1.0 + gain.blood_volume * VOLUME_PER_UNIT * moved / per_unit,
        **dict.fromkeys(_WALLS, force),
    }


@dataclass(frozen=True, slots=True)
class Reflex:
    """The loop of one patient: ``set_point`` is the untreated mean arterial pressure [Pa]."""

    set_point: float

    def sensed(self, pressure: float, conditions: Conditions) -> float:
        """A mean arterial pressure [Pa] as the published loop sees it [mmHg]."""
        return SET_POINT + (pressure - self.set_point - conditions.reflex_reset) / MMHG

    def resting(self) -> NervousState:
        return resting_nerves(SET_POINT)

    def followed(self, nerves: NervousState, beat: Beat, conditions: Conditions) -> NervousState:
        """The nerves after a beat under conditions."""
        return followed(nerves, self.sensed(mean_pressure(beat), conditions), beat.duration)

    def acting(self, conditions: Conditions, tone: Tone) -> Conditions:
        """Conditions under a tone.

        Raises
        ------
        ParameterError
            The reflex leads out of the range of the model.
        """
        return conditions.scaled(**reflex_factors(tone, reflex_gain(conditions)))


def reflex_of(beat: Beat) -> Reflex:
    """The loop that is in equilibrium with a beat."""
    return Reflex(mean_pressure(beat))


def mean_pressure(beat: Beat) -> float:
    """Mean pressure [Pa] at the aortic root, which stands for the carotid sinus."""
    return float(beat.traces["aortic_pressure"].mean())


@dataclass(frozen=True, eq=False, slots=True)
class ReflexBeat:
    """One beat, the conditions it was run under, and the nerves after it."""

    beat: Beat
    conditions: Conditions
    nerves: NervousState


def reflex_beats(
    conditions: Conditions,
    reflex: Reflex,
    start: HeartState | None = None,
    nerves: NervousState | None = None,
) -> Iterator[ReflexBeat]:
    """Beat after beat in the time course of the reflex.

    ``conditions`` are those without the reflex, e.g. under a therapy.

    Raises
    ------
    SimulationStopped
        The heart failed.
    ParameterError
        The reflex leads out of the range of the model.
    """
    nerves = reflex.resting() if nerves is None else nerves
    while True:
        acting = reflex.acting(conditions, nerves.tone)
        beat = next(beats(acting, start))
        start = beat.end_state
        nerves = reflex.followed(nerves, beat, conditions)
        yield ReflexBeat(beat, acting, nerves)


def settled_beats(
    conditions: Conditions, reflex: Reflex, start: HeartState | None = None
) -> Iterator[ReflexBeat]:
    """Beats on a short way to the state in which ``reflex_beats`` ends, not in its time course.

    The tone is always one of a constant pressure, which follows the beats without delay.

    Raises
    ------
    SimulationStopped, ParameterError
        As ``reflex_beats``.
    """
    sensed = SET_POINT
    while True:
        nerves = resting_nerves(sensed)
        acting = reflex.acting(conditions, nerves.tone)
        beat = next(beats(acting, start))
        start = beat.end_state
        wanted = reflex.sensed(mean_pressure(beat), conditions)
        sensed += SETTLING_SHARE * (wanted - sensed)
        yield ReflexBeat(beat, acting, nerves)


def steady_under(
    conditions: Conditions, untreated: Beat, rule: Periodicity, *, otherwise: Beat | None = None
) -> tuple[Solution | None, Conditions]:
    """Steady state under conditions, with the reflex where they have it on.

    Parameters
    ----------
    untreated
        The patient's beat without treatment: where the run starts, and the set point of the reflex.
    otherwise
        The beat to report when not even one could be run.

    Returns
    -------
    The solution, None when not even one beat could be run and there is no other, and the
    conditions of its beat.

    Raises
    ------
    ParameterError
        The reflex leads out of the range of the model.
    """
    conditions = within_sac(conditions, untreated)
    if not conditions.reflex:
        plain = beats(conditions, untreated.end_state)
        return to_steady_state(plain, rule, otherwise=otherwise), conditions
    reached = [conditions]

    def run() -> Iterator[Beat]:
        for step in settled_beats(conditions, reflex_of(untreated), untreated.end_state):
            reached[0] = step.conditions
            yield step.beat

    return to_steady_state(run(), rule, otherwise=otherwise), reached[0]
