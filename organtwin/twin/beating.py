"""The heart on screen: the patient's own where files show it, else the template."""

from functools import lru_cache
from typing import TYPE_CHECKING

from organtwin.anatomy.template_file import load_template
from organtwin.physiology.mechanics.deformation import HeartMotion
from organtwin.physiology.mechanics.placement import PlacedHeart
from organtwin.physiology.mechanics.template_walls import TEMPLATE_WALLS
from organtwin.simulation.beat import Beat
from organtwin.simulation.motion import beat_motion, own_beat_motion
from organtwin.twin.drawn_walls import drawn_walls
from organtwin.twin.twin import Twin

if TYPE_CHECKING:
    from organtwin.twin.own_heart import OwnHeart


def beating(beat: Beat, heart: "OwnHeart | None" = None, twin: Twin | None = None) -> HeartMotion:
    """How a heart moves in a beat; the template, brought to the beat's volumes, without ``heart``.

    The template then has the walls of ``twin``, as far as numbers tell of them.

    An own heart keeps the shape of its images, and the beat's volumes: where image and circulation
    disagree on a volume, it is stretched evenly to the circulation's.
    """
    if heart is None:
        walls = TEMPLATE_WALLS if twin is None else drawn_walls(twin).factors
        return beat_motion(load_template(), beat, walls=walls)
    return own_beat_motion(_placed(heart), load_template(), beat)


@lru_cache(maxsize=2)
def _placed(heart: "OwnHeart") -> PlacedHeart:
    return PlacedHeart(heart.anatomy, heart.warp)
