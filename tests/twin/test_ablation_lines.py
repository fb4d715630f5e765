"""Lines of lesions over the surface: closed they isolate, with a gap they do not."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.anatomy.regions import Region
from organtwin.anatomy.template_file import load_template
from organtwin.arrays import FloatArray, IntArray
from organtwin.errors import InputError
from organtwin.physiology.electrophysiology.activation.conduction import Conduction
from organtwin.physiology.electrophysiology.activation.electric_heart import default_speeds
from organtwin.simulation.electric_plan import AblationLine
from organtwin.twin.ablation_lines import line_lesion
from tests.physiology.electrophysiology.electric_hearts import template_heart

AROUND = 14e-3
"""Radius of the ring of stops [m]: its inside is larger than the strip is wide."""
WIDE = 4e-3
"""Half the width of the strip [m]."""


@cache
def middle() -> FloatArray:
    """A place on the outside of the left atrium's back wall."""
    surface = load_template().surface
    atrial = np.flatnonzero(surface.regions == Region.LA)
    points = surface.points[atrial]
    return points[np.argmax(points[:, 1])].astype(np.float64)


def ring(
    region: Region, center: FloatArray, share: float = 1.0, *, outside: bool = False
) -> tuple[Anchor, ...]:
    """Stops around a place, over a share of the full turn; nearest, or on the ``outside``."""
    points = load_template().surface.points
    own = np.flatnonzero(load_template().surface.regions == region)
    away = center - points[own].mean(axis=0)
    out = away / np.linalg.norm(away)
    across = np.cross(away, [0.0, 0.0, 1.0])
    across /= np.linalg.norm(across)
    up = np.cross(across, away)
    up /= np.linalg.norm(up)
    stops = []
    for angle in np.linspace(0.0, 2 * np.pi * share, 9)[: 8 if share == 1.0 else 9]:
        wanted = center + AROUND * (np.cos(angle) * across + np.sin(angle) * up)
        aside = np.linalg.norm(np.cross(points[own] - wanted, out), axis=1)
        under = own[aside < 3e-3]
        if not outside:
            under = own[[np.argmin(np.linalg.norm(points[own] - wanted, axis=1))]]
        nearest = int(under[np.argmax(points[under] @ out)])
        stops.append(Anchor(SURFACE, (nearest,), (1.0,), len(points)))
    return tuple(stops)


def times(line: AblationLine) -> FloatArray:
    heart = template_heart()
    lesion = line_lesion(line, load_template(), heart.tissue)
    return heart.activation(Conduction(lesions=(lesion,)), default_speeds()).times


def inside(line: AblationLine) -> IntArray:
    """Nodes of the left atrium within the ring that the strip itself leaves alive."""
    tissue = template_heart().tissue
    nodes = tissue.touching(Region.LA)
    nodes = nodes[np.linalg.norm(tissue.nodes[nodes] - middle(), axis=1) < 8e-3]
    wide = replace(line_lesion(line, load_template(), tissue), radius=line.radius + 2.5e-3)
    return nodes[~wide.holds(tissue.nodes[nodes])].astype(np.int32)


def test_a_closed_line_isolates_its_inside_through_the_wall_of_an_atrium() -> None:
    line = AblationLine("Line 1", ring(Region.LA, middle()), WIDE, closed=True)
    found, own = times(line), inside(line)
    assert len(own) > 10
    assert np.isinf(found[own]).all()
    outside = template_heart().tissue.touching(Region.RA)
    assert np.isfinite(found[outside]).mean() > 0.95


def test_a_line_with_a_gap_conducts_late() -> None:
    healthy = template_heart().activation(Conduction(), default_speeds()).times
    line = AblationLine("Line 1", ring(Region.LA, middle(), 0.65), WIDE)
    found, own = times(line), inside(line)
    assert len(own) > 10
    assert np.isfinite(found[own]).all()
    assert np.mean(found[own] - healthy[own]) > 1e-3


def test_a_line_in_a_ventricle_is_as_deep_as_it_says() -> None:
    surface, tissue = load_template().surface, template_heart().tissue
    left = surface.points[surface.regions == Region.LV]
    low = left[left[:, 2] < np.quantile(left[:, 2], 0.4)]
    stops = ring(Region.LV, low[np.argmax(low[:, 0])], 0.4, outside=True)
    deep, shallow = (
        line_lesion(AblationLine("Line 1", stops, 4e-3, depth), load_template(), tissue)
        for depth in (6e-3, 2e-3)
    )
    at = tissue.nodes[tissue.tets].mean(axis=1)
    assert deep.holds(at).sum() > shallow.holds(at).sum() > 0
    assert set(deep.depths.tolist()) == {6e-3}


def test_a_line_follows_the_surface_between_its_stops() -> None:
    tissue = template_heart().tissue
    stops = ring(Region.LA, middle(), 0.5)[::8]
    lesion = line_lesion(AblationLine("Line 1", stops), load_template(), tissue)
    nearest = np.array([np.linalg.norm(tissue.nodes - p, axis=1).min() for p in lesion.path])
    assert nearest.max() < 3e-3
    assert np.linalg.norm(np.diff(lesion.path, axis=0), axis=1).max() < 2e-3


def test_a_line_too_thin_for_the_mesh_is_refused() -> None:
    tissue = template_heart().tissue
    stops = ring(Region.LA, middle())
    with pytest.raises(InputError, match="would leak"):
        line_lesion(AblationLine("Line 1", stops, 2e-3), load_template(), tissue)


def test_one_point_is_no_line() -> None:
    with pytest.raises(InputError, match="two points or more"):
        line_lesion(
            AblationLine("Line 1", ring(Region.LA, middle())[:1]), load_template(),
            template_heart().tissue,
        )  # fmt: skip
