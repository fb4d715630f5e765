"""Parameter sets: frozen, bounded, and telling what changed."""

import math

import pytest

from organtwin.errors import ParameterError, UnitError, UnknownNameError
from organtwin.parameters.files import parameter_specs
from organtwin.physiology.heart import default_parameters
from organtwin.units import _FAMILIAR, _parsed_factor, from_si, si_factor, to_si


def test_every_parameter_has_a_unit_a_meaning_a_source_and_a_default_inside_its_range():
    specs = parameter_specs("heart")
    assert len(specs) > 80
    for spec in specs.values():
        assert spec.lower <= spec.default <= spec.upper, spec.name
        assert spec.meaning
        assert spec.source
        assert si_factor(spec.unit, spec.unit) > 0


def test_replacing_gives_a_new_set_and_keeps_the_old():
    normal = default_parameters()
    changed = normal.replace(systemic_resistance=1.5e8)
    assert normal["systemic_resistance"] != 1.5e8
    (change,) = normal.diff(changed)
    assert change.spec.name == "systemic_resistance"
    assert str(change) == "systemic_resistance: 1.046 -> 1.125 mmHg s/mL"


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0, 1e12])
def test_a_value_outside_its_range_is_refused_with_the_range_in_its_unit(value):
    with pytest.raises(ParameterError, match=r"expected .* mmHg s/mL, got"):
        default_parameters().replace(systemic_resistance=value)


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(UnknownNameError, match="systemic_resistance"):
        default_parameters().replace(systemic_resistence=1e8)
    with pytest.raises(UnknownNameError, match="lv_active_stress"):
        default_parameters()["lv_active_stres"]


@pytest.mark.parametrize(
    ("value", "unit", "si"),
    [
        (120, "mmHg", 15998.686), (5, "L/min", 8.3333e-5), (60, "%", 0.6), (60, "1/min", 1.0),
        (1, "dyn s/cm5", 1e5), (1, "WU", 7.99934e6), (2, "cm2", 2e-4), (1, "kPa", 1000.0),
    ],
)  # fmt: skip
def test_clinical_units_are_converted_and_back(value, unit, si):
    assert to_si(value, unit) == pytest.approx(si, rel=1e-5)
    assert from_si(to_si(value, unit), unit) == pytest.approx(value)


@pytest.mark.parametrize("unit", _FAMILIAR)
def test_the_program_s_own_units_are_those_of_pint(unit):
    kind, factor = _FAMILIAR[unit]
    assert factor == pytest.approx(_parsed_factor(unit, unit), rel=1e-9)
    for other, (its_kind, _) in _FAMILIAR.items():
        if its_kind == kind:
            assert _parsed_factor(unit, other) == pytest.approx(factor, rel=1e-9)


@pytest.mark.parametrize(
    ("unit", "like"), [("degC", "kelvin"), ("mmHg", "mL"), ("nonsense", "mL"), ("5 mL", "mL")]
)
def test_a_unit_with_an_offset_or_of_another_kind_is_refused(unit, like):
    with pytest.raises(UnitError):
        si_factor(unit, like)
