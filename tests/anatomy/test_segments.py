"""The segments of the heart: sizes, places, neighbours."""

import numpy as np
import pytest

from organtwin.anatomy.architecture import architecture
from organtwin.anatomy.regions import Region, Segment
from organtwin.anatomy.stuffing import volumes
from tests.anatomy.hearts import biventricular, lv_alone, template, template_architecture


@pytest.fixture(scope="module")
def whole():
    return template()[0], template_architecture()


def _middle(tissue, heart, *segments):
    inside = np.isin(heart.segments, segments)
    return tissue.nodes[tissue.tets[inside]].mean(axis=(0, 1))


def test_an_even_shell_is_divided_evenly():
    tissue, boundary = lv_alone()
    size = np.bincount(
        architecture(tissue, boundary).segments, volumes(tissue.nodes, tissue.tets), 24
    )
    share = 100 * size[1:18] / size.sum()
    assert share[:6] == pytest.approx(7.6, abs=0.4)
    assert share[6:12] == pytest.approx(6.0, abs=0.4)
    assert share[12:16] == pytest.approx(3.7, abs=0.4)
    assert share[16] == pytest.approx(3.9, abs=0.5)
    assert size[18:].sum() == 0


def test_every_segment_of_the_whole_heart_has_its_share(whole):
    tissue, heart = whole
    size = np.bincount(heart.segments, volumes(tissue.nodes, tissue.tets), 24)
    left = 100 * size[1:18] / size[1:18].sum()
    assert left[:12].min() > 4.5
    assert left[:12].max() < 15
    assert left[12:16].min() > 2
    assert 0.5 < left[16] < 5
    assert (size[18:22] / size[18:22].sum()).min() > 0.1


def test_muscle_has_a_segment_and_nothing_else_has(whole):
    tissue, heart = whole
    left = np.isin(tissue.regions, (Region.LV, Region.SEPTUM, Region.RV))
    assert ((heart.segments >= 1) & (heart.segments <= 21))[left].all()
    assert (heart.segments[tissue.regions == Region.LA] == Segment.LEFT_ATRIUM).all()
    assert (heart.segments[tissue.regions == Region.RA] == Segment.RIGHT_ATRIUM).all()
    assert (heart.segments[tissue.regions > Region.RA] == Segment.NONE).all()


def test_segments_lie_where_their_names_say(whole):
    tissue, heart = whole
    left, posterior, head = 0, 1, 2
    anterior = _middle(tissue, heart, Segment.MID_ANTERIOR)
    inferior = _middle(tissue, heart, Segment.MID_INFERIOR)
    lateral = _middle(tissue, heart, Segment.MID_ANTEROLATERAL, Segment.MID_INFEROLATERAL)
    septal = _middle(tissue, heart, Segment.MID_ANTEROSEPTAL, Segment.MID_INFEROSEPTAL)
    assert anterior[head] > inferior[head] + 0.02
    assert anterior[posterior] < inferior[posterior]
    assert lateral[left] > septal[left] + 0.02
    apex = _middle(tissue, heart, Segment.APEX)
    for name in ("BASAL", "MID"):
        ring = [segment for segment in Segment if segment.name.startswith(name)]
        distance = np.linalg.norm(_middle(tissue, heart, *ring) - apex)
        assert distance > (0.07 if name == "BASAL" else 0.035)


def test_outflow_part_of_the_right_ventricle_lies_below_the_pulmonary_artery(whole):
    tissue, heart = whole
    trunk = tissue.nodes[
        np.intersect1d(
            tissue.tets[tissue.regions == Region.PULMONARY_ARTERY],
            tissue.tets[tissue.regions == Region.RV],
        )
    ].mean(axis=0)
    away = {
        segment: np.linalg.norm(_middle(tissue, heart, segment) - trunk)
        for segment in (Segment.RV_OUTFLOW, Segment.RV_BASAL, Segment.RV_MID, Segment.RV_APICAL)
    }
    assert min(away, key=away.__getitem__) == Segment.RV_OUTFLOW
    assert away[Segment.RV_OUTFLOW] < 0.03


def test_a_cut_right_ventricle_has_no_outflow_part():
    segments = architecture(*biventricular()).segments
    assert not (segments == Segment.RV_OUTFLOW).any()
    assert set(range(1, 18)) | {19, 20, 21} == set(np.unique(segments))


def test_septal_segments_are_the_ones_that_touch_the_right_ventricle():
    tissue, boundary = biventricular()
    heart = architecture(tissue, boundary)
    right = np.unique(tissue.tets[heart.segments >= Segment.RV_BASAL])
    blood = np.unique(boundary.faces[boundary.borders == 2])
    septal = np.setdiff1d(blood, right)
    touching = heart.segments[np.isin(tissue.tets, septal).any(axis=1)]
    names = (Segment.BASAL_ANTEROSEPTAL, Segment.BASAL_INFEROSEPTAL, Segment.MID_ANTEROSEPTAL,
             Segment.MID_INFEROSEPTAL, Segment.APICAL_SEPTAL)  # fmt: skip
    assert np.isin(touching, names).mean() > 0.85
