"""Wavefront OBJ surfaces: ``v`` and ``f`` lines; groups, normals and textures are not needed."""

from pathlib import Path

import numpy as np

from organtwin.errors import InputError
from organtwin.patient.geometry.content import COPY_AGAIN, file_bytes, numbers_of, text_of
from organtwin.patient.geometry.file_mesh import (
    FileMesh,
    checked_cells,
    checked_points,
    no_cells,
    split_polygons,
)


def read_obj(path: Path) -> FileMesh:
    """Triangles of an OBJ file; polygons are split.

    Raises
    ------
    InputError
        Naming file, field, expected, got and remedy.
    """
    lines = [line.split() for line in text_of(file_bytes(path), path).splitlines()]
    vertices = [words[1:4] for words in lines if words[:1] == ["v"]]
    if any(len(vertex) != 3 for vertex in vertices):
        raise InputError(
            str(path), "v", expected="three coordinates", got="fewer", remedy=COPY_AGAIN
        )
    numbers = numbers_of([word for vertex in vertices for word in vertex], path, "v")
    points = checked_points(numbers, path)
    faces = _faces(lines, path)
    sizes = np.array([len(face) for face in faces], np.int64)
    corners = np.array([corner for face in faces for corner in face], np.int64)
    triangles = split_polygons(corners, sizes)
    return FileMesh(
        path, points, checked_cells(triangles, len(points), path, "triangle"), no_cells(4)
    )


def _faces(lines: list[list[str]], path: Path) -> list[list[int]]:
    """Point numbers from 0; negative numbers in the file count back from the last vertex."""
    faces, seen = [], 0
    for number, words in enumerate(lines, start=1):
        if words[:1] == ["v"]:
            seen += 1
        if words[:1] != ["f"]:
            continue
        try:
            listed = [int(word.partition("/")[0]) for word in words[1:]]
        except ValueError as error:
            raise _bad_face(path, number, " ".join(words)) from error
        if len(listed) < 3 or 0 in listed:
            raise _bad_face(path, number, " ".join(words))
        faces.append([index - 1 if index > 0 else seen + index for index in listed])
    return faces


def _bad_face(path: Path, line: int, got: str) -> InputError:
    return InputError(
        str(path), f"line {line}", expected="a face of three or more point numbers from 1",
        got=repr(got), remedy=COPY_AGAIN,
    )  # fmt: skip
