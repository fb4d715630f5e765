"""What a geometry file holds, before anything is made of it: patient axes (LPS), metres."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from organtwin.anatomy.finding import Findings
from organtwin.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class LabelImage:
    """A segmentation as it lies in its file.

    ``values`` ``(nx, ny, nz)`` are the file's own numbers; ``affine`` ``(4, 4)`` leads from voxel
    indices to LPS [m]; ``names`` are those the file gives to its values.
    """

    values: IntArray
    affine: FloatArray
    source: str
    names: Mapping[int, str] = field(default_factory=dict)
    findings: Findings = ()


@dataclass(frozen=True, eq=False)
class SurfaceFile:
    """Triangles: ``points`` ``(n, 3)`` [m], ``triangles`` ``(m, 3)``.

    ``part`` is the file's name without its extension; ``unit`` the unit its numbers were taken
    to be in, ``orientation`` the axes.
    """

    points: FloatArray
    triangles: IntArray
    source: str
    part: str
    unit: str = "m"
    orientation: str = "LPS"
    findings: Findings = ()


@dataclass(frozen=True, eq=False)
class TetFile:
    """Tetrahedra: ``points`` ``(n, 3)`` [m], ``tets`` ``(m, 4)``, and surface triangles if any.

    Fields are arrays whose first axis is the point, the tetrahedron or the triangle; vectors are
    turned to patient axes with the points, values keep the unit of the file.
    """

    points: FloatArray
    tets: IntArray
    point_fields: Mapping[str, FloatArray]
    cell_fields: Mapping[str, FloatArray]
    source: str
    triangles: IntArray
    triangle_fields: Mapping[str, FloatArray]
    unit: str = "m"
    orientation: str = "LPS"
    findings: Findings = ()


@dataclass(frozen=True, eq=False)
class ContourSet:
    """Points on borders of the heart, drawn on image slices at one time of the beat.

    ``points`` ``(n, 3)`` [m]; ``labels`` ``(n,)`` names of the border as the file gives them;
    ``slices`` ``(n,)`` number of the image slice; ``weights`` ``(n,)`` trust; ``frame`` the image
    of the series, counted by the file.
    """

    points: FloatArray
    labels: tuple[str, ...]
    slices: IntArray
    weights: FloatArray
    frame: int
    source: str
    unit: str = "m"
    orientation: str = "LPS"
    findings: Findings = ()
