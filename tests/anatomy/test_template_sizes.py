import numpy as np
import pytest

from organtwin.anatomy.mesh import enclosed_volume
from organtwin.anatomy.regions import Cavity, Valve
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.template_sizes import BODY_SURFACE, SCALE, measured, sized

RANGES = {
    # ASE/EACVI 2015 chamber quantification (Lang et al.): male, female; both where not told apart.
    "lv_diameter": ((42e-3, 58e-3), (38e-3, 52e-3)),
    "lv_volume": ((62e-6, 150e-6), (46e-6, 106e-6)),
    "lv_volume_index": ((34e-6, 74e-6), (29e-6, 61e-6)),
    "lv_mass_index": ((49e-3, 115e-3), (43e-3, 95e-3)),
    "septal_wall": ((6e-3, 10e-3), (6e-3, 9e-3)),
    "lateral_wall": ((6e-3, 10e-3), (6e-3, 9e-3)),
    "relative_wall": ((0.22, 0.42), (0.22, 0.42)),
    "rv_basal_diameter": ((25e-3, 41e-3), (25e-3, 41e-3)),
    "rv_wall": ((1e-3, 5e-3), (1e-3, 5e-3)),
    "la_volume_index": ((16e-6, 34e-6), (16e-6, 34e-6)),
    # Same source, RV by 3D echocardiography: end-diastolic volume index 35-87 and 32-74 mL/m2; RA
    # volume index 25 +- 7 and 21 +- 6 mL/m2 (two standard deviations).
    "rv_volume_index": ((35e-6, 87e-6), (32e-6, 74e-6)),
    "ra_volume_index": ((11e-6, 39e-6), (9e-6, 33e-6)),
}


@pytest.fixture(scope="module")
def sizes():
    found = {}
    for sex, scale in SCALE.items():
        own = measured(sized(load_template(), scale), scale)
        for name in ("lv_volume", "lv_mass", "rv_volume", "la_volume", "ra_volume"):
            own[f"{name}_index"] = own[name] / BODY_SURFACE[sex]
        own["relative_wall"] = 2.0 * own["lateral_wall"] / own["lv_diameter"]
        found[sex] = own
    return found


@pytest.mark.parametrize("quantity", RANGES)
def test_sizes_of_both_sexes_are_normal(sizes, quantity):
    for sex, (low, high) in zip(("male", "female"), RANGES[quantity], strict=True):
        assert low <= sizes[sex][quantity] <= high, sex


def test_sizing_scales_everything_alike():
    heart = load_template()
    small = sized(heart, 0.9)
    for cavity in Cavity:
        ratio = enclosed_volume(small.cavities[cavity]) / enclosed_volume(heart.cavities[cavity])
        assert ratio == pytest.approx(0.9**3, rel=1e-9)
    np.testing.assert_allclose(small.tissue.nodes, 0.9 * heart.tissue.nodes)
    np.testing.assert_allclose(
        small.leaflets[Valve.AORTIC].opening, 0.9 * heart.leaflets[Valve.AORTIC].opening
    )
    assert small.surface.triangles is heart.surface.triangles
