"""The beating surface as one binary glTF 2.0 file (.glb), for viewers, slides and headsets.

Frames of the beat are morph targets, blended in turn by one looping animation. glTF is in metres
with y up and z to the front: patient axes (x left, y back, z head) become (x, z, -y).

Source: Khronos glTF 2.0 specification, sections 3.7.2.2 (morph targets), 3.11 (animations), 4.4.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np

from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.scene.kernels import ByteArray

_FLOAT, _BYTE, _WORD = 5126, 5121, 5125
_VERTICES, _INDICES = 34962, 34963
_GLB, _JSON, _BIN = 0x46546C67, 0x4E4F534A, 0x004E4942

Node = dict[str, object]


class _Accessor(TypedDict, total=False):
    bufferView: int
    componentType: int
    normalized: bool
    count: int
    type: str
    min: list[float]
    max: list[float]


def write_glb(
    path: Path,
    frames: Sequence[Float32Array],
    duration: float,
    triangles: IntArray,
    colors: ByteArray,
    title: str,
) -> None:
    """Write ``frames`` of ``(n, 3)`` [m] points, evenly spaced over ``duration`` [s].

    One frame makes a still. ``colors`` ``(n, 3)`` are as seen on screen (sRGB).
    """
    body = _Body()
    places = [_upright(frame) for frame in frames]
    primitive: Node = {
        "attributes": {
            "POSITION": body.add(places[0], "VEC3", _VERTICES, limits=True),
            "COLOR_0": body.add(_linear(colors), "VEC4", _VERTICES),
        },
        "indices": body.add(triangles.astype("<u4").ravel(), "SCALAR", _INDICES),
        "material": 0,
    }
    mesh: Node = {"primitives": [primitive], "name": title}
    document: Node = {
        "asset": {"version": "2.0", "generator": f"OrganTwin: {title}; metres"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": title}],
        "meshes": [mesh],
        "materials": [
            {
                "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.55},
                "doubleSided": True,
            }
        ],
    }
    if len(frames) > 1:
        primitive["targets"] = [
            {"POSITION": body.add(place - places[0], "VEC3", _VERTICES, limits=True)}
            for place in places[1:]
        ]
        mesh["weights"] = [0.0] * (len(frames) - 1)
        document["animations"] = [_animation(body, len(frames), duration)]
    path.write_bytes(body.packed(document))


def _animation(body: "_Body", count: int, duration: float) -> Node:
    """Each frame is one target at full weight; the first, and the return to it, is none."""
    times = np.linspace(0.0, duration, count + 1).astype("<f4")
    weights = np.zeros((count + 1, count - 1), dtype="<f4")
    weights[np.arange(1, count), np.arange(count - 1)] = 1.0
    sampler = {
        "input": body.add(times, "SCALAR", limits=True),
        "output": body.add(weights.ravel(), "SCALAR"),
        "interpolation": "LINEAR",
    }
    channel = {"sampler": 0, "target": {"node": 0, "path": "weights"}}
    return {"name": "beat", "samplers": [sampler], "channels": [channel]}


class _Body:
    """The binary part, and the accessors that say what lies where."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._views: list[Node] = []
        self._accessors: list[_Accessor] = []

    def add(
        self, array: np.ndarray, kind: str, target: int | None = None, *, limits: bool = False
    ) -> int:
        """Append an array; gives the number of its accessor."""
        raw = np.ascontiguousarray(array).tobytes()
        view: Node = {"buffer": 0, "byteOffset": len(self._bytes), "byteLength": len(raw)}
        if target is not None:
            view["target"] = target
        self._views.append(view)
        self._bytes += raw + b"\0" * (-len(raw) % 4)
        component = {"f": _FLOAT, "u": _WORD}[array.dtype.kind] if array.itemsize == 4 else _BYTE
        accessor = _Accessor(
            bufferView=len(self._views) - 1, componentType=component, count=len(array), type=kind
        )
        if component == _BYTE:
            accessor["normalized"] = True
        if limits:
            accessor["min"] = [float(value) for value in np.atleast_1d(array.min(axis=0))]
            accessor["max"] = [float(value) for value in np.atleast_1d(array.max(axis=0))]
        self._accessors.append(accessor)
        return len(self._accessors) - 1

    def packed(self, document: Node) -> bytes:
        """The whole file."""
        document |= {
            "buffers": [{"byteLength": len(self._bytes)}],
            "bufferViews": self._views,
            "accessors": self._accessors,
        }
        text = json.dumps(document).encode()
        text += b" " * (-len(text) % 4)
        total = 12 + 8 + len(text) + 8 + len(self._bytes)
        return b"".join(
            [
                np.array([_GLB, 2, total, len(text), _JSON], dtype="<u4").tobytes(),
                text,
                np.array([len(self._bytes), _BIN], dtype="<u4").tobytes(),
                bytes(self._bytes),
            ]
        )


def _upright(points: Float32Array | FloatArray) -> Float32Array:
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1).astype("<f4")


def _linear(colors: ByteArray) -> ByteArray:
    """Screen colours as the linear ones that glTF wants, with full opacity."""
    linear = np.round(255.0 * (colors / 255.0) ** 2.2).astype(np.uint8)
    return np.column_stack([linear, np.full(len(colors), 255, np.uint8)])
