"""Where anchors are in a moving heart."""

from collections.abc import Callable, Sequence

import numpy as np

from organtwin.anatomy.anchor import SURFACE, TISSUE, Anchor
from organtwin.arrays import Float32Array, FloatArray
from organtwin.scene.motion import Motion, TissueMotion


def anchored(
    anchors: Sequence[Anchor], points: Float32Array, tissue: Callable[[], FloatArray | None]
) -> FloatArray:
    """``(n, 3)`` [m] places of anchors; NaN for those that hang on something absent."""
    places = np.full((len(anchors), 3), np.nan)
    needs_tissue = any(anchor.ground == TISSUE for anchor in anchors)
    nodes = tissue() if needs_tissue else None
    for row, anchor in zip(places, anchors, strict=True):
        ground = points if anchor.ground == SURFACE else nodes
        if ground is not None and anchor.fits(len(ground)):
            row[:] = anchor.place(ground)
    return places


def places_over_beat(
    motion: Motion, anchors: Sequence[Anchor], phases: Sequence[float]
) -> FloatArray:
    """``(n_phases, n_anchors, 3)`` [m] places of anchors at phases of a beat."""
    points = np.empty(motion.anatomy.surface.points.shape, dtype=np.float32)
    found = np.empty((len(phases), len(anchors), 3))
    for row, phase in zip(found, phases, strict=True):
        motion.surface_points(phase, points)

        def tissue(phase: float = phase) -> FloatArray | None:
            return motion.tissue_nodes(phase) if isinstance(motion, TissueMotion) else None

        row[:] = anchored(anchors, points, tissue)
    return found
