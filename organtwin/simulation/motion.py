"""From a simulated beat to the moving heart: what the wall motion needs to know of it."""

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity, Valve
from organtwin.arrays import FloatArray
from organtwin.physiology.mechanics.deformation import (
    BeatCourse,
    HeartMotion,
    heart_motion,
    own_heart_motion,
)
from organtwin.physiology.mechanics.placement import PlacedHeart
from organtwin.physiology.mechanics.template_walls import TEMPLATE_WALLS, WallFactors
from organtwin.simulation.beat import Beat

FRAMES = 60
"""Frames per beat: 14 ms apart at 70 per minute, finer than an echo."""

LEAFLET_TIME = 0.04
"""Leaflets take this long from closed to open and back [s], as in M-mode echo."""

FORWARD = 0.02
"""A valve is open while its flow is above this share of its largest."""


def beat_motion(
    anatomy: Anatomy, beat: Beat, frames: int = FRAMES, walls: WallFactors = TEMPLATE_WALLS
) -> HeartMotion:
    """Wall motion of a beat in the template: each drawn cavity holds the circulation's volume."""
    return heart_motion(anatomy, beat_course(beat, frames), walls)


def own_beat_motion(
    heart: PlacedHeart, template: Anatomy, beat: Beat, frames: int = FRAMES
) -> HeartMotion:
    """Wall motion of a beat in a patient's own heart."""
    return own_heart_motion(heart, template, beat_course(beat, frames))


def beat_course(beat: Beat, frames: int = FRAMES) -> BeatCourse:
    """What the wall motion needs of a beat, at a number of frames."""
    index = np.linspace(0, len(beat.times), frames, endpoint=False).astype(int)
    volumes = [beat.traces[f"{cavity.name.lower()}_volume"][index] for cavity in Cavity]
    return BeatCourse(
        beat.duration,
        beat.times[index],
        np.column_stack(volumes),
        beat.patch_strain[index],
        beat.activation,
        beat.av_delay,
        valve_openings(beat)[index],
    )


def valve_openings(beat: Beat) -> FloatArray:
    """How far each valve is open at each time of a beat ``(n, 4)``, 0 closed to 1 open.

    Open while blood flows forward. A narrowed valve is drawn as opening fully: the flow does not
    tell its area.
    """
    return np.column_stack(
        [
            leaflet_opening(beat.traces[f"{valve.name.lower()}_flow"], beat.duration)
            for valve in Valve
        ]
    )


def leaflet_opening(flow: FloatArray, duration: float) -> FloatArray:
    """Opening ``(n,)`` of a valve from its flow ``(n,)`` over one beat of a length [s]."""
    forward = (flow > FORWARD * max(float(flow.max()), 0.0)).astype(np.float64)
    width = max(1, round(LEAFLET_TIME / duration * len(flow)))
    window = 1.0 - np.cos(2.0 * np.pi * (np.arange(width) + 0.5) / width)
    window /= window.sum()
    reach = np.resize(np.arange(len(flow)), len(flow) + 2 * width) - width
    smooth = np.convolve(forward[reach % len(flow)], window, mode="same")
    return np.clip(smooth[width : width + len(flow)], 0.0, 1.0)
