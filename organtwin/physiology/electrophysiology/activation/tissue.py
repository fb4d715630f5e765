"""The conducting part of a heart: ventricular and atrial muscle, insulated from each other.

Muscle of the ventricles (LV, septum, RV, papillary muscles) and of the atria (LA, RA) are two parts
of one mesh. Nodes where they touch are doubled, so that no path through tissue leads from one to
the other: the fibrous skeleton of the heart, which only the atrioventricular bundle and accessory
pathways cross. Vessels, fat and valves do not conduct and are left out, and so are crumbs that hang
on nothing. Any anatomy with an architecture will do: the template, a heart from labels or from
contours, two ventricles alone, an LV alone.

Verified by ``tests/physiology/electrophysiology/test_electric_tissue.py``.
"""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from organtwin.anatomy.laplace import unit
from organtwin.anatomy.mesh import Anatomy, Architecture, Boundary, Tissue
from organtwin.anatomy.outer_faces import matched, outer_faces
from organtwin.anatomy.regions import Border, Cavity, Region
from organtwin.anatomy.simplices import parts_of
from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.errors import InputError

Indices = NDArray[np.integer]

VENTRICLES = (Region.LV, Region.SEPTUM, Region.RV, Region.PAPILLARY_MUSCLE)
ATRIA = (Region.LA, Region.RA)

_CRUMB = 0.02
"""A connected part of fewer nodes than this share of its side conducts to nothing and is left out;
the atria of a heart may be two parts, one of which can be small."""

GROOVE_ABOVE, GROOVE_BEYOND, GROOVE_SHARE = 0.75, 8e-3, 0.75
"""Labels fill the groove around annuli and great arteries with ventricle; in life it holds fat and
fibrous tissue. It is what lies above this apicobasal coordinate, farther than this from ventricular
blood [m], and nearer than this share of that to other blood. On the template 16 of 234 mL, up to
27 mm from the endocardium; as muscle it would be excited 20 ms after the true base."""

_CHAMBER_OF = {
    Border.LV_BLOOD: Cavity.LV, Border.RV_BLOOD: Cavity.RV,
    Border.LA_BLOOD: Cavity.LA, Border.RA_BLOOD: Cavity.RA,
}  # fmt: skip


class Health(IntEnum):
    """What has become of a piece of muscle."""

    HEALTHY = 0
    BORDER_ZONE = 1
    SCAR = 2


@dataclass(frozen=True, eq=False, slots=True)
class ElectricTissue:
    """Tetrahedra that conduct, their fibres, and where they lie.

    ``nodes`` ``(n_nodes, 3)`` [m], those of the ventricles first, ``n_ventricular`` of them;
    ``tets`` ``(n_tets, 4)``; ``fibers``, ``sheets`` ``(n_tets, 3)`` unit and square to each other;
    ``regions``, ``segments``, ``health`` ``(n_tets,)`` values of ``Region``, ``Segment``,
    ``Health``. Per node, as in ``Architecture``, NaN in the atria: ``apicobasal``, ``transmural``,
    ``rotational``, ``right``. Endocardium: ``faces`` ``(n_faces, 3)``, ``chambers`` ``(n_faces,)``
    values of ``Cavity``. ``mouths`` ``(k,)``: nodes of the atria where veins begin or the mesh is
    cut. ``nodes_of_anatomy`` ``(n_nodes,)`` and ``tets_of_anatomy`` ``(n_tets,)``: where each lies
    in the tissue it was taken from.
    """

    nodes: FloatArray
    tets: IntArray
    regions: IntArray
    segments: IntArray
    health: IntArray
    fibers: FloatArray
    sheets: FloatArray
    apicobasal: FloatArray
    transmural: FloatArray
    rotational: FloatArray
    right: FloatArray
    faces: IntArray
    chambers: IntArray
    mouths: IntArray
    n_ventricular: int
    nodes_of_anatomy: IntArray
    tets_of_anatomy: IntArray

    @property
    def ventricular(self) -> BoolArray:
        """Which tetrahedra ``(n_tets,)`` belong to the ventricles."""
        return np.asarray(self.tets[:, 0] < self.n_ventricular)

    def touching(self, *regions: Region) -> Indices:
        """Nodes of the tetrahedra of some regions."""
        return np.unique(self.tets[np.isin(self.regions, regions)])

    def endocardium(self, chamber: Cavity) -> IntArray:
        """Faces ``(k, 3)`` of one chamber's endocardium."""
        return np.asarray(self.faces[self.chambers == chamber])

    def volumes(self) -> FloatArray:
        """Volume ``(n_tets,)`` [m3] of each tetrahedron."""
        corners = self.nodes[self.tets]
        return np.asarray(np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6.0)

    def with_health(self, health: IntArray) -> "ElectricTissue":
        """The same tissue with other ``health`` ``(n_tets,)``, e.g. a scar drawn on an image.

        Raises
        ------
        ValueError
            The number of values is not that of the tetrahedra.
        """
        if health.shape != (len(self.tets),):
            raise ValueError(f"{len(self.tets)} tetrahedra, health of shape {health.shape}")
        return replace(self, health=np.asarray(health, np.int32))

    def on_anatomy(self, values: FloatArray, n_nodes: int) -> FloatArray:
        """Values ``(n_nodes,)`` of nodes on those of the anatomy; NaN where nothing conducts.

        A place that both sides share takes the value of the ventricles.
        """
        field = np.full(n_nodes, np.nan)
        field[self.nodes_of_anatomy[::-1]] = values[: len(self.nodes)][::-1]
        return field


def electric_tissue(anatomy: Anatomy) -> ElectricTissue:
    """Take the conducting part out of a heart.

    Raises
    ------
    InputError
        The heart has no borders or fibres, or no ventricular muscle.
    """
    if anatomy.boundary is None or anatomy.architecture is None:
        raise InputError(
            anatomy.name, "architecture", expected="borders, coordinates and fibres", got="none",
            remedy="Build the heart from labels, contours or the template.",
        )  # fmt: skip
    return conducting_part(anatomy.tissue, anatomy.boundary, anatomy.architecture)


def conducting_part(
    tissue: Tissue, boundary: Boundary, architecture: Architecture
) -> ElectricTissue:
    """Take the conducting part out of a tissue mesh; see ``electric_tissue``."""
    fibrous = np.linalg.norm(architecture.fibers, axis=1) > 0.5
    muscle = np.isin(tissue.regions, VENTRICLES) & fibrous
    below = _kept(tissue, muscle & ~_groove(tissue, boundary, architecture, muscle))
    above = _kept(tissue, np.isin(tissue.regions, ATRIA) & fibrous)
    if len(below) == 0:
        raise InputError(
            "heart mesh", "regions", expected="elements of LV, septum or RV", got="none",
            remedy="Label the tissue, then try again.",
        )  # fmt: skip
    tets = np.concatenate([below, above])
    low, low_tets = np.unique(tissue.tets[below], return_inverse=True)
    high, high_tets = np.unique(tissue.tets[above], return_inverse=True)
    numbered = np.concatenate([low_tets.reshape(-1, 4), high_tets.reshape(-1, 4) + len(low)])
    origin = np.concatenate([low, high]).astype(np.int32)
    faces, chambers = _endocardium(tissue, boundary, tets, numbered, len(below))
    fibers, sheets = _directions(architecture, tets)
    return ElectricTissue(
        nodes=tissue.nodes[origin],
        tets=numbered.astype(np.int32),
        regions=tissue.regions[tets].astype(np.int32),
        segments=architecture.segments[tets].astype(np.int32),
        health=np.zeros(len(tets), np.int32),
        fibers=fibers,
        sheets=sheets,
        **_coordinates(architecture, tissue.nodes, low, len(high)),
        faces=faces,
        chambers=chambers,
        mouths=_mouths(tissue, boundary, high, len(low)),
        n_ventricular=len(low),
        nodes_of_anatomy=origin,
        tets_of_anatomy=tets.astype(np.int32),
    )


def _directions(architecture: Architecture, tets: Indices) -> tuple[FloatArray, FloatArray]:
    """Fibres and sheets of some elements, exactly unit and square to each other."""
    fibers = unit(architecture.fibers[tets].astype(np.float64))
    sheets = architecture.sheets[tets].astype(np.float64)
    return fibers, unit(sheets - np.sum(sheets * fibers, axis=1, keepdims=True) * fibers)


def _groove(
    tissue: Tissue, boundary: Boundary, architecture: Architecture, muscle: BoolArray
) -> BoolArray:
    """Elements labelled ventricle that lie around an atrium or a great artery."""
    groove = np.zeros(len(tissue.tets), np.bool_)
    level = architecture.apicobasal[tissue.tets].mean(axis=1)
    high = np.flatnonzero(muscle & (level > GROOVE_ABOVE))
    middles = tissue.nodes[boundary.faces].mean(axis=1)
    own = np.isin(boundary.borders, (Border.LV_BLOOD, Border.RV_BLOOD))
    other = np.isin(boundary.borders, (Border.LA_BLOOD, Border.RA_BLOOD, Border.VESSEL_BLOOD))
    if len(high) == 0 or not own.any() or not other.any():
        return groove
    at = tissue.nodes[tissue.tets[high]].mean(axis=1)
    far, near = (cKDTree(middles[kind]).query(at)[0] for kind in (own, other))
    groove[high] = (far > GROOVE_BEYOND) & (near < GROOVE_SHARE * far)
    return groove


def _kept(tissue: Tissue, wanted: BoolArray) -> Indices:
    """Elements of one side, without crumbs."""
    tets = np.flatnonzero(wanted)
    if len(tets) == 0:
        return tets
    nodes, numbered = np.unique(tissue.tets[tets], return_inverse=True)
    numbered = numbered.reshape(-1, 4)
    part = parts_of(numbered.astype(np.int32), len(nodes))
    size = np.bincount(part)
    return np.asarray(tets[size[part[numbered[:, 0]]] > _CRUMB * len(nodes)])


def _endocardium(
    tissue: Tissue, boundary: Boundary, tets: Indices, numbered: Indices, n_below: int
) -> tuple[IntArray, IntArray]:
    """Faces between a side and the blood of its own chambers."""
    found, kinds = [], []
    for part, borders in (
        (slice(0, n_below), (Border.LV_BLOOD, Border.RV_BLOOD)),
        (slice(n_below, None), (Border.LA_BLOOD, Border.RA_BLOOD)),
    ):
        faces, owners = outer_faces(tissue.tets[tets[part]])
        row, known = matched(faces, boundary.faces)
        border = np.where(known, boundary.borders[np.where(known, row, 0)], Border.OUTSIDE)
        own = np.isin(border, borders)
        if not own.any():
            continue
        corners = tissue.tets[tets[part]][owners[own]]
        place = np.argmax(corners[:, None, :] == faces[own][:, :, None], axis=2)
        found.append(np.take_along_axis(numbered[part][owners[own]], place, axis=1))
        kinds.append(np.array([_CHAMBER_OF[Border(b)] for b in border[own]]))
    if not found:
        return np.zeros((0, 3), np.int32), np.zeros(0, np.int32)
    return np.concatenate(found).astype(np.int32), np.concatenate(kinds).astype(np.int32)


def _mouths(tissue: Tissue, boundary: Boundary, high: Indices, n_below: int) -> IntArray:
    """Nodes of the atria on veins or on the end of the mesh."""
    veins = tissue.tets[np.isin(tissue.regions, (Region.SYSTEMIC_VEIN, Region.PULMONARY_VEIN))]
    cut = boundary.faces[boundary.borders == Border.CUT]
    beyond = np.concatenate([veins.ravel(), cut.ravel()])
    return (np.flatnonzero(np.isin(high, beyond)) + n_below).astype(np.int32)


def _coordinates(
    architecture: Architecture, places: FloatArray, low: Indices, n_above: int
) -> dict[str, FloatArray]:
    """Coordinates of all nodes; papillary muscles take those of the nearest wall."""
    known = np.isfinite(architecture.apicobasal[low])
    source = low.copy()
    if not known.all():
        _, nearest = cKDTree(places[low[known]]).query(places[low[~known]])
        source[~known] = low[known][nearest]
    return {
        name: np.concatenate(
            [getattr(architecture, name)[source].astype(np.float64), np.full(n_above, np.nan)]
        )
        for name in ("apicobasal", "transmural", "rotational", "right")
    }
