"""Checked ranges as files state them: what is read, and what is refused."""

import pytest

from organtwin.errors import DrugError
from organtwin.therapy.checked import NOBODY, other_ranges, read_ranges
from organtwin.therapy.drug_file import read_drug
from organtwin.units import MMHG
from tests.therapy.written_drugs import EFFECT, HEAD, text

CHECKED = {"evidence": "abstract", "patients": "adults", "source": "a", "highest": 5.0}


def written(folder, checked=None, states=()):
    parts = [text(HEAD)]
    if checked is not None:
        parts.append(text({}, checked=checked).lstrip())
    parts += [text({}, **{"checked.state": [state]}).lstrip() for state in states]
    parts.append(text({}, effect=[EFFECT]).lstrip())
    path = folder / "mix.toml"
    path.write_text("\n".join(parts), "utf-8")
    return path


def test_a_range_is_read_with_its_states_in_si(tmp_path):
    state = {"quantity": "pcwp", "unit": "mmHg", "lowest": 15.0, "source": "b"}
    checked = {**CHECKED, "needs": ["heart failure"], "excludes": ["effusion"]}
    found = read_drug(written(tmp_path, checked, [state])).drug.checked
    assert (found.lowest, found.highest) == (0.0, 5.0)
    assert (found.needs, found.excludes) == (("heart failure",), ("effusion",))
    (pressure,) = found.states
    assert pressure.lowest == pytest.approx(15.0 * MMHG)
    assert pressure.highest == float("inf")


def test_a_drug_that_states_none_was_checked_in_nobody(tmp_path):
    assert read_drug(written(tmp_path)).drug.checked is NOBODY


def test_in_nobody_no_dose_need_be_named(tmp_path):
    checked = {"evidence": "none", "patients": "nobody", "source": "assumed"}
    assert read_drug(written(tmp_path, checked)).drug.checked.in_nobody


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"highest": 99.0}, "checked.highest"),
        ({"lowest": 7.0}, "checked.highest"),
        ({"evidence": "hearsay"}, "checked.evidence"),
        ({"needs": ["green eyes"]}, "checked.needs"),
        ({"excludes": "effusion"}, "checked.excludes"),
        ({"colour": "red"}, "checked.colour"),
        ({"patients": " "}, "checked.patients"),
    ],
)
def test_what_is_wrong_in_a_range_is_named(tmp_path, changes, field):
    with pytest.raises(DrugError) as caught:
        read_drug(written(tmp_path, {**CHECKED, **changes}))
    assert caught.value.field == field


def test_a_range_without_an_upper_dose_is_refused(tmp_path):
    checked = {key: CHECKED[key] for key in ("evidence", "patients", "source")}
    with pytest.raises(DrugError, match=r"checked\.highest"):
        read_drug(written(tmp_path, checked))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": "pcwq"}, "checked.state[1].quantity"),
        ({"unit": "mL"}, "checked.state[1].quantity"),
        ({"highest": 5.0}, "checked.state[1].highest"),
    ],
)
def test_what_is_wrong_in_a_state_is_named(tmp_path, changes, field):
    state = {"quantity": "pcwp", "unit": "mmHg", "lowest": 15.0, "source": "b", **changes}
    with pytest.raises(DrugError) as caught:
        read_drug(written(tmp_path, CHECKED, [state]))
    assert caught.value.field == field


def test_no_therapy_states_two_ranges(tmp_path):
    row = (
        '[[range]]\nnames = ["x"]\nevidence = "bench"\npatients = "-"\nsource = "-"\n'
        "lowest = 0\nhighest = 1\n"
    )
    path = tmp_path / "ranges.toml"
    path.write_text(row + row, "utf-8")
    with pytest.raises(DrugError, match="each therapy once"):
        read_ranges(path)
    assert "model" in other_ranges()
