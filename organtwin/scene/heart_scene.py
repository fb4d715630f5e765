"""The beating heart on a renderer: built once per anatomy, overwritten in place for every frame."""

from collections.abc import Sequence

import numpy as np
import vtkmodules.vtkRenderingFreeType  # registers the text renderer
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  registers the OpenGL classes
from vtkmodules.vtkRenderingCore import vtkActor, vtkRenderer

from organtwin.anatomy.anchor import Anchor
from organtwin.anatomy.marking import Marking
from organtwin.anatomy.mesh import Anatomy
from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.scene.anchoring import anchored
from organtwin.scene.blood import Blood
from organtwin.scene.camera import CameraState, View, apply, bounding_sphere, preset_view
from organtwin.scene.electric_parts import ElectricParts
from organtwin.scene.fibers import Fibers
from organtwin.scene.fields import HELIX, REGION, Levels, field
from organtwin.scene.ghost import Ghost
from organtwin.scene.implant_parts import ImplantParts
from organtwin.scene.layers import (
    BLOOD,
    FIBERS,
    HIDDEN_AT_FIRST,
    INSTEAD_OF_WALLS,
    PERICARDIUM,
    Layer,
    offered,
)
from organtwin.scene.lines import LineActor
from organtwin.scene.marking_overlay import MarkingOverlay
from organtwin.scene.motion import Motion, TissueMotion, drawing_of
from organtwin.scene.occlusion import smoothed
from organtwin.scene.overlay import Overlay
from organtwin.scene.planes import FREE, Plane, Section, across, facing, section
from organtwin.scene.probing import Finding, find, line_of_sight, named
from organtwin.scene.sac import Sac
from organtwin.scene.surface_actor import SurfaceActor
from organtwin.scene.surface_segments import surface_segments
from organtwin.scene.theme import DARK, Theme
from organtwin.therapy.implants import Implant

ANOTHER_PLACE = 0.15
"""Share of its radius by which a heart must lie or measure differently to be another: no dose moves
or swells the whole heart with its vessels by so much."""
LINE_CAPACITY = 30_000
SEGMENT_CAPACITY = 4_000
BORDER_PASSES = 4
"""Averages over neighbours that round off the outline of a segment."""
_ONE_BORDER = Levels(spacing=1.0, steepest=2.0)
CUT_LINE_COLOR, LEVEL_COLOR = (62, 26, 26), (22, 30, 42)


class HeartScene:
    """Draws one motion, optionally with the outline of another; never renders by itself.

    All methods belong on the thread that renders. ``close`` must be called before the renderer's
    window goes.
    """

    def __init__(self, renderer: vtkRenderer, theme: Theme = DARK) -> None:
        self._renderer = renderer
        self._surface: SurfaceActor | None = None
        self._motion: Motion | None = None
        self._ghost: Ghost | None = None
        self._phase = 0.0
        self._field = field(REGION)
        self._plane: Plane | None = None
        self._blood: Blood | None = None
        self._fibers: Fibers | None = None
        self._sac: Sac | None = None
        self._hidden = HIDDEN_AT_FIRST
        self._centre, self._radius = np.zeros(3), 0.1
        self._ghost_lines = LineActor(LINE_CAPACITY)
        self._cut_lines = LineActor(LINE_CAPACITY)
        self._level_lines = LineActor(LINE_CAPACITY)
        self._segment_lines = LineActor(SEGMENT_CAPACITY)
        self._segments: IntArray | None = None
        self._inside_segment: Float32Array = np.zeros(0, dtype=np.float32)
        for lines in self._lines:
            renderer.AddActor(lines.actor)
        self._electric = ElectricParts(renderer)
        self._planned = ImplantParts(renderer)
        self._overlay = Overlay(renderer)
        self._markings: MarkingOverlay | None = None
        self._observer = renderer.AddObserver("StartEvent", self._before_render)
        self.set_theme(theme)

    @property
    def _lines(self) -> tuple[LineActor, ...]:
        return self._ghost_lines, self._cut_lines, self._level_lines, self._segment_lines

    @property
    def phase(self) -> float:
        return self._phase

    @property
    def field(self) -> str:
        return REGION if self._field is None else self._field.name

    @property
    def plane(self) -> Plane | None:
        return self._plane

    def show(self, motion: Motion) -> bool:
        """Show ``motion`` at the current phase; the same topology keeps its actors.

        Returns whether this is another heart: of another topology, or in another place or size, as
        that of a patient to whose images the template was brought.
        """
        newcomer = self._surface is None or not self._surface.fits(motion.anatomy)
        if newcomer:
            self._build(motion.anatomy)
        centre, radius = bounding_sphere(motion.anatomy)
        moved = float(np.linalg.norm(centre - self._centre)) > ANOTHER_PLACE * radius
        newcomer = newcomer or moved or abs(radius / self._radius - 1.0) > ANOTHER_PLACE
        self._centre, self._radius = centre, radius
        self._motion = motion
        self._electric.show(motion, self._hidden, self._field)
        self._place_implants(self._planned.implants)
        found = surface_segments(motion.anatomy)
        self._segments = None if found is None else found.segments
        self._paint()
        self._draw()
        return newcomer

    def set_phase(self, phase: float) -> None:
        """Move to ``phase`` of the beat, in [0, 1)."""
        self._phase = phase % 1.0
        if self._field is not None and self._field.beating:
            self._paint()
        self._draw()

    def set_field(self, name: str) -> None:
        """Colour by ``"region"``, ``"strain"`` or ``"activation"``."""
        self._field = field(name)
        self._overlay.set_field(self._field)
        self._hide()
        self._paint()
        self._draw()

    def set_clip(self, plane: Plane | None) -> None:
        """Cut the heart open; None closes it."""
        self._plane = plane
        self._level_lines.cut(plane)
        self._segment_lines.cut(plane)
        for part in (
            self._surface, self._blood, self._fibers, self._sac, self._electric, self._planned
        ):  # fmt: skip
            if part is not None:
                part.cut(plane)
        self._draw()

    def section(self, name: str, camera: CameraState) -> Section | None:
        """The named cut of the heart that is shown, keeping the half that the camera looks into."""
        if self._motion is None:
            return None
        if name == FREE:
            return across(self._motion.anatomy, camera.direction, np.array(camera.view_up))
        return facing(section(self._motion.anatomy, name), camera.direction)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What can be taken away from the heart that is shown."""
        if self._motion is None:
            return ()
        electric = drawing_of(self._motion) is not None
        return offered(self._motion.anatomy, electric=electric, planned=self._planned.layers)

    def set_implants(
        self, implants: tuple[Implant, ...], filling: Float32Array | None = None
    ) -> None:
        """Draw what a plan puts in; ``filling`` is how full a balloon is over the beat, 0 to 1."""
        self._planned.filling = np.zeros(0, np.float32) if filling is None else filling
        self._place_implants(implants)
        self._draw()

    def _place_implants(self, implants: tuple[Implant, ...]) -> None:
        if self._motion is None:
            self._planned.implants = implants
            return
        self._planned.build(implants, self._motion)
        if self._surface is not None:
            removed = self._planned.removed(self._motion.anatomy)
            if not np.array_equal(removed, self._surface.removed):
                self._surface.hide(self._hidden_now, removed)
        self._planned.show(self._hidden)

    @property
    def _hidden_now(self) -> frozenset[str]:
        fibers = FIBERS not in self._hidden and self._surface is not None
        in_place = fibers and self._surface is not None and self._surface.has_architecture
        return self._hidden | INSTEAD_OF_WALLS if in_place else self._hidden

    def set_hidden(self, layers: frozenset[str]) -> None:
        """Take the named layers away; see ``layers.LAYERS``."""
        self._hidden = layers
        self._hide()
        self._draw()

    def set_ghost(self, motion: Motion | None) -> None:
        """Draw the outline of ``motion``, e.g. the baseline under a plan; None removes it."""
        self._ghost = None if motion is None else Ghost(motion, self._ghost_lines)
        self._ghost_lines.hide()
        self._draw()

    def set_segment(self, segment: int) -> None:
        """Outline one segment of the heart; 0 for none."""
        inside = np.zeros((0, 1), dtype=np.float32)
        if self._segments is not None and segment and self._surface is not None:
            inside = (self._segments == segment).astype(np.float32)[:, np.newaxis]
            inside = smoothed(inside, self._surface.triangles, BORDER_PASSES)
        self._inside_segment = inside[:, 0]
        self._draw()

    def probe(self, x: float, y: float, *, closely: bool = True) -> Finding | None:
        """What lies under a place of the picture, in shares of its width and height from top left.

        Wall thickness is measured only ``closely``.
        """
        if self._surface is None or self._motion is None:
            return None
        width, height = self._renderer.GetSize()
        ray = line_of_sight(self._renderer.GetActiveCamera(), x, y, width / height)
        found = find(self._surface, self._plane, *ray, closely=closely)
        if found is None:
            return None
        return named(found, self._surface, self._segments, self._field)

    def places(self, anchors: Sequence[Anchor]) -> FloatArray:
        """``(n, 3)`` [m] where anchors are now; NaN where this heart does not have them."""
        surface = self._surface
        if surface is None or self._motion is None:
            return np.full((len(anchors), 3), np.nan)
        return anchored(anchors, surface.points, self._tissue_now)

    def _tissue_now(self) -> FloatArray | None:
        motion = self._motion
        return motion.tissue_nodes(self._phase) if isinstance(motion, TissueMotion) else None

    def set_theme(self, theme: Theme) -> None:
        """Dress background, texts and lines; the heart keeps its colours."""
        self._theme = theme
        # One colour: a gradient costs 4 of 17 ms per 1280 x 800 frame on software GL.
        self._renderer.SetBackground(*(channel / 255.0 for channel in theme.background))
        self._overlay.set_theme(theme)
        self._electric.set_theme(theme)
        self._ghost_lines.set_color(theme.ghost)
        self._cut_lines.set_color(CUT_LINE_COLOR)
        self._segment_lines.set_color(theme.mark)
        self._level_lines.set_color(LEVEL_COLOR)
        self._paint()

    def set_caption(self, caption: str) -> None:
        """Text in the upper left corner, e.g. case, rate, ejection fraction; may hold newlines."""
        self._overlay.set_caption(caption)

    def set_markings(self, markings: Sequence[Marking]) -> None:
        """Draw landmarks and measurements over the picture, in step with the beat."""
        if self._markings is not None:
            self._markings.remove()
        self._markings = MarkingOverlay(self._renderer, markings, self._theme)

    def look(self, camera: CameraState) -> None:
        """Point the renderer's camera."""
        apply(camera, self._renderer.GetActiveCamera())

    def preset(self, name: str, aspect: float) -> View:
        """The named view of the heart that is shown; see ``camera.preset_view``."""
        if self._motion is None:
            return View(CameraState((0.0, -0.6, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0)))
        view = preset_view(self._motion.anatomy, name, aspect, self._planned.bodies)
        return View(self._electric.framed(view.camera, aspect), view.plane)

    @property
    def shows_torso(self) -> bool:
        """Whether the body around the heart is in the picture."""
        return self._electric.torso.points is not None

    def framed(self, camera: CameraState, aspect: float) -> CameraState:
        """``camera``, moved back to take in the torso where it is shown."""
        return self._electric.framed(camera, aspect)

    def close(self) -> None:
        """Let go of the renderer."""
        self._renderer.RemoveObserver(self._observer)
        self._overlay.remove()
        self._electric.remove()
        self._planned.remove()
        if self._markings is not None:
            self._markings.remove()
        actors = [lines.actor for lines in self._lines]
        actors += self._body
        for actor in actors:
            self._renderer.RemoveActor(actor)

    @property
    def _body(self) -> list[vtkActor]:
        if not (self._surface and self._blood and self._fibers and self._sac):
            return []
        inner = [*self._blood.actors, *self._fibers.actors]
        return [self._surface.actor, *inner, self._sac.actor]

    def _build(self, anatomy: Anatomy) -> None:
        for actor in self._body:
            self._renderer.RemoveActor(actor)
        self._surface, self._blood = SurfaceActor(anatomy), Blood(anatomy)
        self._fibers, self._sac = Fibers(anatomy), Sac(anatomy)
        for part in (self._surface, self._blood, self._fibers, self._sac):
            part.cut(self._plane)
        self._hide()
        for actor in self._body:
            self._renderer.AddActor(actor)

    def _hide(self) -> None:
        if self._motion is not None:
            self._electric.show(self._motion, self._hidden, self._field)
        if not (self._surface and self._blood and self._fibers and self._sac):
            return
        in_place = FIBERS not in self._hidden and self._surface.has_architecture
        self._fibers.show(in_place, self._theme.missing)
        self._surface.hide(self._hidden_now)
        self._planned.show(self._hidden)
        self._blood.show(BLOOD not in self._hidden)
        self._sac.show(PERICARDIUM not in self._hidden)
        self._overlay.set_field(HELIX if in_place else self._field)

    def _paint(self) -> None:
        """Colours at the current phase."""
        if self._surface is None or self._motion is None:
            return
        if self._field is None:
            self._surface.color_by_region()
        else:
            self._surface.color_by(self._field, self._motion, self._phase, self._theme.missing)

    def _draw(self) -> None:
        """Shape at the current phase, and the lines that lie on it."""
        surface, plane, field = self._surface, self._plane, self._field
        if surface is None or self._motion is None:
            return
        surface.move(self._motion, self._phase, self._planned.hold)
        self._planned.move(self._motion, self._phase, surface.points)
        self._electric.move(self._motion, self._phase)
        if self._blood and self._fibers and self._sac:
            self._blood.move(self._motion, self._phase)
            self._fibers.move(self._motion, self._phase)
            self._sac.move(self._motion, self._phase)
        if self._ghost is not None:
            self._ghost.move(self._phase, surface.points)
        surface.face.draw(self._motion, self._phase, field, surface.values, self._theme.missing)
        if plane is None:
            self._cut_lines.hide()
        else:
            self._cut_lines.draw_section(surface.points, surface.shown, plane)
        if plane is not None and self._ghost is not None:
            self._ghost.draw_section(plane)
        self._draw_segment(surface)
        if field is None or field.levels is None:
            self._level_lines.hide()
        else:
            self._level_lines.draw_levels(
                surface.points, surface.shown, surface.values, field.levels
            )

    def _draw_segment(self, surface: SurfaceActor) -> None:
        inside = self._inside_segment
        if len(inside) != len(surface.points):
            self._segment_lines.hide()
            return
        self._segment_lines.draw_levels(surface.points, surface.shown, inside, _ONE_BORDER)

    def _before_render(self, _caller: object, _event: str) -> None:
        """What depends on the camera: compass, clipping range, and the ghost's outline."""
        camera = self._renderer.GetActiveCamera()
        width, height = self._renderer.GetSize()
        self._overlay.place(width, height, camera)
        if self._markings is not None:
            self._markings.place(width, height, camera, self.places)
        self._electric.place(width, height, camera)
        if self._surface is not None:
            self._surface.face.aim(camera)
        for lines in self._lines:
            lines.set_width(min(width, height) / 500.0)
        if self._fibers is not None:
            self._fibers.set_width(min(width, height) / 500.0)
        distance, reach = camera.GetDistance(), 1.6 * self._electric.radius(self._radius)
        camera.SetClippingRange(max(distance - reach, 5e-3), distance + reach)
        if self._ghost is not None and self._plane is None:
            self._ghost.draw_outline(np.array(camera.GetPosition(), dtype=np.float32))
