"""UCUM codes in the words of ``units``; expected factors follow from the definitions of units."""

import pytest

from organtwin.errors import UnitError
from organtwin.patient.numbers.ucum import ATOMS, is_ucum, ucum_factor, ucum_unit
from organtwin.units import MMHG


@pytest.mark.parametrize(
    ("code", "like", "factor"),
    [
        ("mm[Hg]", "mmHg", MMHG), ("kPa", "mmHg", 1000.0), ("/min", "1/min", 1 / 60),
        ("{beats}/min", "1/min", 1 / 60), ("{beats}.min-1", "1/min", 1 / 60),
        ("mL", "mL", 1e-6), ("ml", "mL", 1e-6), ("cm3", "mL", 1e-6), ("L/min", "L/min", 1e-3 / 60),
        ("%", "%", 0.01), ("{ratio}", "%", 1.0), ("cm/s", "m/s", 0.01), ("ms", "ms", 1e-3),
        ("dyn.s.cm-5", "dyn s/cm5", 1e5), ("dyn.s/cm5", "dyn s/cm5", 1e5),
        ("[wood'U]", "dyn s/cm5", MMHG * 60 / 1e-3), ("mm[Hg]/s", "mmHg/s", MMHG),
        ("cm2", "cm2", 1e-4), ("g{muscle}", "g", 1e-3), ("[in_i]", "cm", 0.0254),
    ],
)  # fmt: skip
def test_a_code_has_the_factor_of_its_unit(code: str, like: str, factor: float) -> None:
    assert ucum_factor(code, like) == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize(
    "code",
    ["", "mm(hg)", "beats", "10*3/uL", "Mm", "bpm", "mmHg", "mL/", "/", "mL..s", "rad", "Bq"],
)
def test_what_is_no_known_unit_of_ucum_is_refused_by_name(code: str) -> None:
    with pytest.raises(UnitError) as error:
        ucum_unit(code)
    assert error.value.got == repr(code)
    assert not is_ucum(code)


def test_a_unit_of_another_kind_is_refused() -> None:
    with pytest.raises(UnitError, match="L/min/m2"):
        ucum_factor("L/min/m2", "L/min")


@pytest.mark.parametrize("atom", sorted(ATOMS))
def test_every_atom_is_a_unit_of_this_program(atom: str) -> None:
    assert ucum_factor(atom, ATOMS[atom]) > 0.0
