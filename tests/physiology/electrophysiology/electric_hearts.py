"""Hearts prepared for excitation, each once, and what is asked of their activation."""

from functools import cache

import numpy as np

from organtwin.anatomy.architecture import architecture
from organtwin.anatomy.coordinates import INSERTION
from organtwin.anatomy.regions import Cavity, Segment
from organtwin.anatomy.template_file import load_template
from organtwin.physiology.electrophysiology.activation.conduction import conduction_named
from organtwin.physiology.electrophysiology.activation.electric_heart import (
    default_speeds,
    electric_heart,
)
from organtwin.physiology.electrophysiology.activation.tissue import (
    conducting_part,
    electric_tissue,
)
from tests.anatomy.hearts import biventricular, lv_alone

MS = 1e3


@cache
def template_heart():
    """The template on its 3.5 mm tissue."""
    return electric_heart(electric_tissue(load_template()))


@cache
def two_ventricles():
    return electric_heart(heart_part(*biventricular()))


@cache
def left_ventricle():
    return electric_heart(heart_part(*lv_alone()))


def heart_part(tissue, boundary):
    return conducting_part(tissue, boundary, architecture(tissue, boundary))


@cache
def activated(name):
    """Activation of the template for a named conduction."""
    return template_heart().activation(conduction_named(name), default_speeds())


def since_onset(heart, found):
    """Times ``(n_ventricular,)`` [ms] since the first excitation of the ventricles."""
    return (found.ventricular - found.ventricular_onset) * MS


def epicardium(tissue, right):
    """Nodes on the outside of the RV (``right`` 1) or of the LV free wall (0)."""
    inner = np.unique(tissue.endocardium(Cavity.RV))
    outer = np.flatnonzero(tissue.transmural[: tissue.n_ventricular] > 0.97)
    free = (tissue.right[outer] > 0.5) | (np.abs(tissue.rotational[outer]) > INSERTION)
    return np.setdiff1d(outer[free & ((tissue.right[outer] > 0.5) == right)], inner)


def segment_times(heart, found):
    """Mean time [ms] since ventricular onset of each segment of the ventricles."""
    tissue, volume = heart.tissue, heart.tissue.volumes()
    times = (found.times[tissue.tets].mean(axis=1) - found.ventricular_onset) * MS
    return {
        segment: float(np.average(times[own], weights=volume[own]))
        for segment in Segment
        if (own := tissue.segments == segment).any() and Segment.NONE < segment < 22
    }
