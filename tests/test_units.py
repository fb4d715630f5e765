"""Units as people write them, and those that look right and are not."""

import time

import pytest

from organtwin.errors import UnitError
from organtwin.units import si_factor


@pytest.mark.parametrize(
    ("unit", "like"),
    [
        ("pct", "%"), ("percent", "%"), ("BPM", "1/min"), ("min-1", "1/min"), ("min^-1", "1/min"),
        ("/min", "1/min"), ("beats/min", "1/min"), ("beats per minute", "1/min"),
        ("Wood units", "WU"), ("wu", "WU"), ("mmHg/(L/min)", "WU"), ("mmHg min/L", "WU"),
        ("MMHG", "mmHg"), ("mm Hg", "mmHg"), ("y", "years"), ("yr", "years"),
        ("dyn·s·cm⁻⁵", "dyn s/cm5"), ("dyn.s.cm-5", "dyn s/cm5"), ("cm²", "cm2"), ("cc", "mL"),
        ("mcg/kg/min", "ug/kg/min"), ("µg/kg/min", "ug/kg/min"), ("litres/min", "L/min"),
    ],
)  # fmt: skip
def test_a_clinical_spelling_is_read_as_what_it_means(unit: str, like: str) -> None:
    assert si_factor(unit, like) == pytest.approx(si_factor(like, like), rel=1e-9)


@pytest.mark.parametrize(
    ("unit", "like"),
    [
        ("rpm", "1/min"), ("rad/s", "1/min"), ("Bq", "1/min"), ("deg", "%"), ("%", "mg/kg"),
        ("mg/kg", "%"), ("1/min", "ug/kg/min"), ("Hz", "ug/kg/min"), ("ug/kg/min", "1/min"),
        ("ML", "mL"), ("Mm", "mm"), ("10", "%"), ("1e3 mL", "mL"), ("", "mL"), ("(mL", "mL"),
    ],
)  # fmt: skip
def test_a_unit_of_equal_dimension_and_other_meaning_is_refused(unit: str, like: str) -> None:
    with pytest.raises(UnitError) as caught:
        si_factor(unit, like)
    assert like in caught.value.remedy


@pytest.mark.parametrize(
    "unit", ["9**9**9**9", "m**9**9**9**9", "m^9^9^9", "m" * 5000, "((m" * 900]
)
def test_an_endless_unit_is_refused_at_once(unit: str) -> None:
    si_factor("cmH2O", "mmHg")  # pint itself takes a moment to load
    start = time.perf_counter()
    with pytest.raises(UnitError) as caught:
        si_factor(unit, "mL")
    assert time.perf_counter() - start < 0.5
    assert len(str(caught.value)) < 300


def test_international_units_are_no_plain_number_and_no_enzyme_activity() -> None:
    assert si_factor("U/h", "U/min") == pytest.approx(1.0 / 3600.0)
    assert si_factor("IU/min", "U/min") == pytest.approx(1.0 / 60.0)
    for other in ("1/min", "umol/min", "mg/min"):
        with pytest.raises(UnitError, match="same kind of quantity"):
            si_factor(other, "U/min")
