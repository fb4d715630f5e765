"""Sites of the LV lead on the heart: coloured where they face the viewer, hollow behind it."""

import numpy as np
import pytest
from PySide6.QtGui import QColor

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.ui.views.site_heart_view import SiteHeartView
from tests.synthetic_heart import SolidMotion, filled_anatomy

HEART = filled_anatomy()
BEST_COLOR = QColor(253, 231, 36)
"""The bright end of the colour table."""


def at(place: int) -> Anchor:
    return Anchor(SURFACE, (place,), (1.0,), len(HEART.surface.points))


@pytest.fixture
def view(qtbot):
    made = SiteHeartView()
    qtbot.addWidget(made)
    made.resize(320, 240)
    made.show()
    qtbot.waitExposed(made)
    made.show_motion(SolidMotion(HEART))
    yield made
    made.release()


def test_only_sites_toward_the_viewer_are_filled(view) -> None:
    depth = HEART.surface.points[:, 1]  # seen from the front, which is toward smaller
    sites = (at(int(np.argmin(depth))), at(int(np.argmax(depth))))
    view.set_sites(sites, np.ones(2), np.zeros(2, np.bool_), -1)
    picture = view.grab().toImage()
    pixels = view._seen(sites)[1].round().astype(int).tolist()
    near, far = (picture.pixelColor(*pixel) for pixel in pixels)
    assert abs(near.red() - BEST_COLOR.red()) + abs(near.blue() - BEST_COLOR.blue()) < 12
    assert abs(far.red() - BEST_COLOR.red()) + abs(far.blue() - BEST_COLOR.blue()) > 40
