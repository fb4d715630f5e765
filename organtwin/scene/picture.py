"""A picture of the scene without a window: the one way pixels leave the renderer.

The window on screen, stills and movies all draw into an off-screen buffer and read it back. It
needs no display (VTK falls back to EGL, then to OSMesa), never owns a native window, and on
software GL it is no slower than one: 47 against 35 frames per second at 1280 x 800 with 50,000
triangles, flip and blit included.
"""

import math

import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkLogger, vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow

from organtwin.arrays import FloatArray
from organtwin.errors import OrganTwinError
from organtwin.scene.camera import CameraState
from organtwin.scene.heart_scene import HeartScene
from organtwin.scene.kernels import PixelArray, top_down_argb
from organtwin.scene.theme import DARK, Theme


class GraphicsError(OrganTwinError, RuntimeError):
    """Nothing can be drawn in 3D on this machine."""


class Canvas:
    """An off-screen renderer. ``close`` it when done."""

    def __init__(self, width: int, height: int) -> None:
        self._window = _window()
        self.renderer = vtkRenderer()
        # Translucent parts are few and lie one behind the other: plain blending shows them well,
        # and sorting each pixel costs a third of the frame rate on software GL.
        self.renderer.UseOITOff()
        self._window.AddRenderer(self.renderer)
        self._buffer = vtkUnsignedCharArray()
        self._pixels: PixelArray = np.empty((0, 0), dtype=np.uint32)
        self.resize(width, height)

    @property
    def aspect(self) -> float:
        height, width = self._pixels.shape
        return width / height

    def resize(self, width: int, height: int) -> None:
        """Size of the picture in device pixels."""
        if self._pixels.shape != (height, width):
            self._window.SetSize(width, height)
            self._pixels = np.empty((height, width), dtype=np.uint32)

    @property
    def antialiasing(self) -> bool:
        return bool(self.renderer.GetUseFXAA())

    def set_antialiasing(self, on: bool) -> None:
        """Smooth edges at a price: two to three times the frame time on software GL."""
        self.renderer.SetUseFXAA(on)

    def render(self) -> PixelArray:
        """Draw; ``(height, width)`` 0xffRRGGBB, top row first, valid until the next call."""
        self._window.Render()
        height, width = self._pixels.shape
        self._window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._buffer, 0)
        bottom_up = vtk_to_numpy(self._buffer).view(np.uint32).reshape(height, width)
        top_down_argb(bottom_up, self._pixels)
        return self._pixels

    def close(self) -> None:
        """Give the graphics memory back."""
        self._window.RemoveRenderer(self.renderer)
        self._window.Finalize()


class Picture(Canvas):
    """A canvas with a heart scene on it."""

    def __init__(self, width: int, height: int, theme: Theme = DARK) -> None:
        super().__init__(width, height)
        self.scene = HeartScene(self.renderer, theme)

    def close(self) -> None:
        """Give the graphics memory back."""
        self.scene.close()
        super().close()


def pixel_places(camera: CameraState, aspect: float, places: FloatArray) -> FloatArray:
    """Where ``places`` ``(n, 3)`` [m] are seen: ``(n, 2)`` shares of the picture from top left."""
    right = np.cross(camera.view_up, camera.direction)
    right /= np.linalg.norm(right)
    up = np.cross(camera.direction, right)
    away = places - np.array(camera.position)
    reach = -(away @ camera.direction) * math.tan(math.radians(0.5 * camera.view_angle))
    x, y = away @ right / (reach * aspect), away @ up / reach
    return 0.5 + 0.5 * np.stack([x, -y], axis=1)


def _window() -> vtkRenderWindow:
    # VTK logs a warning for every kind of window it tries in vain; the last one decides.
    verbosity = vtkLogger.GetCurrentVerbosityCutoff()
    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_ERROR)
    window = vtkRenderWindow()
    window.SetOffScreenRendering(True)
    window.SetMultiSamples(0)
    able = window.SupportsOpenGL()
    vtkLogger.SetStderrVerbosity(verbosity)
    if not able:
        raise GraphicsError(
            "graphics: OpenGL: expected version 3.2 or later, got none. "
            "Install a graphics driver, or Mesa (libgl1 and libegl1) for software rendering."
        )
    return window
