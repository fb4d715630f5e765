"""Frames per second of the beating heart, against plain PyVista on the same mesh.

Both draw the same motion at 1280 x 800 off screen, with points, normals and colours new in every
frame: the scene by overwriting its arrays, PyVista as a newcomer would write it (assign points,
compute normals, render). The third is the scene opened along the four-chamber plane, its cut face
carrying the field. They take turns, so that a busy machine slows both. The scene's number
includes reading the picture back, as the window does.

    ./scripts/benchmark scene [--seconds 2] [--repeats 5]
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import pyvista

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.template_file import load_template
from organtwin.arrays import Float32Array, FloatArray
from organtwin.scene.picture import Picture

SIZE = (1280, 800)
FIELD = "strain"


class Squeeze:
    """A cheap beat, so that drawing is what is measured."""

    duration = 0.8

    def __init__(self, anatomy: Anatomy) -> None:
        self.anatomy = anatomy
        self._rest = anatomy.surface.points.astype(np.float32)
        self._nodes = anatomy.tissue.nodes
        self._centre = self._rest.mean(axis=0)

    def surface_points(self, phase: float, out: Float32Array) -> None:
        scale = np.float32(1.0 - 0.15 * np.sin(np.pi * phase) ** 2)
        np.multiply(self._rest - self._centre, scale, out=out)
        out += self._centre

    def tissue_nodes(self, phase: float) -> FloatArray:
        scale = 1.0 - 0.15 * np.sin(np.pi * phase) ** 2
        return (self._nodes - self._centre) * scale + self._centre

    def surface_field(self, name: str, phase: float, out: Float32Array) -> None:
        out[:] = -0.2 * np.sin(np.pi * phase + self._rest[:, 2] * 20.0) ** 2


def scene_frame(motion: Squeeze, view: str) -> Callable[[float], None]:
    picture = Picture(*SIZE)
    picture.scene.show(motion)
    picture.scene.set_field(FIELD)
    preset = picture.scene.preset(view, picture.aspect)
    picture.scene.look(preset.camera)
    picture.scene.set_clip(preset.plane)

    def frame(phase: float) -> None:
        picture.scene.set_phase(phase)
        picture.render()

    return frame


def naive_frame(motion: Squeeze) -> Callable[[float], None]:
    surface = motion.anatomy.surface
    mesh = pyvista.PolyData.from_regular_faces(surface.points.astype(np.float32), surface.triangles)
    values = np.zeros(len(surface.points), dtype=np.float32)
    mesh["strain"] = values
    plotter = pyvista.Plotter(off_screen=True, window_size=list(SIZE))
    plotter.add_mesh(mesh, scalars="strain", clim=(-0.3, 0.3), smooth_shading=True)
    plotter.view_xz()
    plotter.show(auto_close=False)

    def frame(phase: float) -> None:
        points = np.empty_like(mesh.points)
        motion.surface_points(phase, points)
        motion.surface_field("strain", phase, values)
        mesh.points = points
        mesh["strain"] = values
        mesh.compute_normals(cell_normals=False, split_vertices=False, inplace=True)
        plotter.render()
        plotter.screenshot(return_img=True)

    return frame


def rate(frame: Callable[[float], None], seconds: float) -> float:
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        frame(count / 40.0 % 1.0)
        count += 1
    return count / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    motion = Squeeze(load_template())
    contenders = {
        "scene": scene_frame(motion, "AP"),
        "scene, opened": scene_frame(motion, "Four-chamber"),
        "plain PyVista": naive_frame(motion),
    }
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for frame in contenders.values():
        frame(0.0)
    for _ in range(arguments.repeats):
        for name, frame in contenders.items():
            rates[name].append(rate(frame, arguments.seconds))
    print(f"{len(motion.anatomy.surface.triangles)} triangles, {SIZE[0]} x {SIZE[1]}")
    for name, found in rates.items():
        spread = f"({len(found)} runs: {min(found):.1f} to {max(found):.1f})"
        print(f"{name:14s} {median(found):6.1f} frames/s {spread}")
    ratio = median(a / b for a, b in zip(rates["scene"], rates["plain PyVista"], strict=True))
    print(f"{'ratio':14s} {ratio:6.1f}")


if __name__ == "__main__":
    main()
