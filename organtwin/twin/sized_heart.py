"""The template with the walls of this patient, where numbers tell their thickness and no file does.

Wall thickness is that measured at end-diastole; where only the muscle's mass was measured, the
thickness with which a heart of the template's shape has that mass around the fitted cavity.
Cavity volumes are those of the fitted beat at its end-diastole. ``anatomy.warping_sizes`` brings
the template to them.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from organtwin.anatomy.regions import Cavity, Region
from organtwin.assimilation.observation import WALL_THICKNESS
from organtwin.patient.record import PatientRecord
from organtwin.physiology.interface import Wall
from organtwin.physiology.mechanics.wall_thickness import (
    NORMAL_MUSCLE,
    NORMAL_THICKNESS,
    area_ratio,
)
from organtwin.simulation.biomarkers import MUSCLE_DENSITY
from organtwin.twin.twin import Twin

if TYPE_CHECKING:
    from organtwin.anatomy.warping_sizes import Sizes
    from organtwin.twin.own_heart import HeartStep

_REGIONS = {Wall.LV: Region.LV, Wall.SEPTUM: Region.SEPTUM}
_VOLUME_STEP, _WALL_STEP = 1e-6, 1e-4
"""Sizes are rounded to these [m3, m], below what can be seen: a new fit finds the kept heart."""


def has_walls(record: PatientRecord) -> bool:
    """Whether numbers tell how thick the left walls are, and no files show the heart."""
    return record.heart is None and any(
        name in record for name in (*WALL_THICKNESS.values(), "lv_mass")
    )


def sizes_of(twin: Twin) -> "Sizes":
    """What the template is brought to.

    Raises
    ------
    UnknownNameError
        Neither thickness nor mass was measured; ask ``has_walls`` before.
    """
    from organtwin.anatomy.warping_sizes import Sizes

    traces = twin.baseline.beat.traces
    filled = int(traces["lv_volume"].argmax())
    volumes = {
        cavity: _rounded(float(traces[f"{cavity.name.lower()}_volume"][filled]), _VOLUME_STEP)
        for cavity in Cavity
    }
    return Sizes(volumes, _walls(twin.record, volumes[Cavity.LV]))


def _walls(record: PatientRecord, cavity: float) -> Mapping[Region, float]:
    told = {wall: record[name].value for wall, name in WALL_THICKNESS.items() if name in record}
    if not told:
        muscle = record["lv_mass"].value / MUSCLE_DENSITY / NORMAL_MUSCLE
        thickness = NORMAL_THICKNESS * muscle / area_ratio(muscle, cavity)
        told = dict.fromkeys(_REGIONS, thickness)
    # One wall alone counts for both, as it does for the muscle of the model.
    either = next(iter(told.values()))
    return {
        region: _rounded(told.get(wall, either), _WALL_STEP) for wall, region in _REGIONS.items()
    }


def _rounded(value: float, step: float) -> float:
    return round(value / step) * step


def sizing_heart(sizes: "Sizes") -> Iterator["HeartStep"]:
    """Bring the template to sizes, step by step; takes some six seconds.

    Raises
    ------
    InputError
        A thickness is not that of a heart.
    """
    from organtwin.anatomy.completion import anatomy_provenance
    from organtwin.anatomy.mesh import enclosed_volume
    from organtwin.anatomy.stuffing import quality
    from organtwin.anatomy.template_file import load_template
    from organtwin.anatomy.warping_sizes import sized, wall_thickness
    from organtwin.anatomy.warping_targets import Targets
    from organtwin.twin.own_heart import HeartStep, OwnHeart, with_architecture

    doing = "Bringing the walls to the measured thickness"
    for step in sized(load_template(), sizes, "the measured walls"):
        if step.warp is None or step.report is None:
            yield HeartStep(0.9 * step.done, doing)
            continue
        anatomy = with_architecture(step.warp.anatomy(load_template()))
        reached = wall_thickness(anatomy)
        said = ", ".join(f"{region.name} {1e3 * reached[region]:.1f} mm" for region in sizes.walls)
        heart = OwnHeart(
            anatomy,
            step.warp,
            anatomy_provenance(Targets()),
            {cavity: enclosed_volume(surface) for cavity, surface in anatomy.cavities.items()},
            {},
            quality(anatomy.tissue.nodes, anatomy.tissue.tets),
            (f"The template with the patient's walls: {said}.", *step.report.findings),
        )
        yield HeartStep(1.0, "The walls are as measured", heart)
