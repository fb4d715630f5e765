from dataclasses import replace

import numpy as np

from organtwin.anatomy.mesh import Tissue
from organtwin.anatomy.regions import Region
from organtwin.scene.tissue_values import transfer
from tests.synthetic_heart import synthetic_anatomy

HEART = synthetic_anatomy(10)


def with_nodes(nodes, region=Region.LV):
    tets = np.arange(len(nodes) // 4 * 4, dtype=np.int32).reshape(-1, 4)
    tissue = Tissue(np.asarray(nodes), tets, np.full(len(tets), region, np.int32))
    return replace(HEART, tissue=tissue)


def carried(anatomy, values):
    out = np.empty(len(anatomy.tissue.nodes), np.float32)
    transfer(anatomy).to_nodes(values.astype(np.float32), out)
    return out


def test_a_node_on_the_surface_takes_about_its_value():
    muscle = np.flatnonzero(HEART.surface.regions == Region.LV)[:40]
    anatomy = with_nodes(HEART.surface.points[muscle])
    height = HEART.surface.points[:, 2]
    found = carried(anatomy, height)
    np.testing.assert_allclose(found, height[muscle], atol=3e-3)


def test_a_constant_stays_and_gaps_are_skipped():
    anatomy = with_nodes(HEART.surface.points[:8] + 1e-3)
    values = np.full(len(HEART.surface.points), 0.3)
    values[::2] = np.nan
    np.testing.assert_allclose(carried(anatomy, values), 0.3, rtol=1e-6)


def test_vessels_have_no_value():
    anatomy = with_nodes(HEART.surface.points[:8], Region.AORTA)
    assert np.isnan(carried(anatomy, np.ones(len(HEART.surface.points)))).all()
