"""Meshes as files, written line by line or byte by byte, and the shapes that go into them."""

import base64
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Cells = NDArray[np.int32]


def dome(
    semi_axes: tuple[float, float, float],
    cut: float = 1.0,
    rings: int = 24,
    columns: int = 48,
) -> tuple[Points, Cells]:
    """Lower part of an ellipsoid, up to height ``cut`` times its semi-axis; closed for 1.

    Normals point outward; the pole at the bottom is the first point, open rims are last.
    """
    top = np.arccos(-cut) if cut < 1.0 else np.pi * (1.0 - 1.0 / (rings + 1))
    theta = np.linspace(0.0, top, rings + 1)[1:]
    phi = np.linspace(0.0, 2.0 * np.pi, columns, endpoint=False)
    t, p = np.meshgrid(theta, phi, indexing="ij")
    unit = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), -np.cos(t)], -1).reshape(-1, 3)
    points = np.vstack([[[0.0, 0.0, -1.0]], unit])
    first = 1 + np.arange(columns)
    parts = [np.stack([np.zeros(columns, int), np.roll(first, -1), first], 1)]
    for ring in range(rings - 1):
        a = 1 + ring * columns + np.arange(columns)
        b = np.roll(a, -1)
        parts += [np.stack([a, b, b + columns], 1), np.stack([a, b + columns, a + columns], 1)]
    if cut >= 1.0:
        last = 1 + (rings - 1) * columns + np.arange(columns)
        points = np.vstack([points, [[0.0, 0.0, 1.0]]])
        parts.append(np.stack([last, np.roll(last, -1), np.full(columns, len(points) - 1)], 1))
    return points * np.asarray(semi_axes), np.concatenate(parts).astype(np.int32)


def dome_volume(semi_axes: tuple[float, float, float], cut: float = 1.0) -> float:
    """Volume below height ``cut`` c: pi a b c (2/3 + cut - cut^3 / 3)."""
    a, b, c = semi_axes
    return float(np.pi * a * b * c * (2.0 / 3.0 + cut - cut**3 / 3.0))


def ring(outer: Points, inner: Points) -> tuple[Points, Cells]:
    """A flat base between two rims of equally many points, normals up."""
    n = len(outer)
    a, b = np.arange(n), n + np.arange(n)
    triangles = np.concatenate([
        np.stack([a, np.roll(a, -1), b], 1), np.stack([np.roll(a, -1), np.roll(b, -1), b], 1)
    ])  # fmt: skip
    return np.vstack([outer, inner]), triangles.astype(np.int32)


def lattice_tets(
    chosen: NDArray[np.bool_], spacing: float
) -> tuple[Points, Cells, NDArray[np.intp]]:
    """Six tetrahedra in each chosen cube [mm], and the number of its cube among those chosen."""
    shape = tuple(n + 1 for n in chosen.shape)
    corner = np.arange(np.prod(shape)).reshape(shape)
    axes = [(np.arange(n) - (n - 1) / 2) * spacing for n in shape]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    i, j, k = np.nonzero(chosen)
    tets = []
    for first, second in ((0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)):
        step = np.zeros((4, 3), int)
        step[1:, first] = 1
        step[2:, second] = 1
        step[3] = 1
        tet = np.stack([corner[i + s[0], j + s[1], k + s[2]] for s in step], axis=1)
        even = (first + 1) % 3 == second
        tets.append(tet if even else tet[:, [0, 1, 3, 2]])
    used, number = np.unique(np.concatenate(tets), return_inverse=True)
    return points[used], number.reshape(-1, 4).astype(np.int32), np.tile(np.arange(len(i)), 6)


def lattice_cup(spacing: float = 4.0) -> tuple[Points, Cells]:
    """Tetrahedra [mm] of a cup open at the top: inner radius 24, wall 12, depth 60 mm."""
    middle = (np.arange(24) - 11.5) * spacing
    x, y, z = np.meshgrid(middle, middle, middle, indexing="ij")
    outer = ((x**2 + y**2) / 36.0**2 + np.minimum(z - 8.0, 0.0) ** 2 / 46.0**2 < 1.0) & (z < 20.0)
    inner = (x**2 + y**2) / 24.0**2 + np.minimum(z - 8.0, 0.0) ** 2 / 34.0**2 < 1.0
    points, tets, _ = lattice_tets(outer & ~inner, spacing)
    return points, tets


def write_ply(path: Path, points: Points, triangles: Cells, form: str = "ascii") -> Path:
    order = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}[form]
    head = (
        f"ply\nformat {form} 1.0\ncomment a test\nelement vertex {len(points)}\n"
        "property float x\nproperty float y\nproperty float z\nproperty uchar quality\n"
        f"element face {len(triangles)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    if form == "ascii":
        rows = [f"{x!r} {y!r} {z!r} 7" for x, y, z in points.tolist()]
        rows += [f"3 {a} {b} {c}" for a, b, c in triangles.tolist()]
        body = ("\n".join(rows) + "\n").encode()
    else:
        vertices = b"".join(struct.pack(order + "3fB", *p, 7) for p in points)
        body = vertices + b"".join(struct.pack(order + "B3i", 3, *t) for t in triangles)
    path.write_bytes(head.encode() + body)
    return path


def write_stl(path: Path, points: Points, triangles: Cells, form: str = "binary") -> Path:
    corners = points[triangles]
    if form == "binary":
        facets = [struct.pack("<12fH", 0, 0, 0, *c.ravel(), 0) for c in corners]
        count = struct.pack("<I", len(corners))
        path.write_bytes(b"solid in name only".ljust(80) + count + b"".join(facets))
        return path
    rows = ["solid heart"]
    for facet in corners.tolist():
        rows += ["facet normal 0 0 0", "outer loop"]
        rows += [f"vertex {x!r} {y!r} {z!r}" for x, y, z in facet]
        rows += ["endloop", "endfacet"]
    path.write_text("\n".join([*rows, "endsolid heart"]))
    return path


def write_obj(path: Path, points: Points, triangles: Cells, form: str = "plain") -> Path:
    rows = [f"v {x!r} {y!r} {z!r}" for x, y, z in points.tolist()]
    n = len(points)
    for a, b, c in triangles.tolist():
        listed = {
            "plain": f"{a + 1} {b + 1} {c + 1}",
            "normals": f"{a + 1}//{a + 1} {b + 1}//1 {c + 1}/2/3",
            "negative": f"{a - n} {b - n} {c - n}",
        }[form]
        rows.append(f"f {listed}")
    path.write_text("# a test\n" + "\n".join(rows))
    return path


VTK_NAMES = {"f4": "float", "f8": "double", "i4": "int", "i8": "vtktypeint64"}


def write_vtk(
    path: Path,
    points: Points,
    cells: Cells,
    *,
    form: str = "BINARY",
    version: str = "5.1",
    fiber: Points | None = None,
    extra_line_cell: bool = False,
) -> Path:
    """Triangles become POLYDATA, tetrahedra an UNSTRUCTURED_GRID with a fibre per cell."""
    out = bytearray()

    def block(values: NDArray[np.generic]) -> None:
        if form == "BINARY":
            out.extend(values.astype(values.dtype.newbyteorder(">")).tobytes() + b"\n")
        else:
            out.extend((" ".join(map(repr, values.ravel().tolist())) + "\n").encode())

    surface = cells.shape[1] == 3
    rows = [row.tolist() for row in cells] + ([[0, 1]] if extra_line_cell else [])
    ends = np.cumsum([0, *map(len, rows)])
    flat = np.array([corner for row in rows for corner in row])
    kind = "POLYDATA" if surface else "UNSTRUCTURED_GRID"
    out.extend(f"# vtk DataFile Version {version}\na test\n{form}\nDATASET {kind}\n".encode())
    out.extend(f"POINTS {len(points)} double\n".encode())
    block(points.astype("f8"))
    out.extend(b"METADATA\nINFORMATION 0\n\n")
    section = "POLYGONS" if surface else "CELLS"
    if version == "5.1":
        out.extend(f"{section} {len(ends)} {len(flat)}\nOFFSETS vtktypeint64\n".encode())
        block(ends.astype("i8"))
        out.extend(b"CONNECTIVITY vtktypeint64\n")
        block(flat.astype("i8"))
    else:
        listed = [number for row in rows for number in (len(row), *row)]
        out.extend(f"{section} {len(rows)} {len(listed)}\n".encode())
        block(np.array(listed, "i4"))
    if not surface:
        out.extend(f"CELL_TYPES {len(rows)}\n".encode())
        block(np.array([10 if len(row) == 4 else 3 for row in rows], "i4"))
    if fiber is not None:
        whole = np.vstack([fiber, np.zeros((len(rows) - len(fiber), 3))])
        out.extend(f"CELL_DATA {len(rows)}\nVECTORS fiber float\n".encode())
        block(whole.astype("f4"))
        out.extend(f"FIELD FieldData 1\nnumber 1 {len(rows)} int\n".encode())
        block(np.arange(len(rows), dtype="i4"))
    path.write_bytes(bytes(out))
    return path


def write_vtk_xml(
    path: Path,
    points: Points,
    cells: Cells,
    *,
    form: str = "binary",
    compressed: bool = False,
    order: str = "<",
    word: str = "u4",
    fiber: Points | None = None,
) -> Path:
    """``form``: ascii, binary (base64), appended-raw or appended-base64."""
    appended = bytearray()

    def coded(values: NDArray[np.generic]) -> tuple[bytes, bytes]:
        """Header and body of one array."""
        raw = values.astype(values.dtype.newbyteorder(order)).tobytes()
        if not compressed:
            return b"", np.array([len(raw)]).astype(order + word).tobytes() + raw
        size = 4096
        blocks = [zlib.compress(raw[i : i + size]) for i in range(0, len(raw), size)]
        head = [len(blocks), size, len(raw) % size, *map(len, blocks)]
        return np.array(head).astype(order + word).tobytes(), b"".join(blocks)

    def array(name: str, values: NDArray[np.generic], components: int = 1) -> str:
        kinds = {"f8": "Float64", "f4": "Float32", "i8": "Int64", "u1": "UInt8"}
        open_tag = (
            f'<DataArray type="{kinds[values.dtype.str[1:]]}" Name="{name}" '
            f'NumberOfComponents="{components}" format='
        )
        if form == "ascii":
            text = " ".join(map(repr, values.ravel().tolist()))
            return f'{open_tag}"ascii">{text}</DataArray>'
        head, body = coded(values.ravel())
        text = base64.b64encode(head) + base64.b64encode(body)
        if form == "binary":
            return f'{open_tag}"binary">\n{text.decode()}\n</DataArray>'
        offset = len(appended)
        appended.extend(head + body if form == "appended-raw" else text)
        return f'{open_tag}"appended" offset="{offset}"/>'

    surface = cells.shape[1] == 3
    ends = cells.shape[1] * (1 + np.arange(len(cells)))
    lists = array("connectivity", cells.ravel().astype("i8")) + array("offsets", ends.astype("i8"))
    if surface:
        body = f"<Polys>{lists}</Polys>"
    else:
        body = f"<Cells>{lists}{array('types', np.full(len(cells), 10, 'u1'))}</Cells>"
    if fiber is not None:
        body += f"<CellData>{array('fiber', fiber.astype('f4'), 3)}</CellData>"
    body += f"<Points>{array('Points', points.astype('f8'), 3)}</Points>"
    kind = "PolyData" if surface else "UnstructuredGrid"
    counts = f'NumberOfPoints="{len(points)}" Number{"OfPolys" if surface else "OfCells"}'
    end = {"<": "LittleEndian", ">": "BigEndian"}[order]
    headers = {"u4": "UInt32", "u8": "UInt64"}[word]
    zipped = ' compressor="vtkZLibDataCompressor"' if compressed else ""
    text = (
        f'<?xml version="1.0"?>\n<VTKFile type="{kind}" version="1.0" byte_order="{end}" '
        f'header_type="{headers}"{zipped}>\n<{kind}><Piece {counts}="{len(cells)}">'
        f"{body}</Piece></{kind}>\n"
    )
    content = text.encode()
    if form.startswith("appended"):
        encoding = form.partition("-")[2]
        content += f'<AppendedData encoding="{encoding}">\n_'.encode() + bytes(appended)
        content += b"\n</AppendedData>\n"
    path.write_bytes(content + b"</VTKFile>\n")
    return path


def write_carp(path: Path, points: Points, tets: Cells, fiber: Points | None = None) -> Path:
    """Three files beside each other; ``path`` ends in ``.elem``."""
    rows = [f"{x!r} {y!r} {z!r}" for x, y, z in points.tolist()]
    path.with_suffix(".pts").write_text("\n".join([str(len(points)), *rows]))
    rows = [f"Tt {a} {b} {c} {d} 3" for a, b, c, d in tets.tolist()]
    path.write_text("\n".join([str(len(tets)), *rows]))
    if fiber is not None:
        rows = [f"{x!r} {y!r} {z!r} 0 0 1" for x, y, z in fiber.tolist()]
        path.with_suffix(".lon").write_text("\n".join(["2", *rows]))
    return path
