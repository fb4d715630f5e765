"""A triangle mesh on the graphics side whose points, normals and colours can be overwritten."""

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

from organtwin.arrays import Float32Array, IntArray
from organtwin.scene.kernels import ByteArray


def mesh_of(triangles: IntArray) -> vtkPolyData:
    """Triangles without points yet."""
    cells = vtkCellArray()
    cells.SetData(3, numpy_to_vtk(triangles.ravel(), deep=True))
    mesh = vtkPolyData()
    mesh.SetPoints(vtkPoints())
    mesh.SetPolys(cells)
    return mesh


def place(mesh: vtkPolyData, points: Float32Array, normals: Float32Array) -> None:
    """Give a mesh its points ``(n, 3)`` [m] and normals."""
    mesh.GetPoints().SetData(numpy_to_vtk(np.ascontiguousarray(points), deep=True))
    mesh.GetPointData().SetNormals(numpy_to_vtk(np.ascontiguousarray(normals), deep=True))
    mesh.GetPoints().Modified()
    mesh.Modified()


def paint_mesh(mesh: vtkPolyData, colors: ByteArray) -> None:
    """Give the points of a mesh their colours ``(n, 3)`` or ``(n, 4)``."""
    mesh.GetPointData().SetScalars(numpy_to_vtk(np.ascontiguousarray(colors), deep=True))
    mesh.Modified()
