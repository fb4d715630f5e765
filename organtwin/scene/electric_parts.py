"""What the electrical model adds to the picture: conduction system, torso and electrodes."""

import numpy as np
from vtkmodules.vtkRenderingCore import vtkCamera, vtkRenderer

from organtwin.scene.camera import CameraState, around
from organtwin.scene.conduction import Conduction
from organtwin.scene.fields import Field
from organtwin.scene.layers import CONDUCTION, TORSO
from organtwin.scene.motion import Motion, TissueMotion, drawing_of
from organtwin.scene.planes import Plane
from organtwin.scene.theme import Theme
from organtwin.scene.torso import Torso


class ElectricParts:
    """Both are made when they are first wanted, of a motion that has a model behind it."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self.conduction, self.torso = Conduction(), Torso(renderer)
        for actor in self.conduction.actors:
            renderer.AddActor(actor)

    def show(self, motion: Motion, hidden: frozenset[str], field: Field | None) -> None:
        """Show what is not hidden of the model behind ``motion``."""
        drawing, strands, body = drawing_of(motion), None, None
        if drawing is not None and CONDUCTION not in hidden and isinstance(motion, TissueMotion):
            strands = drawing.strands
        if drawing is not None and TORSO not in hidden:
            body = drawing.surroundings
        self.conduction.show(strands, motion.anatomy.tissue.nodes, field)
        self.torso.show(body)

    def set_theme(self, theme: Theme) -> None:
        self.torso.set_theme(theme)

    def move(self, motion: Motion, phase: float) -> None:
        self.conduction.move(motion, phase)

    def cut(self, plane: Plane | None) -> None:
        self.conduction.cut(plane)

    def place(self, width: int, height: int, camera: vtkCamera) -> None:
        self.torso.place(width, height, camera)

    def framed(self, camera: CameraState, aspect: float) -> CameraState:
        """The camera, moved back until it takes in the torso that is shown; else as it is."""
        points = self.torso.points
        if points is None:
            return camera
        up = np.array(camera.view_up)
        up = up - camera.direction * (up @ camera.direction)
        return around(points, camera.direction, up / np.linalg.norm(up), aspect)

    def radius(self, heart: float) -> float:
        """How far from the heart's middle anything is drawn [m]; ``heart`` without a torso."""
        points = self.torso.points
        return heart if points is None else float(np.linalg.norm(np.ptp(points, axis=0)))

    def remove(self) -> None:
        """Take everything off the renderer."""
        for actor in self.conduction.actors:
            self._renderer.RemoveActor(actor)
        self.torso.remove()
