"""Lead weights of a patient, solved once and kept on disk by what they were made from.

    for step in remembered_fan(anatomy, sizes, muscle): ...
    weights = varied_weights(step.fan, electrodes=standard_electrodes(sizes))

The name of a file is the digest of heart, trunk and the text of this package, so nothing kept can
be stale. A folder that cannot be written only costs the time to solve again.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.mesh import Anatomy
from organtwin.arrays import FloatArray
from organtwin.physiology.electrophysiology.torso.body import TrunkSizes
from organtwin.physiology.electrophysiology.torso.sources import Muscle
from organtwin.physiology.electrophysiology.torso.trunk import COARSE, FINE, building
from organtwin.physiology.electrophysiology.torso.variation import (
    FanStep,
    WeightFan,
    fan_grids,
    fanning,
)
from organtwin.resources import user_cache

_KEPT = 12
"""Files kept, 40 MB each for the template in a trunk; trunks of other people are other files."""


def remembered_fan(
    anatomy: Anatomy, sizes: TrunkSizes, muscle: Muscle, *, folder: Path | None = None,
    fine: float = FINE, coarse: float = COARSE,
) -> Iterator[FanStep]:  # fmt: skip
    """The fan of weights and its fibre part: read where known, else built, solved and kept."""
    folder = folder or user_cache("lead_fields")
    path = folder / f"{_digest(anatomy, sizes, muscle, (fine, coarse))}.npy"
    chest, limbs, _ = fan_grids(sizes)
    known = _read(path)
    if known is not None:
        whole, along = (WeightFan(chest, limbs, part) for part in known)
        yield FanStep(1.0, whole, along)
        return
    trunk = None
    for step in building(anatomy, sizes, fine=fine, coarse=coarse):
        trunk = step.trunk
        yield FanStep(0.25 * step.done)
    if trunk is None:
        return
    for answer in fanning(trunk, muscle):
        if answer.fan is not None and answer.along is not None:
            _keep(path, np.stack([answer.fan.weights, answer.along.weights]))
        yield FanStep(0.25 + 0.75 * answer.done, answer.fan, answer.along)


def _read(path: Path) -> FloatArray | None:
    try:
        return np.asarray(np.load(path, allow_pickle=False), np.float64)
    except (OSError, ValueError, EOFError):
        return None


def _keep(path: Path, weights: FloatArray) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            np.save(file, weights, allow_pickle=False)
        part.replace(path)
        kept = sorted(path.parent.glob("*.npy"), key=lambda p: p.stat().st_mtime, reverse=True)
        for old in kept[_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        return  # a read-only or full disk: solved again next time


def _digest(anatomy: Anatomy, sizes: TrunkSizes, muscle: Muscle, steps: tuple[float, float]) -> str:
    digest = hashlib.sha256(repr((astuple(sizes), steps)).encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    tissue = anatomy.tissue
    arrays: list[NDArray[np.generic]] = [tissue.nodes, tissue.tets, tissue.regions]
    arrays += [muscle.nodes, muscle.tets, muscle.fibers, muscle.sheets]
    for cavity in anatomy.cavities.values():
        arrays += [cavity.points, cavity.triangles]
    if anatomy.architecture is not None:
        arrays += [anatomy.architecture.fibers, anatomy.architecture.apicobasal]
    for array in arrays:
        digest.update(repr((array.shape, array.dtype.str)).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:24]
