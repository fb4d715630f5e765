"""From a simulated beat to the moving heart: what the wall motion needs to know of it."""

import numpy as np

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Cavity
from organtwin.physiology.mechanics.deformation import HeartMotion, heart_motion
from organtwin.simulation.beat import Beat

FRAMES = 60
"""Frames per beat: 14 ms apart at 70 per minute, finer than an echo."""


def beat_motion(anatomy: Anatomy, beat: Beat, frames: int = FRAMES) -> HeartMotion:
    """Wall motion of a beat: each drawn cavity holds the volume that the circulation says."""
    index = np.linspace(0, len(beat.times), frames, endpoint=False).astype(int)
    volumes = np.column_stack(
        [beat.traces[f"{cavity.name.lower()}_volume"][index] for cavity in Cavity]
    )
    return heart_motion(
        anatomy,
        beat.duration,
        beat.times[index],
        volumes,
        beat.patch_strain[index],
        beat.activation,
        beat.av_delay,
    )
