"""The beating heart on a renderer: built once per anatomy, overwritten in place for every frame."""

import numpy as np
import vtkmodules.vtkRenderingFreeType  # registers the text renderer
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  registers the OpenGL classes
from vtkmodules.vtkRenderingCore import vtkRenderer

from organtwin.anatomy.mesh import Anatomy
from organtwin.arrays import Float32Array
from organtwin.scene.camera import CameraState, Plane, View, apply, bounding_sphere, preset_view
from organtwin.scene.fields import REGION, field
from organtwin.scene.lines import LineActor, shared_edges
from organtwin.scene.motion import Motion
from organtwin.scene.overlay import Overlay
from organtwin.scene.surface_actor import SurfaceActor
from organtwin.scene.theme import DARK, Theme

GHOST_LIFT = 15e-3
"""How deep inside the shown heart the ghost's outline still shows [m]; more shows inner walls."""
LINE_CAPACITY = 30_000


class HeartScene:
    """Draws one motion, optionally with the outline of another; never renders by itself.

    All methods belong on the thread that renders. ``close`` must be called before the renderer's
    window goes.
    """

    def __init__(self, renderer: vtkRenderer, theme: Theme = DARK) -> None:
        self._renderer = renderer
        self._surface: SurfaceActor | None = None
        self._motion: Motion | None = None
        self._ghost: Motion | None = None
        self._ghost_points: Float32Array = np.empty((0, 3), dtype=np.float32)
        self._phase = 0.0
        self._field = field(REGION)
        self._plane: Plane | None = None
        self._radius = 0.1
        self._ghost_lines = LineActor(LINE_CAPACITY)
        self._cut_lines = LineActor(LINE_CAPACITY)
        for lines in (self._ghost_lines, self._cut_lines):
            renderer.AddActor(lines.actor)
        self._overlay = Overlay(renderer)
        self._observer = renderer.AddObserver("StartEvent", self._before_render)
        self.set_theme(theme)

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

        Returns whether actors had to be built, that is, whether this is another heart.
        """
        newcomer = self._surface is None or not self._surface.fits(motion.anatomy.surface)
        if newcomer:
            self._build(motion.anatomy)
        self._motion = motion
        self._radius = bounding_sphere(motion.anatomy)[1]
        self._draw()
        self._draw_colors()
        return newcomer

    def set_phase(self, phase: float) -> None:
        """Move to ``phase`` of the beat, in [0, 1)."""
        self._phase = phase % 1.0
        self._draw()
        if self._field is not None:
            self._draw_colors()

    def set_field(self, name: str) -> None:
        """Colour by ``"region"``, ``"strain"`` or ``"activation"``."""
        self._field = field(name)
        self._overlay.set_field(self._field)
        self._draw_colors()

    def set_clip(self, plane: Plane | None) -> None:
        """Cut the heart open; None closes it."""
        self._plane = plane
        if self._surface is not None:
            self._surface.cut(plane)
        self._draw()

    def set_ghost(self, motion: Motion | None) -> None:
        """Draw the outline of ``motion``, e.g. the baseline under a plan; None removes it."""
        self._ghost = motion
        if motion is None:
            self._ghost_lines.hide()
            return
        surface = motion.anatomy.surface
        self._ghost_points = np.zeros(surface.points.shape, dtype=np.float32)
        self._ghost_triangles = np.ascontiguousarray(surface.triangles, dtype=np.int32)
        self._ghost_edges = shared_edges(self._ghost_triangles)
        self._draw()

    def set_theme(self, theme: Theme) -> None:
        """Dress background, texts and lines; the heart keeps its colours."""
        self._theme = theme
        # One colour: a gradient costs 4 of 17 ms per 1280 x 800 frame on software GL.
        self._renderer.SetBackground(*(channel / 255.0 for channel in theme.background))
        self._overlay.set_theme(theme)
        self._ghost_lines.set_color(theme.ghost)
        self._cut_lines.set_color((62, 26, 26))
        self._draw_colors()

    def set_caption(self, caption: str) -> None:
        """Text in the upper left corner, e.g. case, rate, ejection fraction; may hold newlines."""
        self._overlay.set_caption(caption)

    def look(self, camera: CameraState) -> None:
        """Point the renderer's camera."""
        apply(camera, self._renderer.GetActiveCamera())

    def preset(self, name: str, aspect: float) -> View:
        """The named view of the heart that is shown; see ``camera.preset_view``."""
        if self._motion is None:
            return View(CameraState((0.0, -0.6, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0)))
        return preset_view(self._motion.anatomy, name, aspect)

    def close(self) -> None:
        """Let go of the renderer."""
        self._renderer.RemoveObserver(self._observer)
        self._overlay.remove()
        actors = [self._ghost_lines.actor, self._cut_lines.actor]
        actors += [self._surface.actor] if self._surface else []
        for actor in actors:
            self._renderer.RemoveActor(actor)

    def _build(self, anatomy: Anatomy) -> None:
        if self._surface is not None:
            self._renderer.RemoveActor(self._surface.actor)
        self._surface = SurfaceActor(anatomy.surface)
        self._surface.cut(self._plane)
        self._renderer.AddActor(self._surface.actor)

    def _draw(self) -> None:
        if self._surface is None or self._motion is None:
            return
        self._surface.move(self._motion, self._phase)
        if self._ghost is not None:
            self._ghost.surface_points(self._phase, self._ghost_points)
        if self._plane is None:
            self._cut_lines.hide()
            return
        self._cut_lines.draw_section(self._surface.points, self._surface.triangles, self._plane)
        if self._ghost is not None:
            self._ghost_lines.draw_section(self._ghost_points, self._ghost_triangles, self._plane)

    def _draw_colors(self) -> None:
        if self._surface is None or self._motion is None:
            return
        if self._field is None:
            self._surface.color_by_region()
        else:
            self._surface.color_by(self._field, self._motion, self._phase, self._theme.missing)

    def _before_render(self, _caller: object, _event: str) -> None:
        """What depends on the camera: compass, clipping range, and the ghost's outline."""
        camera = self._renderer.GetActiveCamera()
        width, height = self._renderer.GetSize()
        self._overlay.place(width, height, camera)
        for lines in (self._ghost_lines, self._cut_lines):
            lines.set_width(min(width, height) / 500.0)
        distance, reach = camera.GetDistance(), 1.6 * self._radius
        camera.SetClippingRange(max(distance - reach, 5e-3), distance + reach)
        if self._ghost is not None and self._plane is None:
            eye = np.array(camera.GetPosition(), dtype=np.float32)
            self._ghost_lines.draw_outline(
                self._ghost_points, self._ghost_triangles, self._ghost_edges, eye, GHOST_LIFT
            )
