"""The architecture of any heart from its tissue and the borders of its faces alone."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from organtwin.anatomy.atrial_fibers import atrial_frames
from organtwin.anatomy.coordinates import Coordinates, Landmarks, ventricular_coordinates
from organtwin.anatomy.fiber_frames import axis_frames
from organtwin.anatomy.fibers import FiberAngles, ventricular_frames
from organtwin.anatomy.laplace import unit
from organtwin.anatomy.mesh import Architecture, Boundary, Tissue
from organtwin.anatomy.regions import Region, Segment
from organtwin.anatomy.segments import segments
from organtwin.anatomy.ventricles import WALLS, Ventricles, ventricles
from organtwin.arrays import Float32Array, FloatArray, IntArray

Indices = NDArray[np.integer]

_ATRIA = {Region.LA: Segment.LEFT_ATRIUM, Region.RA: Segment.RIGHT_ATRIUM}


def architecture(
    tissue: Tissue,
    boundary: Boundary,
    *,
    landmarks: Landmarks | None = None,
    angles: FiberAngles | None = None,
) -> Architecture:
    """Coordinates, segments and fibres of a heart with at least an LV.

    Works on an LV alone, two ventricles with a cut base, or the whole heart; the numbering of nodes
    and elements does not matter. Ventricular elements need not be told apart (``ventricles``).
    Papillary muscles run along the long axis and have no coordinates; vessels have no fibres.

    Raises
    ------
    InputError
        The mesh does not show an LV cavity, an epicardium or a base.
    """
    muscle = ventricles(tissue, boundary)
    coordinates = ventricular_coordinates(muscle, landmarks or Landmarks())
    frames = np.zeros((len(tissue.tets), 3, 3))
    frames[muscle.tets] = ventricular_frames(muscle, coordinates, angles or FiberAngles())
    parts = np.full(len(tissue.tets), Segment.NONE, np.int32)
    parts[muscle.tets] = segments(muscle, coordinates)
    for chamber, segment in _ATRIA.items():
        tets, own = atrial_frames(tissue, boundary, chamber)
        frames[tets] = own
        parts[tets] = segment
    _mend(tissue, frames)
    papillary = tissue.regions == Region.PAPILLARY_MUSCLE
    frames[papillary] = _papillary_frame(coordinates)
    return _joined(tissue, muscle, coordinates, frames, parts)


def _mend(tissue: Tissue, frames: FloatArray) -> None:
    """Give elements of muscle whose frame is not defined that of their nearest neighbour.

    On the template 19 of 84 000, where the ways along and outward are parallel or undefined.
    """
    muscle = np.isin(tissue.regions, (*WALLS, *_ATRIA))
    known = np.abs(np.linalg.det(frames)) > 0.5
    if not known.any():
        return
    middles = tissue.nodes[tissue.tets].mean(axis=1)
    wrong = muscle & ~known
    _, nearest = cKDTree(middles[known]).query(middles[wrong])
    frames[wrong] = frames[known][nearest]


def _papillary_frame(coordinates: Coordinates) -> FloatArray:
    axis = coordinates.axis
    frame = axis_frames(axis.septal[None], axis.anterior[None])[0]
    return np.asarray(frame)


def _joined(
    tissue: Tissue,
    muscle: Ventricles,
    coordinates: Coordinates,
    frames: FloatArray,
    parts: IntArray,
) -> Architecture:
    def everywhere(values: NDArray[np.generic]) -> Float32Array:
        field = np.full(len(tissue.nodes), np.nan, np.float32)
        field[muscle.nodes] = values
        return field

    return Architecture(
        everywhere(coordinates.apicobasal),
        everywhere(coordinates.transmural),
        everywhere(coordinates.rotational),
        everywhere(coordinates.right),
        unit(frames[:, :, 0]).astype(np.float32),
        unit(frames[:, :, 2]).astype(np.float32),
        parts,
    )
