import numpy as np
import pytest

from organtwin.errors import UnknownNameError
from organtwin.scene.colormaps import color_table
from organtwin.scene.fields import FIELDS, field


def _lightness(table: np.ndarray) -> np.ndarray:
    linear = (table / 255.0) ** 2.2
    return (linear @ [0.2126, 0.7152, 0.0722]) ** (1 / 3)


def test_viridis_grows_lighter_throughout():
    assert (np.diff(_lightness(color_table("viridis"))) > -0.004).all()
    assert np.ptp(_lightness(color_table("viridis"))) > 0.5


def test_the_diverging_map_is_lightest_in_the_middle():
    lightness = _lightness(color_table("vik"))
    assert abs(int(lightness.argmax()) - 128) <= 4
    assert lightness[0] < 0.4
    assert lightness[-1] < 0.4


def test_a_reversed_map_runs_backwards():
    assert (color_table("vik_r") == color_table("vik")[::-1]).all()


def test_a_table_cannot_be_changed_by_its_user():
    with pytest.raises(ValueError, match="read-only"):
        color_table("viridis")[0] = 0


def test_an_unknown_map_or_field_offers_the_nearest_name():
    with pytest.raises(UnknownNameError, match="viridis"):
        color_table("viridi")
    with pytest.raises(UnknownNameError, match="strain"):
        field("strian")


@pytest.mark.parametrize("name", FIELDS)
def test_ticks_lie_within_the_limits_of_their_field(name):
    chosen = FIELDS[name]
    ticks = np.array(chosen.ticks) / chosen.per_unit
    assert chosen.low <= ticks.min() < ticks.max() <= chosen.high + 1e-12
