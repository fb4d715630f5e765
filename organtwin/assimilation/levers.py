"""What the fit may change: a dozen levers, each a factor on a group of parameters.

A lever's value x is the logarithm of a factor on the normal adult; its prior is normal with mean 0
and the given standard deviation, so a quantity nobody measured stays normal. Parameters p of a
lever move as p = p_0 exp(e x) with the exponents e below.

Choices. Wall volume grows with reference area at constant thickness, and the pericardium grows with
the chambers (chronic dilation; an acute change would keep it). Septum and left wall share levers.
Standard deviations are wide compared with healthy adults so that disease stays reachable: they are
modelling choices, tested by fitting five published phenotypes within 2 sd.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.parameters.sets import ParameterSet


@dataclass(frozen=True, slots=True)
class Lever:
    """A factor on a group of parameters; ``prior_sd`` is that of its logarithm."""

    name: str
    label: str
    prior_sd: float
    exponents: Mapping[str, float]


def lever_on(name: str, label: str, prior_sd: float, **exponents: float) -> Lever:
    """A lever by the exponents of its parameters."""
    return Lever(name, label, prior_sd, MappingProxyType(exponents))


LEVERS: tuple[Lever, ...] = (
    lever_on(
        "left_contractility", "Left contractility", 0.5,
        lv_active_stress=1.0, septum_active_stress=1.0,
    ),
    lever_on("right_contractility", "Right contractility", 0.6, rv_active_stress=1.0),
    lever_on(
        "left_size", "Left ventricular size", 0.35,
        lv_reference_area=1.0, septum_reference_area=1.0, lv_wall_volume=1.0,
        septum_wall_volume=1.0, pericardium_volume=0.6,
    ),
    lever_on(
        "right_size", "Right ventricular size", 0.3,
        rv_reference_area=1.0, rv_wall_volume=1.0, pericardium_volume=0.4,
    ),
    lever_on(
        "left_atrial_size", "Left atrial size", 0.4,
        la_reference_area=1.0, la_wall_volume=1.0, pericardium_volume=0.15,
    ),
    lever_on(
        "left_stiffness", "Left passive stiffness", 0.6,
        lv_passive_stress=1.0, septum_passive_stress=1.0,
    ),
    lever_on("right_stiffness", "Right passive stiffness", 0.6, rv_passive_stress=1.0),
    lever_on("systemic_resistance", "Systemic resistance", 0.5, systemic_resistance=1.0),
    lever_on("pulmonary_resistance", "Pulmonary resistance", 0.8, pulmonary_resistance=1.0),
    lever_on("blood_volume", "Filling volume", 0.35, blood_volume=1.0),
    lever_on(
        "arterial_stiffness", "Arterial stiffness", 0.4, systemic_artery_stiffness_exponent=1.0
    ),
    lever_on(
        "pulmonary_stiffness", "Pulmonary artery stiffness", 0.4,
        pulmonary_artery_stiffness_exponent=1.0,
    ),
    lever_on(
        "systolic_duration", "Duration of contraction", 0.1,
        ventricular_duration_base=1.0, ventricular_duration_fraction=1.0,
    ),
)  # fmt: skip


def with_levers(
    base: ParameterSet, levers: Sequence[Lever], values: FloatArray, fixed: frozenset[str]
) -> ParameterSet:
    """The base set with all levers applied; parameters in ``fixed`` were measured and stay.

    Raises
    ------
    ParameterError
        A parameter leaves the range of the model.
    """
    logs: dict[str, float] = {}
    for lever, value in zip(levers, values, strict=True):
        for name, exponent in lever.exponents.items():
            if name not in fixed:
                logs[name] = logs.get(name, 0.0) + exponent * float(value)
    return base.scaled(**{name: float(np.exp(log)) for name, log in logs.items()})
