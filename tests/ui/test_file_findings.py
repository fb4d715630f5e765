"""Findings in files of a heart are listed, marked in 3D, and turned to by a click."""

from types import SimpleNamespace

import numpy as np
import pytest

from organtwin.anatomy.finding import GeometryFinding, GeometryFindingKind
from organtwin.ui.views.file_findings import FileFindings

SIDE = np.array([[0.04, 0.0, 0.0]])


def ball():
    """An octahedron of 40 mm."""
    points = 0.04 * np.array(
        [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], float
    )
    triangles = np.array(
        [[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]]
    )
    return SimpleNamespace(points=points, triangles=triangles)


@pytest.fixture
def listed(qtbot, session):
    widget = FileFindings(session)
    qtbot.addWidget(widget)
    widget.resize(480, 560)
    widget.show()
    session.examination = SimpleNamespace(
        outlines=(ball(),),
        findings=(
            GeometryFinding(GeometryFindingKind.TOLD, "unit", "millimetres"),
            GeometryFinding(GeometryFindingKind.REFUSED, "edges", "two walls", SIDE, "Mend it."),
        ),
    )
    session.heart_examined.emit()
    yield widget
    widget.release()


def test_every_finding_is_listed_with_kind_text_remedy_and_place(listed):
    texts = [listed.list.item(row).text() for row in range(listed.list.count())]
    assert texts[1] == "Refused: edges: two walls. Mend it. At (40.0, 0.0, 0.0) mm"
    assert texts[0] == "Told: unit: millimetres."


def test_a_click_on_a_finding_turns_the_files_to_it(listed):
    before = listed.view.camera
    listed.list.setCurrentRow(1)
    assert listed.view.camera != before
    np.testing.assert_allclose(listed.view.camera.direction, [1.0, 0.0, 0.0], atol=1e-9)


def test_a_finding_without_a_place_leaves_the_camera(listed):
    before = listed.view.camera
    listed.list.setCurrentRow(0)
    assert listed.view.camera == before


def test_the_chosen_place_is_marked_in_the_picture(listed):
    listed.list.setCurrentRow(1)
    (x, y) = listed.view.seen(SIDE)[0]
    color = listed.view.grab().toImage().pixelColor(round(x), round(y))
    assert (color.red(), color.green(), color.blue()) == (255, 96, 72)


def test_the_files_are_drawn_translucent(listed):
    (x, y) = listed.view.seen(np.array([[0.0, -0.02, 0.01]]))[0]
    image = listed.view.grab().toImage()
    inside, outside = image.pixelColor(round(x), round(y)), image.pixelColor(2, 2)
    assert inside.red() > outside.red() + 20
    assert inside.red() < 210
