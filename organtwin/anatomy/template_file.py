"""The finished template heart on disk: single precision, metres, LPS patient axes.

Apart from ``template``, which builds it, so that starting the program loads none of the builder.
"""

from functools import cache
from pathlib import Path

import numpy as np

from organtwin.anatomy.anatomy_file import anatomy_of, arrays_of
from organtwin.anatomy.mesh import Anatomy, Surface
from organtwin.anatomy.regions import Region
from organtwin.resources import asset

ASSET = "anatomy/template_heart.npz"
_SAC = "pericardium"


@cache
def load_template() -> Anatomy:
    """The bundled template heart: average adult, end-diastole."""
    with np.load(asset(ASSET)) as stored:
        arrays = {name: stored[name] for name in stored.files if _SAC not in name}
    return anatomy_of(arrays, "template heart")


@cache
def load_pericardium() -> Surface:
    """The sac around the bundled template heart; closed, the great vessels pass through it."""
    with np.load(asset(ASSET)) as stored:
        points = stored[f"{_SAC}_points"].astype(np.float64)
        triangles = stored[f"{_SAC}_triangles"]
    return Surface(points, triangles, np.full(len(points), Region.PERICARDIUM, np.int32))


def save_template(anatomy: Anatomy, pericardium: Surface, path: Path) -> None:
    """Write the asset that ``load_template`` and ``load_pericardium`` read.

    Raises
    ------
    ValueError
        The anatomy has no boundary or no architecture.
    """
    if anatomy.boundary is None or anatomy.architecture is None:
        raise ValueError("the template has no boundary or no architecture")
    arrays = arrays_of(anatomy)
    arrays[f"{_SAC}_points"] = pericardium.points.astype(np.float32)
    arrays[f"{_SAC}_triangles"] = pericardium.triangles
    np.savez_compressed(path, allow_pickle=False, **arrays)
