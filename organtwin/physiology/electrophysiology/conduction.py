"""Ventricular activation for the pump by the name of a conduction.

The delays were computed with the electrical model (``activation``) on the template heart, patch by
patch (``activation.patches``), and are kept in a table that ``scripts/build_pump_activation.py``
writes. A measured QRS duration makes all of them longer or shorter alike, as one factor on all
speeds would, within the range of that factor. A patient's own computed activation needs no table:
see ``activation.patches.pump_activation`` and ``Conditions.excited``.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import UnknownNameError
from organtwin.parameters.files import parameter_specs
from organtwin.physiology.interface import Activation, PatchLayout, Wall, atrial_delays
from organtwin.resources import asset
from organtwin.units import MS

TABLE = "electrophysiology/pump_activation.csv"
SYNCHRONOUS = "synchronous"
"""All ventricular muscle at once: what the pump is without dyssynchrony, no conduction at all."""

_OTHER_NAMES: Mapping[str, str] = MappingProxyType({"paced": "rv_paced"})


@dataclass(frozen=True, eq=False, slots=True)
class TemplateActivation:
    """One conduction of the template: QRS and PR [s], delays [s] of the patches of each wall.

    ``atria``: mean times [s] at which the left and the right one are excited.
    """

    qrs_duration: float
    pr_interval: float
    atria: tuple[float, float]
    delays: Mapping[Wall, FloatArray]


@cache
def template_activations() -> Mapping[str, TemplateActivation]:
    """The table, by the names of ``activation.conduction.PATTERNS`` that make a beat."""
    with asset(TABLE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return MappingProxyType({row["conduction"]: _activation(row) for row in rows})


def _activation(row: Mapping[str, str]) -> TemplateActivation:
    delays = {
        wall: np.array([
            float(value) * MS for name, value in row.items()
            if name.startswith(f"{wall.name.lower()}_")
        ])
        for wall in (Wall.LV, Wall.SEPTUM, Wall.RV)
    }  # fmt: skip
    atria = float(row["la_ms"]) * MS, float(row["ra_ms"]) * MS
    return TemplateActivation(float(row["qrs_ms"]) * MS, float(row["pr_ms"]) * MS, atria, delays)


def _known(name: str) -> str:
    name = _OTHER_NAMES.get(name, name)
    if name != SYNCHRONOUS and name not in template_activations():
        raise UnknownNameError(
            "conduction pattern", name, (SYNCHRONOUS, *template_activations(), *_OTHER_NAMES)
        )
    return name


def slowness_for(name: str, qrs_duration: float) -> float:
    """How many times slower than the template a heart conducts, by its measured QRS [s].

    The nearest that ``speed_factor`` of ``conduction.toml`` allows; 1 for ``synchronous``.

    Raises
    ------
    UnknownNameError
        The conduction is not known.
    """
    name = _known(name)
    if name == SYNCHRONOUS:
        return 1.0
    factor = parameter_specs("conduction")["speed_factor"]
    wanted = qrs_duration / template_activations()[name].qrs_duration
    return float(np.clip(wanted, 1.0 / factor.upper, 1.0 / factor.lower))


def reached_qrs(name: str, qrs_duration: float) -> float:
    """The QRS duration [s] nearest to a measured one that the conduction can have."""
    name = _known(name)
    if name == SYNCHRONOUS:
        return qrs_duration
    return slowness_for(name, qrs_duration) * template_activations()[name].qrs_duration


def pr_relative_to_normal(name: str) -> float:
    """PR interval of a conduction as a multiple of that of normal conduction, on the template."""
    name = _known(name)
    if name == SYNCHRONOUS:
        return 1.0
    known = template_activations()
    return known[name].pr_interval / known["normal"].pr_interval


def conduction_pattern(name: str, layout: PatchLayout, slowness: float = 1.0) -> Activation:
    """Activation of every patch for a named conduction.

    Parameters
    ----------
    name
        A row of the table or ``synchronous``; ``paced`` means ``rv_paced``.
    layout
        Number of patches per wall; other numbers than those of the table take its mean over the
        muscle they cover.
    slowness
        Factor on all delays, in the atria too, see ``slowness_for``.

    Raises
    ------
    UnknownNameError
        The conduction is not known.
    """
    name = _known(name)
    delays = np.zeros(layout.total)
    if name != SYNCHRONOUS:
        known = template_activations()[name]
        for wall, times in known.delays.items():
            part = layout.slice(wall)
            delays[part] = slowness * _divided(times, part.stop - part.start)
        atria = atrial_delays(*(slowness * time for time in known.atria))
        for wall, time in zip((Wall.LA, Wall.RA), atria, strict=True):
            delays[layout.slice(wall)] = time
    return Activation(name, layout, delays, slowness)


def _divided(values: FloatArray, count: int) -> FloatArray:
    """Means over ``count`` equal parts of a wall from those over other equal parts."""
    if count == len(values):
        return values
    sums = np.concatenate([[0.0], np.cumsum(values) / len(values)])
    edges = np.linspace(0.0, 1.0, count + 1)
    return np.asarray(
        count * np.diff(np.interp(edges, np.linspace(0.0, 1.0, len(values) + 1), sums))
    )
