"""The conduction system in the picture: golden tubes that beat with the muscle they lie in.

Where walls hide them they are seen through these, faintly: a second drawing lies in front of
everything, as one sees the bones in a radiograph. Branches that excitation does not enter are grey
and broken into dashes.
"""

import numpy as np
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from organtwin.anatomy.strands import Strands
from organtwin.arrays import FloatArray, IntArray
from organtwin.scene.camera import clipping_plane
from organtwin.scene.colormaps import color_table
from organtwin.scene.fields import FIELDS, Color, Field
from organtwin.scene.kernels import ByteArray, paint
from organtwin.scene.material import give_tissue_shading, set_cut_color, show_through_walls
from organtwin.scene.meshes import mesh_of, paint_mesh, place
from organtwin.scene.motion import Motion, TissueMotion
from organtwin.scene.planes import Plane
from organtwin.scene.tubes import Tubes

BRANCH_COLORS: tuple[Color, ...] = (
    (196, 150, 84), (196, 150, 84),  # terminal crest, Bachmann's bundle
    (255, 224, 128), (255, 206, 76),  # AV node, His bundle
    (250, 178, 48), (255, 150, 40), (250, 190, 90), (236, 128, 30),  # left: trunk, LAF, LSF, LPF
    (246, 224, 96), (238, 232, 140), (214, 206, 80),  # right: trunk, moderator band, posterior
    (255, 224, 128),  # sinus node
)  # fmt: skip
"""In the order of the electrical model's branches, the sinus node last: gold, redder on the left
and greener on the right."""
BLOCKED_COLOR: Color = (150, 152, 156)
INSIDE_COLOR: Color = (214, 160, 60)
"""Of tubes that a cut opens."""
THROUGH = 0.45
"""Opacity of what is seen through the walls."""
DASH, GAP = 2, 1
"""Pieces of a line that are drawn and left out of a blocked branch: 4 mm and 2 mm."""
_BLOCKED_SLIMMER = 0.8


class Conduction:
    """Built when it is first wanted: tying it to the tissue takes half a second."""

    def __init__(self) -> None:
        self._strands: Strands | None = None
        self._tubes: Tubes | None = None
        self._mappers = vtkPolyDataMapper(), vtkPolyDataMapper()
        self.actors = [vtkActor(), vtkActor()]
        for actor, mapper in zip(self.actors, self._mappers, strict=True):
            actor.SetMapper(mapper)
            actor.VisibilityOff()
            give_tissue_shading(actor)
            set_cut_color(actor, INSIDE_COLOR)
        _, through = self.actors
        show_through_walls(through, THROUGH)

    @property
    def visible(self) -> bool:
        return bool(self.actors[0].GetVisibility())

    def show(self, strands: Strands | None, rest: FloatArray, field: Field | None) -> None:
        """Show a conduction system, tied to a tissue at ``rest`` ``(n_nodes, 3)`` [m], or none."""
        for actor in self.actors:
            actor.SetVisibility(strands is not None)
        if strands is None:
            return
        if strands is not self._strands:
            self._strands = strands
            self._tubes = _tubes(strands, rest)
            self._mesh = mesh_of(self._tubes.triangles)
            for mapper in self._mappers:
                mapper.SetInputData(self._mesh)
        self._paint(field)

    def move(self, motion: Motion, phase: float) -> None:
        """Go to ``phase``; a motion that does not move the tissue shows no tubes."""
        if not self.visible or self._strands is None or self._tubes is None:
            return
        if isinstance(motion, TissueMotion):
            place(self._mesh, *self._tubes.shape(self._strands.places(motion.tissue_nodes(phase))))

    def cut(self, plane: Plane | None) -> None:
        for mapper in self._mappers:
            mapper.RemoveAllClippingPlanes()
            if plane is not None:
                mapper.AddClippingPlane(clipping_plane(plane))

    def _paint(self, field: Field | None) -> None:
        if self._strands is not None and self._tubes is not None:
            paint_mesh(self._mesh, strand_colors(self._strands, self._tubes, field))


def strand_colors(strands: Strands, tubes: Tubes, field: Field | None) -> ByteArray:
    """Colours ``(n_vertices, 3)``: by arrival under the activation field, else by branch."""
    lines = _piece_lines(strands)[tubes.pieces]
    gold = np.array(BRANCH_COLORS, dtype=np.uint8)
    colors = gold[strands.branches[lines] % len(gold)]
    if field is FIELDS["activation"]:
        times = strands.times[tubes.owners].astype(np.float32)
        lit = np.ones(len(times), dtype=np.float32)
        blank = np.array(BLOCKED_COLOR, dtype=np.uint8)
        times[~np.isfinite(times)] = np.nan
        paint(times, field.low, field.high, color_table(field.table), blank, lit, colors)
    colors[strands.blocked[lines]] = BLOCKED_COLOR
    return colors


def pieces_of(line: IntArray, *, blocked: bool) -> list[IntArray]:
    """The line in one piece, or in dashes where it is blocked."""
    if not blocked or len(line) <= DASH + 1:
        return [line]
    starts = range(0, len(line) - 1, DASH + GAP)
    return [line[start : start + DASH + 1] for start in starts]


def _piece_lines(strands: Strands) -> IntArray:
    """Which line each piece belongs to."""
    counts = [
        len(pieces_of(line, blocked=bool(blocked)))
        for line, blocked in zip(strands.lines, strands.blocked, strict=True)
    ]
    return np.repeat(np.arange(len(counts)), counts)


def _tubes(strands: Strands, rest: FloatArray) -> Tubes:
    pieces, radii = [], []
    for line, blocked, own in zip(strands.lines, strands.blocked, strands.radii, strict=True):
        thick = dict(zip(line.tolist(), own.tolist(), strict=True))
        for piece in pieces_of(line, blocked=bool(blocked)):
            pieces.append(piece)
            width = np.array([thick[point] for point in piece.tolist()])
            radii.append(_BLOCKED_SLIMMER * width if blocked else width)
    return Tubes(pieces, radii, strands.places(rest))
