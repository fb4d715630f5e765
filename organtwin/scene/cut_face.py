"""The colours of an opened heart's cut face, in step with the beat.

The surface itself decides where there is a face (see ``material``); this gives its colours: a map
of the cut plane, drawn from the tissue and handed to the shader as a texture. Regions have their
own tones; under a scalar field the face carries the field's value with the same table and limits.
"""

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkRenderingCore import vtkActor, vtkCamera, vtkTexture

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Region
from organtwin.arrays import BoolArray, Float32Array, FloatArray
from organtwin.scene.colormaps import color_table
from organtwin.scene.fields import CUT_COLORS, Color, Field
from organtwin.scene.kernels import paint
from organtwin.scene.material import CUT_MAP, aim_cut_map, switch_cut_map
from organtwin.scene.motion import Motion, TissueMotion
from organtwin.scene.planes import Plane
from organtwin.scene.section_map import (
    TEXELS,
    MapFrame,
    SectionMap,
    clear_empty,
    color_regions,
)
from organtwin.scene.tissue_values import transfer


class CutFace:
    """The map of one tissue, worn by the actor of the surface around it."""

    def __init__(self, anatomy: Anatomy, actor: vtkActor) -> None:
        self._actor = actor
        self.tissue = anatomy.tissue
        self.map = SectionMap(anatomy.tissue)
        self.frame: MapFrame | None = None
        self.nodes: FloatArray = anatomy.tissue.nodes
        self._anatomy = anatomy
        self.node_values: Float32Array = np.zeros(len(self.nodes), dtype=np.float32)
        self._shown: BoolArray = np.ones(len(self.tissue.tets), dtype=np.bool_)
        self._palette = _palette()
        self._regions = np.ascontiguousarray(anatomy.tissue.regions, dtype=np.int32)
        self._lit: Float32Array = np.ones(TEXELS * TEXELS, dtype=np.float32)
        self._pixels = np.zeros((TEXELS * TEXELS, 4), dtype=np.uint8)
        self._image = vtkImageData()
        self._image.SetDimensions(TEXELS, TEXELS, 1)
        self._array = numpy_to_vtk(self._pixels)
        self._image.GetPointData().SetScalars(self._array)
        self._texture = vtkTexture()
        self._texture.SetInputData(self._image)
        self._texture.InterpolateOn()
        self._texture.RepeatOff()
        self._texture.SetColorModeToDirectScalars()
        actor.GetProperty().SetTexture(CUT_MAP, self._texture)

    def fits(self, anatomy: Anatomy) -> bool:
        """Whether another heart has the same tissue topology."""
        mine, theirs = self.tissue, anatomy.tissue
        return theirs.tets is mine.tets or np.array_equal(theirs.tets, mine.tets)

    def hide_regions(self, regions: frozenset[Region]) -> None:
        """Leave elements of these regions out."""
        self._shown = ~np.isin(self.tissue.regions, [int(region) for region in regions])

    def place(self, plane: Plane | None) -> None:
        """Lie in ``plane``; None takes the face away."""
        self.frame = None if plane is None else self.map.frame(plane)

    def draw(
        self,
        motion: Motion,
        phase: float,
        field: Field | None,
        surface_values: Float32Array,
        missing: Color,
    ) -> None:
        """Fill the map at ``phase``; flat, as before, where the motion does not move the tissue."""
        if self.frame is None or not isinstance(motion, TissueMotion):
            switch_cut_map(self._actor, on=False)
            return
        self.nodes = motion.tissue_nodes(phase)
        if field is not None:
            transfer(self._anatomy).to_nodes(surface_values, self.node_values)
        self.map.fill(self.nodes, self.node_values, self._shown, self.frame)
        self._color(field, missing)
        self._array.Modified()
        self._image.Modified()
        switch_cut_map(self._actor, on=True)

    def aim(self, camera: vtkCamera) -> None:
        """Tell the shader where the map lies, as seen from ``camera``."""
        if self.frame is not None:
            aim_cut_map(self._actor, camera, self.frame)

    def element_at(self, point: FloatArray) -> int:
        """Index of the element at a place of the cut plane, -1 where there is none."""
        texel = None if self.frame is None else self.frame.texel(point)
        return -1 if texel is None else int(self.map.elements[texel])

    def _color(self, field: Field | None, missing: Color) -> None:
        elements = self.map.elements.ravel()
        if field is None:
            color_regions(elements, self._regions, self._palette, self._pixels)
            return
        table, blank = color_table(field.table), np.array(missing, dtype=np.uint8)
        values = self.map.values.ravel()
        paint(values, field.low, field.high, table, blank, self._lit, self._pixels)
        clear_empty(elements, self._pixels)


def _palette() -> np.ndarray:
    palette = np.zeros((max(Region) + 1, 3), dtype=np.uint8)
    for region in Region:
        palette[region] = CUT_COLORS[region]
    return palette
