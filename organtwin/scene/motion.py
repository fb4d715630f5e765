"""What the scene asks of a moving heart; the mechanics provide it, tests fake it."""

from typing import Protocol

from organtwin.anatomy.mesh import Anatomy
from organtwin.arrays import Float32Array


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
