"""How thick the left walls of the drawn template are, where numbers about this patient tell it.

Thickness is that measured at end-diastole; where only the muscle's mass was measured, the thickness
with which a heart of the template's shape has that mass around the fitted cavity. Without either,
the muscle is the template's. A heart from files has its own walls.
"""

from dataclasses import dataclass
from functools import lru_cache

from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.template_file import load_template
from organtwin.assimilation.observation import WALL_THICKNESS
from organtwin.errors import InputError
from organtwin.patient.record import PatientRecord
from organtwin.physiology.interface import Wall
from organtwin.physiology.mechanics.template_walls import (
    TEMPLATE_WALLS,
    WallFactors,
    WallThickness,
    wall_factors,
)
from organtwin.physiology.mechanics.wall_beat import reference_volumes
from organtwin.physiology.mechanics.wall_thickness import (
    NORMAL_MUSCLE,
    NORMAL_THICKNESS,
    area_ratio,
)
from organtwin.simulation.biomarkers import MUSCLE_DENSITY
from organtwin.simulation.motion import beat_course
from organtwin.twin.twin import Twin


@dataclass(frozen=True)
class DrawnWalls:
    """Factors on the template's walls, and a sentence about them; empty when nothing is known."""

    factors: WallFactors = TEMPLATE_WALLS
    said: str = ""


@lru_cache(maxsize=2)
def drawn_walls(twin: Twin) -> DrawnWalls:
    """The walls of a twin that is drawn as the template."""
    if not tells_walls(twin.record):
        return DrawnWalls()
    volumes = reference_volumes(beat_course(twin.baseline.beat).cavity_volumes)
    wanted = measured_walls(twin.record, float(volumes[Cavity.LV]))
    try:
        factors = wall_factors(load_template(), volumes, wanted)
    except InputError as error:
        return DrawnWalls(said=f"The measured walls cannot be drawn: {error}")
    source = "thickness" if _told(twin.record) else "mass"
    said = (
        f"Walls at end-diastole by the measured {source}: free wall {1e3 * wanted.free:.1f} mm, "
        f"septum {1e3 * wanted.septum:.1f} mm."
    )
    return DrawnWalls(factors, said)


def tells_walls(record: PatientRecord) -> bool:
    """Whether a number of the record tells how thick the left walls are."""
    return any(name in record for name in (*WALL_THICKNESS.values(), "lv_mass"))


def measured_walls(record: PatientRecord, cavity: float) -> WallThickness:
    """The walls of a record that tells of them, around an LV of ``cavity`` [m3]."""
    told = _told(record)
    if told:
        # One wall alone counts for both, as it does for the muscle of the model.
        either = next(iter(told.values()))
        return WallThickness(told.get(Wall.LV, either), told.get(Wall.SEPTUM, either))
    muscle = record["lv_mass"].value / MUSCLE_DENSITY / NORMAL_MUSCLE
    thickness = NORMAL_THICKNESS * muscle / area_ratio(muscle, cavity)
    return WallThickness(thickness, thickness)


def _told(record: PatientRecord) -> dict[Wall, float]:
    return {wall: record[name].value for wall, name in WALL_THICKNESS.items() if name in record}
