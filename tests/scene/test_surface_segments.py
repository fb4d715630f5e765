from dataclasses import replace

import numpy as np
import pytest

from organtwin.anatomy.mesh import Architecture, Surface
from organtwin.anatomy.regions import Region, Segment
from organtwin.anatomy.template_file import load_template
from organtwin.scene.surface_segments import (
    segment_at,
    segment_means,
    segment_name,
    surface_segments,
)
from tests.synthetic_heart import filled_anatomy

TEMPLATE = load_template()


@pytest.mark.parametrize(
    ("level", "angle", "segment"),
    [
        (0.9, 30, Segment.BASAL_ANTEROSEPTAL), (0.9, 90, Segment.BASAL_ANTERIOR),
        (0.9, 150, Segment.BASAL_ANTEROLATERAL), (0.9, -150, Segment.BASAL_INFEROLATERAL),
        (0.9, -90, Segment.BASAL_INFERIOR), (0.9, -30, Segment.BASAL_INFEROSEPTAL),
        (0.5, 90, Segment.MID_ANTERIOR), (0.5, -90, Segment.MID_INFERIOR),
        (0.2, 0, Segment.APICAL_SEPTAL), (0.2, 90, Segment.APICAL_ANTERIOR),
        (0.2, -90, Segment.APICAL_INFERIOR), (0.2, 179, Segment.APICAL_LATERAL),
        (0.2, -179, Segment.APICAL_LATERAL), (-0.1, 77, Segment.APEX),
    ],
)  # fmt: skip
def test_levels_and_angles_give_the_segments_of_the_standard(level, angle, segment):
    assert segment_at(np.array([level]), np.array([float(angle)]))[0] == segment


def middle(segment):
    return TEMPLATE.surface.points[surface_segments(TEMPLATE).segments == segment].mean(axis=0)


def test_on_the_template_walls_lie_where_anatomy_has_them():
    # LPS: front is -y, the patient's left +x, the feet -z.
    assert middle(Segment.MID_ANTERIOR)[1] < middle(Segment.MID_INFERIOR)[1]
    assert middle(Segment.MID_ANTERIOR)[2] > middle(Segment.MID_INFERIOR)[2]
    assert middle(Segment.MID_ANTEROLATERAL)[0] > middle(Segment.MID_INFEROSEPTAL)[0]
    assert middle(Segment.APEX)[2] < middle(Segment.BASAL_ANTERIOR)[2]


def test_all_seventeen_are_on_the_template_and_none_on_other_chambers():
    segments = surface_segments(TEMPLATE).segments
    count = np.bincount(segments, minlength=18)
    assert count[1:18].min() > 40
    left = (segments > Segment.NONE) & (segments <= Segment.APEX)
    assert not left[TEMPLATE.surface.regions == Region.AORTA].any()
    # Where walls meet, the nearest element may be of the neighbour.
    assert left[np.isin(TEMPLATE.surface.regions, (Region.RV, Region.LA))].mean() < 0.03


def test_the_architecture_decides_where_there_is_one():
    heart = filled_anatomy()
    tissue = heart.tissue
    none = np.zeros(len(tissue.nodes), np.float32)
    fibers = np.zeros((len(tissue.tets), 3), np.float32)
    parts = np.where(tissue.regions == Region.LV, Segment.MID_INFERIOR, Segment.RV_MID)
    architecture = Architecture(none, none, none, none, fibers, fibers, parts.astype(np.int32))
    found = surface_segments(replace(heart, architecture=architecture))
    assert found.source == "from the tissue"
    muscle = heart.surface.regions <= Region.RA
    assert set(found.segments[muscle]) <= {0, Segment.MID_INFERIOR, Segment.RV_MID}
    assert (found.segments == Segment.MID_INFERIOR).any()
    assert (found.segments[heart.surface.regions == Region.AORTA] == Segment.NONE).all()


def test_a_heart_without_a_septum_has_no_segments():
    heart = filled_anatomy()
    plain = replace(heart.surface, regions=np.full(len(heart.surface.points), Region.LA, np.int32))
    assert isinstance(plain, Surface)
    assert surface_segments(replace(heart, surface=plain)) is None


def test_means_leave_out_gaps_and_what_is_no_segment():
    segments = np.array([1, 1, 2, 0, 22])
    means = segment_means(np.array([1.0, np.nan, 3.0, 9.0, 9.0]), segments)
    assert means[1] == 1.0
    assert means[2] == 3.0
    assert np.isnan(means[[0, 3]]).all()
    assert len(means) == 18


def test_names_are_words():
    assert segment_name(Segment.MID_INFEROLATERAL) == "mid inferolateral"
    assert segment_name(Segment.NONE) == ""
