"""The body around the heart: a pale, glassy trunk with lungs and bones, electrodes on its skin.

Glass shows most where one looks along it, so the outline of trunk and lungs is drawn and the heart
behind them keeps its colours.
"""

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPolyData
from vtkmodules.vtkFiltersCore import (
    vtkFlyingEdges3D,
    vtkPolyDataNormals,
    vtkWindowedSincPolyDataFilter,
)
from vtkmodules.vtkRenderingCore import (
    vtkActor,
    vtkCamera,
    vtkPolyDataMapper,
    vtkRenderer,
    vtkTextActor,
)

from organtwin.anatomy.surroundings import Filling, Shell, Surroundings
from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.scene.fields import Color
from organtwin.scene.kernels import ByteArray, vertex_normals
from organtwin.scene.marking_overlay import pixels_of
from organtwin.scene.material import give_tissue_shading, set_cut_color
from organtwin.scene.meshes import mesh_of, paint_mesh, place
from organtwin.scene.overlay import overlay_text, paint_text
from organtwin.scene.theme import Theme

SKIN_COLOR: Color = (226, 208, 192)
ORGAN_COLORS: dict[str, Color] = {"lungs": (176, 200, 220), "bones": (236, 228, 206)}
DISC_RADIUS, DISC_HEIGHT = 8e-3, 3e-3
"""Of an electrode [m]; adhesive ones are 2 to 4 cm wide and would touch each other here."""
_CORNERS = 24
_FADE = 0.16
"""Share of the trunk's height over which its open ends fade away."""
_GLASS = """//VTK::Light::Impl
  vec3 eye = normalize(-vertexVC.xyz);
  float grazing = 1.0 - abs(dot(normalVCVSOutput, eye));
  float key = 0.75 + 0.25 * dot(normalVCVSOutput, vec3(-0.408, 0.612, 0.677));
  fragOutput0 = vec4(diffuseColor * key, opacity * (GLASS_FACING + GLASS_EDGE * grazing * grazing));
"""
_SKIN_GLASS, _LUNG_GLASS, _BONE_GLASS = (0.07, 0.55), (0.05, 0.36), (0.09, 0.36)
"""Opacity seen face on, and what is added along the outline."""


class Torso:
    """Built when it is first wanted: the outlines take a second."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._shown: Surroundings | None = None
        self._wanted = False
        self._theme: Theme | None = None
        self._glass: list[vtkActor] = []
        self._labels: list[vtkTextActor] = []

    @property
    def points(self) -> FloatArray | None:
        """What a camera has to take in ``(n, 3)`` [m]; None while no torso is shown."""
        return self._shown.skin.points if self._shown is not None and self._wanted else None

    def show(self, surroundings: Surroundings | None) -> None:
        """Show a body, or none."""
        self._wanted = surroundings is not None
        if surroundings is not None and surroundings is not self._shown:
            self.remove()
            self._shown = surroundings
            self._build(surroundings)
        for prop in (*self._glass, *self._labels):
            prop.SetVisibility(self._wanted)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for text in self._labels:
            paint_text(text, theme.ink)
        for discs in self._glass[:1]:
            discs.GetProperty().SetColor(*(channel / 255.0 for channel in theme.ink))

    def place(self, width: int, height: int, camera: vtkCamera) -> None:
        """Lay the names of the electrodes beside them; those on the far side step back."""
        if not self._wanted or self._shown is None:
            return
        unit = max(min(width, height) / 50.0, 9.0)
        places = self._shown.places + 1.6 * DISC_RADIUS * self._shown.facing
        pixels = pixels_of(places, width, height, camera)
        towards = self._shown.facing @ np.array(camera.GetViewPlaneNormal())
        pixels += 1.2 * unit * _aside(pixels, self._shown.places, width, height, camera)
        for text, pixel, near in zip(self._labels, pixels, towards, strict=True):
            text.GetTextProperty().SetFontSize(round(unit))
            text.GetTextProperty().SetOpacity(1.0 if near > -0.2 else 0.3)
            text.SetPosition(float(pixel[0]), float(pixel[1]))

    def remove(self) -> None:
        """Take everything off the renderer."""
        for prop in (*self._glass, *self._labels):
            self._renderer.RemoveViewProp(prop)
        self._glass, self._labels, self._shown = [], [], None

    def _build(self, body: Surroundings) -> None:
        # Blended in this order, so what is inside comes first.
        self._glass = [_discs(body.places, body.facing)]
        for name, filling in sorted(body.organs.items()):
            glass = _BONE_GLASS if name == "bones" else _LUNG_GLASS
            self._glass.append(_organ(filling, body.skin, ORGAN_COLORS[name], glass))
        self._glass.append(_skin(body.skin))
        self._labels = [overlay_text(name, bold=True) for name in body.electrodes]
        for text in self._labels:
            text.GetTextProperty().SetShadow(True)
        for prop in (*self._glass, *self._labels):
            self._renderer.AddViewProp(prop)
        if self._theme is not None:
            self.set_theme(self._theme)


def _aside(
    pixels: FloatArray, places: FloatArray, width: int, height: int, camera: vtkCamera
) -> FloatArray:
    """Ways ``(k, 2)`` on which names step aside: outwards at the edge, else upwards."""
    out = pixels - pixels_of(places, width, height, camera)
    length = np.linalg.norm(out, axis=1, keepdims=True)
    sideways = np.abs(out[:, :1]) > 0.93 * length.max()
    return np.asarray(np.where(sideways, out / np.maximum(length, 1e-9), [0.0, 1.2]))


def _skin(shell: Shell) -> vtkActor:
    points = shell.points.astype(np.float32)
    normals = np.zeros_like(points)
    vertex_normals(points, shell.triangles, normals)
    actor = _actor(shell.triangles, points, normals)
    paint_mesh(actor.GetMapper().GetInput(), _faded(points, SKIN_COLOR, shell))
    _make_glass(actor, _SKIN_GLASS)
    return actor


def _faded(points: FloatArray | Float32Array, color: Color, skin: Shell) -> ByteArray:
    """Colours ``(n, 4)`` that fade out towards both ends of the trunk."""
    low, high = skin.points[:, 2].min(), skin.points[:, 2].max()
    share = (points[:, 2] - low) / (high - low)
    fade = np.clip(np.minimum(share, 1.0 - share) / _FADE, 0.0, 1.0)
    colors = np.empty((len(points), 4), dtype=np.uint8)
    colors[:, :3] = color
    colors[:, 3] = np.round(255.0 * fade * fade * (3.0 - 2.0 * fade))
    return colors


def _organ(filling: Filling, skin: Shell, color: Color, glass: tuple[float, float]) -> vtkActor:
    """The outline of an organ where its share is a half."""
    image = vtkImageData()
    image.SetDimensions(*filling.shares.shape)
    image.SetOrigin(*filling.lower)
    image.SetSpacing(*[filling.spacing] * 3)
    image.GetPointData().SetScalars(numpy_to_vtk(filling.shares.ravel(order="F"), deep=True))
    edges, smooth, normals = (
        vtkFlyingEdges3D(),
        vtkWindowedSincPolyDataFilter(),
        vtkPolyDataNormals(),
    )
    edges.SetInputData(image)
    edges.SetValue(0, 0.5)
    edges.ComputeScalarsOff()
    smooth.SetInputConnection(edges.GetOutputPort())
    smooth.SetNumberOfIterations(20)
    smooth.SetPassBand(0.03)
    normals.SetInputConnection(smooth.GetOutputPort())
    normals.SplittingOff()
    normals.Update()
    outline = normals.GetOutput()
    paint_mesh(outline, _faded(vtk_to_numpy(outline.GetPoints().GetData()), color, skin))
    actor = _of(outline)
    _make_glass(actor, glass)
    return actor


def _discs(places: FloatArray, facing: FloatArray) -> vtkActor:
    """A low cylinder on the skin for every electrode."""
    turn = 2.0 * np.pi * np.arange(_CORNERS) / _CORNERS
    points: list[FloatArray] = []
    normals: list[FloatArray] = []
    triangles: list[IntArray] = []
    for foot, out in zip(places, facing, strict=True):
        beside = np.cross(out, np.eye(3)[np.argmin(np.abs(out))])
        beside /= np.linalg.norm(beside)
        round_ = np.cos(turn)[:, None] * beside + np.sin(turn)[:, None] * np.cross(out, beside)
        rim = foot + DISC_RADIUS * round_
        top = rim + DISC_HEIGHT * out
        first = sum(len(part) for part in points)
        points.append(np.concatenate([rim, top, top, [foot + DISC_HEIGHT * out]]))
        normals.append(np.concatenate([round_, round_, np.tile(out, (_CORNERS + 1, 1))]))
        a, b = np.arange(_CORNERS), np.roll(np.arange(_CORNERS), -1)
        n, middle = _CORNERS, np.full(_CORNERS, 3 * _CORNERS)
        faces = [[a, b, b + n], [a, b + n, a + n], [middle, a + 2 * n, b + 2 * n]]
        triangles.append(first + np.concatenate([np.stack(face, 1) for face in faces]))
    actor = _actor(
        np.concatenate(triangles).astype(np.int32),
        np.concatenate(points).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
    )
    give_tissue_shading(actor)
    set_cut_color(actor, SKIN_COLOR)  # the shader wants it, though no back face is drawn
    actor.GetProperty().BackfaceCullingOn()
    return actor


def _actor(triangles: IntArray, points: Float32Array, normals: Float32Array) -> vtkActor:
    mesh = mesh_of(triangles)
    place(mesh, points, normals)
    return _of(mesh)


def _of(mesh: vtkPolyData) -> vtkActor:
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(mesh)
    actor = vtkActor()
    actor.SetMapper(mapper)
    return actor


def _make_glass(actor: vtkActor, glass: tuple[float, float]) -> None:
    shown = _GLASS.replace("GLASS_FACING", f"{glass[0]:.3f}").replace(
        "GLASS_EDGE", f"{glass[1]:.3f}"
    )
    actor.ForceTranslucentOn()
    actor.GetShaderProperty().AddFragmentShaderReplacement("//VTK::Light::Impl", True, shown, False)
