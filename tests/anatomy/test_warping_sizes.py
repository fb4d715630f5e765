"""The template sized to the numbers of an echocardiogram."""

import pytest

from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.template_file import load_template
from organtwin.anatomy.warping_sizes import Sizes, sized, wall_thickness
from organtwin.errors import InputError
from tests.warped_hearts import last, volumes_ml


@pytest.fixture(scope="module")
def heart():
    return load_template()


def test_the_template_has_the_thickness_it_was_built_with(heart):
    thickness = wall_thickness(heart)
    assert thickness[Region.LV] == pytest.approx(9.5e-3, rel=0.06)
    assert thickness[Region.SEPTUM] == pytest.approx(9.5e-3, rel=0.06)


def test_volumes_and_walls_are_met_together(heart):
    asked = Sizes(
        {Cavity.LV: 90e-6, Cavity.RV: 110e-6, Cavity.LA: 70e-6},
        {Region.LV: 13e-3, Region.SEPTUM: 15e-3},
    )
    answer = last(sized(heart, asked))
    anatomy = answer.warp.anatomy(heart)
    ours = volumes_ml(anatomy)
    for cavity, volume in asked.volumes.items():
        assert ours[cavity] == pytest.approx(volume * 1e6, rel=0.02)
    for region, thickness in asked.walls.items():
        assert wall_thickness(anatomy)[region] == pytest.approx(thickness, rel=0.05)
    assert answer.report.folded == 0
    assert answer.report.least_determinant > 0


@pytest.mark.parametrize(
    ("walls", "message"),
    [({Region.LV: 11.0}, "2 to 30 mm"), ({Region.RV: 4e-3}, "expected LV or SEPTUM")],
)
def test_impossible_walls_are_refused(heart, walls, message):
    with pytest.raises(InputError, match=message):
        last(sized(heart, Sizes({Cavity.LV: 120e-6}, walls)))
