"""What the scene asks of a moving heart; the mechanics provide it, tests fake it."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity
from organtwin.arrays import Float32Array, FloatArray

if TYPE_CHECKING:  # tying strands takes SciPy, which the window does not wait for
    from organtwin.anatomy.strands import Strands
    from organtwin.anatomy.surroundings import Surroundings


@runtime_checkable
class Motion(Protocol):
    """One beat of one heart, readable at any phase in [0, 1).

    Call order: any; each call overwrites ``out`` completely. Phase 0 is the start of the beat.
    """

    @property
    def duration(self) -> float:
        """Cycle length [s]."""
        ...

    @property
    def anatomy(self) -> Anatomy: ...

    def surface_points(self, phase: float, out: Float32Array) -> None:
        """Write the drawn surface, ``(n_points, 3)`` [m]."""
        ...

    def surface_field(self, name: str, phase: float, out: Float32Array) -> None:
        """Write "strain" [-] or "activation" [s], ``(n_points,)``, NaN where there is no muscle."""
        ...


@runtime_checkable
class TissueMotion(Protocol):
    """A motion that moves the tissue too: cut faces then carry regions and values."""

    def tissue_nodes(self, phase: float) -> FloatArray:
        """Nodes of the tissue mesh, ``(n_nodes, 3)`` [m]."""
        ...


@runtime_checkable
class CavityMotion(Protocol):
    """A motion that moves the cavities too: the blood can then be shown."""

    def cavity_points(self, cavity: Cavity, phase: float) -> FloatArray:
        """Points of one cavity's closed surface, ``(n, 3)`` [m]."""
        ...


@runtime_checkable
class ValveMotion(Protocol):
    """A motion that knows when its valves are open."""

    def valve_openings(self, phase: float) -> FloatArray:
        """How far each ``Valve`` is open ``(4,)``, 0 closed to 1 open."""
        ...


@runtime_checkable
class SacMotion(Protocol):
    """A motion that moves the pericardium of its anatomy, if that has one."""

    def sac_points(self, phase: float) -> FloatArray:
        """Points of the pericardium, ``(n, 3)`` [m]."""
        ...


class Drawing(Protocol):
    """What an electrical model shows besides colours; made when it is first read."""

    @property
    def strands(self) -> "Strands":
        """The conduction system, tied to the tissue."""
        ...

    @property
    def surroundings(self) -> "Surroundings":
        """The body and its electrodes, in the frame of the motion."""
        ...


@runtime_checkable
class Drawn(Protocol):
    """Electrics with a model behind them."""

    @property
    def drawing(self) -> Drawing | None: ...


def drawing_of(motion: Motion) -> Drawing | None:
    """The electrical model behind a motion; None without one, or before it was computed."""
    electrics = getattr(motion, "electrics", None)
    return electrics.drawing if isinstance(electrics, Drawn) else None
