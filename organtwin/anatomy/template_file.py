"""The finished template heart on disk: single precision, metres, LPS patient axes.

Apart from ``template``, which builds it, so that starting the program loads none of the builder.
"""

from functools import cache
from pathlib import Path

import numpy as np

from organtwin.anatomy.anatomy_file import anatomy_of, arrays_of
from organtwin.anatomy.mesh import Anatomy
from organtwin.resources import asset

ASSET = "anatomy/template_heart.npz"


@cache
def load_template() -> Anatomy:
    """The bundled template heart: average adult, end-diastole."""
    with np.load(asset(ASSET)) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return anatomy_of(arrays, "template heart")


def save_template(anatomy: Anatomy, path: Path) -> None:
    """Write the asset that ``load_template`` reads.

    Raises
    ------
    ValueError
        The anatomy has no boundary or no architecture.
    """
    if anatomy.boundary is None or anatomy.architecture is None:
        raise ValueError("the template has no boundary or no architecture")
    np.savez_compressed(path, allow_pickle=False, **arrays_of(anatomy))
