"""Hearts made of files are kept, so that the same files open at once the next time.

A heart is found again by a digest of the bytes of its files, of what was said about them, and of
the program's version; anything else makes it anew. What is kept can be deleted at any time.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin import __version__
from organtwin.anatomy.anatomy_file import anatomy_of, arrays_of
from organtwin.anatomy.completion import Provenance
from organtwin.anatomy.label_map import Structure
from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.stuffing import quality
from organtwin.anatomy.warping_field import SplineStep
from organtwin.anatomy.warping_map import Warp
from organtwin.patient.geometry.mapping import LabelMapping, mapping_text
from organtwin.patient.geometry.source import HeartSource
from organtwin.resources import user_cache
from organtwin.twin.own_heart import HEART_SPACING, HeartStep, OwnHeart, building_heart

KEPT = 12
"""Hearts; at 5 to 30 MB each."""
_FORMAT = 1


def opening_heart(
    source: HeartSource, *, tissue_spacing: float = HEART_SPACING
) -> Iterator[HeartStep]:
    """The heart of a source, from what was kept or made anew and then kept.

    Raises
    ------
    InputError
        As ``building_heart``.
    """
    path = _place(source, tissue_spacing)
    kept = _kept(path)
    if kept is not None:
        yield HeartStep(1.0, "The heart is ready", kept)
        return
    for step in building_heart(source, tissue_spacing=tissue_spacing):
        if step.heart is not None:
            _keep(step.heart, path)
        yield step


def _place(source: HeartSource, spacing: float) -> Path:
    digest = hashlib.sha256()
    for file in (*source.files, *source.companions):
        digest.update(f"/{file.name}/".encode())
        with suppress(OSError):  # its reader says what is wrong with it
            digest.update(file.read_bytes())
    mapping = source.mapping
    table = mapping_text(mapping) if isinstance(mapping, LabelMapping) else mapping
    said = (
        _FORMAT, __version__, spacing, table, sorted(map(str, source.parts.items())),
        source.unit, source.axes, source.frame, source.complete, source.position.name,
    )  # fmt: skip
    if isinstance(mapping, str) and mapping and Path(mapping).is_file():
        digest.update(Path(mapping).read_bytes())
    digest.update(repr(said).encode())
    return user_cache("hearts") / f"{digest.hexdigest()[:24]}.npz"


def _keep(heart: OwnHeart, path: Path) -> None:
    told = {
        "provenance": {s.name: p.name for s, p in heart.provenance.items()},
        "volumes": {c.name: v for c, v in heart.volumes.items()},
        "given": {c.name: v for c, v in heart.given.items()},
        "findings": list(heart.findings),
    }
    arrays = arrays_of(heart.anatomy)
    arrays |= _warp_arrays(heart.warp)
    arrays["told"] = np.frombuffer(json.dumps(told).encode(), np.uint8)
    part = path.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):  # a full or read-only disk only costs time
        try:
            _write(arrays, part, path)
        finally:
            part.unlink(missing_ok=True)


def _write(arrays: dict[str, NDArray[np.generic]], part: Path, path: Path) -> None:
    """The file appears only complete; the oldest ones make room for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with part.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    part.replace(path)
    oldest = sorted(path.parent.glob("*.npz"), key=lambda p: p.stat().st_mtime)[:-KEPT]
    for stale in oldest:
        stale.unlink(missing_ok=True)


def _kept(path: Path) -> OwnHeart | None:
    try:
        # NumPy leaves a damaged file open, which Windows could then not replace.
        with path.open("rb") as file, np.load(file) as stored:
            heart = _heart_of({name: stored[name] for name in stored.files})
    except (OSError, EOFError, ValueError, TypeError, LookupError, zipfile.BadZipFile):
        return None  # absent, or cut short
    with suppress(OSError):
        path.touch()  # the last to be thrown away
    return heart


def _heart_of(arrays: dict[str, NDArray[np.generic]]) -> OwnHeart:
    told = json.loads(arrays.pop("told").tobytes())
    anatomy = anatomy_of(arrays, "patient's heart")
    return OwnHeart(
        anatomy,
        _warp_of(arrays),
        {Structure[name]: Provenance[kind] for name, kind in told["provenance"].items()},
        {Cavity[name]: float(value) for name, value in told["volumes"].items()},
        {Cavity[name]: float(value) for name, value in told["given"].items()},
        quality(anatomy.tissue.nodes, anatomy.tissue.tets),
        tuple(told["findings"]),
    )


def _warp_arrays(warp: Warp) -> dict[str, NDArray[np.generic]]:
    arrays: dict[str, NDArray[np.generic]] = {
        "warp_linear": warp.linear,
        "warp_shift": warp.shift,
    }
    for number, step in enumerate(warp.steps):
        arrays[f"warp_{number}_lower"] = step.lower
        arrays[f"warp_{number}_spacing"] = np.array(step.spacing)
        arrays[f"warp_{number}_coefficients"] = step.coefficients
    return arrays


def _warp_of(arrays: dict[str, NDArray[np.generic]]) -> Warp:
    steps, number = [], 0
    while f"warp_{number}_lower" in arrays:
        lower, spacing, coefficients = (
            arrays[f"warp_{number}_{part}"].astype(np.float64)
            for part in ("lower", "spacing", "coefficients")
        )
        steps.append(SplineStep(lower, float(spacing), coefficients))
        number += 1
    linear, shift = (arrays[f"warp_{part}"].astype(np.float64) for part in ("linear", "shift"))
    return Warp(linear, shift, tuple(steps))
