"""The conducting part of a heart is complete, insulated, and finds its way back."""

import numpy as np
import pytest

from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.simplices import parts_of
from organtwin.anatomy.template_file import load_template
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.activation.tissue import (
    Health,
    conducting_part,
    electric_tissue,
)
from tests.anatomy.hearts import lv_alone
from tests.physiology.electrophysiology.electric_hearts import left_ventricle, template_heart


@pytest.fixture
def tissue():
    return template_heart().tissue


def test_no_way_through_tissue_leads_from_atria_to_ventricles(tissue):
    part = parts_of(tissue.tets, len(tissue.nodes))
    low, high = part[: tissue.n_ventricular], part[tissue.n_ventricular :]
    assert len(np.intersect1d(low, high)) == 0


def test_ventricles_hang_together(tissue):
    part = parts_of(tissue.tets, len(tissue.nodes))
    assert len(np.unique(part[: tissue.n_ventricular])) == 1


def test_atria_and_ventricles_share_places_but_not_nodes(tissue):
    _, counts = np.unique(tissue.nodes_of_anatomy, return_counts=True)
    assert counts.max() == 2
    assert (counts == 2).sum() > 100


def test_vessels_are_left_out(tissue):
    assert set(np.unique(tissue.regions)) == {
        Region.LV, Region.SEPTUM, Region.RV, Region.LA, Region.RA,
    }  # fmt: skip


def test_almost_all_ventricular_muscle_is_kept(tissue):
    """All but the groove around annuli and great arteries, 7 % as measured."""
    whole = load_template().tissue
    corners = whole.nodes[whole.tets[np.isin(whole.regions, (0, 1, 2))]]
    volume = (np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6).sum()
    kept = tissue.volumes()[tissue.ventricular].sum()
    assert 0.9 * volume < kept < volume


def test_endocardium_lies_against_its_own_blood(tissue):
    cavities = load_template().cavities
    for cavity in (Cavity.LV, Cavity.RV):
        inside = cavities[cavity].points.mean(axis=0)
        corners = tissue.nodes[tissue.endocardium(cavity)]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        towards = np.einsum("ij,ij->i", normals, inside - corners.mean(axis=1))
        assert (towards > 0).mean() > 0.75


def test_fibers_and_sheets_are_square(tissue):
    assert np.abs(np.sum(tissue.fibers * tissue.sheets, axis=1)).max() < 1e-12


def test_values_go_back_to_the_anatomy_with_the_ventricles_first(tissue):
    values = np.where(np.arange(len(tissue.nodes)) < tissue.n_ventricular, 1.0, 2.0)
    n_nodes = len(load_template().tissue.nodes)
    field = tissue.on_anatomy(values, n_nodes)
    assert (field[tissue.nodes_of_anatomy[: tissue.n_ventricular]] == 1.0).all()
    assert np.isnan(field).sum() == n_nodes - len(np.unique(tissue.nodes_of_anatomy))


def test_an_lv_alone_has_no_other_chambers():
    assert set(left_ventricle().tissue.chambers) == {Cavity.LV}


def test_health_of_the_wrong_length_is_refused(tissue):
    with pytest.raises(ValueError, match="tetrahedra"):
        tissue.with_health(np.full(3, Health.SCAR, np.int32))


def test_a_heart_without_fibers_is_refused():
    from dataclasses import replace

    with pytest.raises(InputError, match="fibres"):
        electric_tissue(replace(load_template(), architecture=None))


def test_a_heart_without_ventricles_is_refused():
    heart, boundary = lv_alone()
    from organtwin.anatomy.architecture import architecture
    from organtwin.anatomy.mesh import Tissue

    known = architecture(heart, boundary)
    bare = Tissue(heart.nodes, heart.tets, np.full(len(heart.tets), Region.AORTA, np.int32))
    with pytest.raises(InputError, match="LV, septum or RV"):
        conducting_part(bare, boundary, known)
