"""The wall mechanics in a few modes and a few elements: what a beat is solved with.

``modes`` span the displacements of the training beats (proper orthogonal decomposition, weighted by
volume). The elastic force on the modes is a weighted sum over ``sample`` elements only, weights by
non-negative least squares on the training states (energy-conserving sampling and weighting, Farhat
et al. 2014), which keeps the reduced model symmetric and stable.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from organtwin.anatomy.mesh import MuscleMap
from organtwin.arrays import Float32Array, FloatArray, IntArray
from organtwin.physiology.mechanics.wall_stretch import WallFrames

_BYTE = 255.0
_COUNTS = 32767.0


@dataclass(frozen=True, eq=False)
class WallModes:
    """Reduced mechanics of one heart in its reference.

    ``nodes`` ``(n, 3)`` [m] and ``tets`` of the mechanics mesh, ``regions`` ``(n_tets,)``;
    ``modes`` ``(n, n_modes, 3)`` [m], of size 1 at their largest; ``sample`` ``(s,)`` elements,
    ``weights`` ``(s, 2)`` of shape and volume [m3], ``frames`` of the sample; ``springs``
    ``(n_modes, n_modes)``; ``atrial_walls`` ``(2,)`` [m3].
    """

    nodes: FloatArray
    tets: IntArray
    regions: IntArray
    modes: Float32Array
    sample: IntArray
    weights: FloatArray
    frames: WallFrames
    springs: FloatArray
    atrial_walls: FloatArray

    def save(self, path: Path) -> None:
        """Write the asset: 16 bits per value of a mode."""
        scale = np.abs(self.modes).max(axis=(0, 2)) / _COUNTS
        muscle = self.frames.muscle
        counts = np.round(np.moveaxis(self.modes, 1, 0) / scale[:, None, None]).astype(np.int16)
        np.savez_compressed(
            path,
            allow_pickle=False,
            nodes=self.nodes.astype(np.float32),
            tets=self.tets.astype(np.uint16 if len(self.nodes) < 65536 else np.int32),
            regions=self.regions.astype(np.int8),
            counts=counts,
            scale=scale,
            sample=self.sample,
            weights=self.weights,
            along=self.frames.along.astype(np.float32),
            outward=self.frames.outward.astype(np.float32),
            shares=np.round(muscle.shares * _BYTE).astype(np.uint8),
            courses=np.round(muscle.courses * _BYTE).astype(np.uint8),
            springs=self.springs,
            atrial_walls=self.atrial_walls,
        )

    @staticmethod
    def load(path: Path) -> "WallModes":
        with np.load(path) as stored:
            arrays = {name: stored[name] for name in stored.files}
        sample, regions = arrays["sample"], arrays["regions"].astype(np.int32)
        modes = arrays["counts"] * arrays["scale"][:, None, None].astype(np.float32)
        frames = WallFrames(
            arrays["along"].astype(np.float64),
            arrays["outward"].astype(np.float64),
            regions[sample],
            MuscleMap(
                arrays["shares"].astype(np.float32) / np.float32(_BYTE),
                arrays["courses"].astype(np.float32) / np.float32(_BYTE),
            ),
        )
        return WallModes(
            arrays["nodes"].astype(np.float64),
            arrays["tets"].astype(np.int32),
            regions,
            np.ascontiguousarray(np.moveaxis(modes, 0, 1).astype(np.float32)),
            sample,
            arrays["weights"],
            frames,
            arrays["springs"],
            arrays["atrial_walls"],
        )
