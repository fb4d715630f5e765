"""Cuts, layers, segments, measurements and exports, by the keys and clicks of the whole window."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.simulation.electric_plan import ElectricPlan
from tests.synthetic_heart import SolidMotion, filled_anatomy
from tests.ui.test_main_window import add_therapy, choose, click


def test_the_cut_is_moved_by_slider_keys_and_hand_and_put_back(qtbot, fitted, session, heart):
    assert not fitted.stage.cut_slider.isVisible()
    qtbot.keyClick(fitted, Qt.Key.Key_C)
    assert heart.told["cut"] == "Four-chamber"
    assert fitted.stage.cut_slider.isVisible()
    fitted.stage.cut_slider.slider.setValue(20)
    assert heart.told["place"] == pytest.approx((0.010, 0.0, 0.0))
    qtbot.keyClick(fitted, Qt.Key.Key_BracketRight)
    heart.cut_moved.emit(0.001)
    heart.cut_turned.emit(0.1, -0.2)
    assert heart.told["place"] == pytest.approx((0.013, 0.1, -0.2))
    assert fitted.stage.cut_slider.label.text() == "+13.0 mm"
    click(qtbot, fitted.stage.cut_slider.back)
    assert heart.told["place"] == (0.0, 0.0, 0.0)
    qtbot.keyClick(fitted, Qt.Key.Key_C)
    assert heart.told["cut"] == ""
    assert not fitted.stage.cut_slider.isVisible()


def test_a_view_that_is_a_cut_opens_the_heart_and_leaving_it_closes_it(fitted, session, heart):
    session.selection.look(2)
    assert heart.told["cut"] == "Four-chamber"
    session.selection.look(0)
    assert heart.told["cut"] == ""
    choose(fitted.stage.cut, "Across the view")
    session.selection.look(1)
    assert heart.told["cut"] == "Across the view"


def test_layers_are_taken_away_by_menu_and_key(qtbot, fitted, session, heart):
    assert "blood" in heart.told["hidden"]
    choose(fitted.stage.layers, "Blood in the chambers")
    assert "blood" not in heart.told["hidden"]
    qtbot.keyClick(fitted, Qt.Key.Key_W)
    assert "walls" in heart.told["hidden"]
    fitted.stage.layers.menu().aboutToShow.emit()
    shown = {a.text(): a.isChecked() for a in fitted.stage.layers.menu().actions()}
    assert shown == {"Chamber walls": False, "Blood in the chambers": True}
    assert fitted.actions_["layer walls"].isEnabled()
    assert not fitted.actions_["layer fibers"].isEnabled()  # this heart has none


def test_conduction_and_torso_can_be_chosen_once_the_electrics_have_come(
    fitted, session, settled, heart
):
    actions = [fitted.actions_[f"layer {name}"] for name in ("conduction", "torso")]
    assert not any(action.isEnabled() for action in actions)
    heart.told.clear()
    heart.layers = (("conduction", "Conduction system"), ("torso", "Torso and electrodes"))
    session.baseline.motion.electrics = "a later answer"
    session.electrics_changed.emit()
    assert heart.told["motion"] is session.baseline.motion  # shown again, with its model
    assert all(action.isEnabled() for action in actions)
    actions[1].trigger()
    assert "torso" not in heart.told["hidden"]


def test_measuring_goes_from_key_to_marking_and_back_by_undo(qtbot, fitted, session, heart):
    anchors = [Anchor(SURFACE, (k,), (1.0,)) for k in range(2)]
    qtbot.keyClick(fitted, Qt.Key.Key_D)
    assert heart.told["tool"] == "distance"
    assert fitted.stage.measure.text() == "Distance ▾"
    heart.point_set.emit(anchors[0])
    assert heart.told["pending"] == (anchors[0],)
    heart.point_set.emit(anchors[1])
    assert [m.name for m in heart.told["markings"]] == ["Distance 1"]
    qtbot.keyClick(fitted, Qt.Key.Key_Escape)
    assert heart.told["tool"] == ""
    qtbot.keyClick(fitted, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert heart.told["markings"] == ()
    session.redo()
    qtbot.keyClick(fitted, Qt.Key.Key_Delete)
    assert session.markings == ()


def test_undo_of_a_marking_leaves_the_plan_alone(fitted, session, settled):
    add_therapy(fitted, "pacing")
    session.markings = (Marking(Kind.LANDMARK, "here", (Anchor(SURFACE, (0,), (1.0,)),)),)
    session.undo()
    assert session.markings == ()
    assert list(fitted.therapy.cards) == ["pacing"]
    settled()


def test_a_segment_pointed_at_on_the_heart_is_told_and_shown(fitted, session, heart):
    heart.segment_pointed.emit(9)
    assert session.selection.pointed == 9
    assert heart.told["segment"] == 9
    heart.segment_chosen.emit(4)
    heart.segment_pointed.emit(0)
    assert heart.told["segment"] == 4


def test_the_model_is_exported_by_a_job(fitted, session, settled, tmp_path, monkeypatch):
    shown = SimpleNamespace(motion=SolidMotion(filled_anatomy(8)))
    monkeypatch.setattr(type(session), "shown", property(lambda self: shown))
    fitted.commands.write_model(tmp_path / "heart.stl", whole_beat=False)
    settled()
    assert (tmp_path / "heart.stl").stat().st_size > 1000
    fitted.commands.write_model(tmp_path / "heart.obj", whole_beat=False)
    settled()
    assert "Exporting the 3D model failed" in session.notice.title


def test_electrics_that_come_later_are_shown_at_once(fitted, session, settled, heart):
    heart.told.clear()
    session.electrics.edit(ElectricPlan("rbbb"))
    settled()
    assert heart.told["motion"].electrics == "computed for 0"
