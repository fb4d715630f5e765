"""What a beat is simulated under: parameters, and how the excitation spreads."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from organtwin.parameters.sets import ParameterSet
from organtwin.physiology.electrophysiology.conduction import conduction_pattern
from organtwin.physiology.heart import default_parameters
from organtwin.physiology.interface import Activation, PatchLayout
from organtwin.physiology.scar import Scar
from organtwin.simulation.pacing import Mode


def _normal_conduction() -> Activation:
    return conduction_pattern("normal", PatchLayout())


@dataclass(frozen=True, eq=False, slots=True)
class Excitation:
    """A computed excitation: ``activation`` of the patches, ``pr_interval`` [s].

    ``mode`` tells how a pacemaker makes it, off where none does, and ``av`` its AV delay [s].
    """

    activation: Activation
    pr_interval: float
    mode: Mode = Mode.OFF
    av: float | None = None


@dataclass(frozen=True)
class Conditions:
    """Everything that determines the steady beat. A therapy turns one into another.

    Three facts do not change the beat but tell therapies what they meet: ``chronic_heart_failure``,
    that the receptors are those of a failing heart, ``preserved_heart_failure``, that a heart fails
    which ejects well, and ``paced``, that a pacemaker sets the rate.

    ``reflex``: whether the baroreflex answers (``simulation.reflex``); a therapy with an acute
    effect turns it on. ``reflex_held``: by effector, the share of its answer that is left out
    then, because what was measured there already contains it. ``reflex_reset`` [Pa]: how much
    higher than at rest the pressure is that it defends, as in exercise. ``transplanted``: no nerve
    reaches the heart. ``anaesthetised``: general anaesthesia blunts the reflex.
    """

    parameters: ParameterSet = field(default_factory=default_parameters)
    activation: Activation = field(default_factory=_normal_conduction)
    chronic_heart_failure: bool = False
    preserved_heart_failure: bool = False
    paced: bool = False
    transplanted: bool = False
    anaesthetised: bool = False
    reflex: bool = False
    reflex_reset: float = 0.0
    reflex_held: Mapping[str, float] = field(default_factory=dict, hash=False)
    tight_sac: bool = False
    """Whether the sac keeps the size that the untreated heart gave it (``simulation.sac``)."""
    scar: Scar | None = None
    """What dead muscle does to the patches; none in a heart without."""

    def excited(self, activation: Activation, pr_interval: float | None = None) -> "Conditions":
        """The same with another excitation of the ventricles, e.g. the patient's own.

        ``pr_interval`` [s], from the sinus impulse to the first excitation of the ventricles, where
        that is known too (``ActivationMap.ventricular_onset``).

        Raises
        ------
        ParameterError
            The interval is a larger or smaller share of the cycle than the heart model covers.
        """
        changed = replace(self, activation=activation)
        if pr_interval is None:
            return changed
        rate = self.parameters["heart_rate"]
        return changed.with_parameters(av_delay_fraction=pr_interval * rate)

    def with_parameters(self, **changes: float) -> "Conditions":
        """The same with some parameters (SI) replaced."""
        return replace(self, parameters=self.parameters.replace(**changes))

    def scaled(self, **factors: float) -> "Conditions":
        """The same with some parameters multiplied."""
        return replace(self, parameters=self.parameters.scaled(**factors))
