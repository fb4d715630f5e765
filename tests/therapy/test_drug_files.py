"""Drug files: what is read, what is refused and how, and which drugs there are."""

import random

import pytest

from organtwin.errors import DrugError
from organtwin.resources import asset
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.drug import UNSUPPORTED
from organtwin.therapy.drug_file import read_drug
from organtwin.therapy.pharmacy import bundled_drugs, kind_of, own_drugs
from tests.therapy.written_drugs import EFFECT, HEAD, drug, text

NORMAL = Conditions()
CHANNEL = {"current": "I_Kr", "half_blocking": 10.0, "hill": 1.0, "evidence": "repository",
           "source": "a"}  # fmt: skip
KINETICS = {"half_life": 2.0, "half_life_unit": "min", "evidence": "memory", "source": "a"}
REASON = {"text": "no", "evidence": "memory", "quantity": "lv_ef", "unit": "%", "below": 40.0}


def refused(tmp_path, written, name="mix.toml"):
    path = tmp_path / name
    path.write_text(written, "utf-8")
    with pytest.raises(DrugError) as caught:
        read_drug(path, check_unit=True)
    assert name in str(caught.value)
    return caught.value


def test_thirty_and_more_drugs_are_offered_with_units_that_are_known():
    paths = sorted(asset("drugs").glob("*.toml"))
    assert len(paths) >= 45
    for path in paths:
        read_drug(path, check_unit=True)


def test_every_number_from_memory_or_assumed_makes_the_drug_assumed():
    for dosed in bundled_drugs().values():
        parts = (*dosed.drug.effects, *dosed.drug.channels)
        unsupported = any(part.evidence in UNSUPPORTED for part in parts)
        assert (dosed.drug.evidence == "assumed") == unsupported, dosed.drug.name


def test_two_effects_on_one_target_multiply_and_the_weakest_evidence_counts(tmp_path):
    one = {"target": "blood_volume", "per_exposure": 0.1, "reflex": "included",
           "evidence": "abstract", "source": "a"}  # fmt: skip
    two = {**one, "per_exposure": -0.05, "evidence": "assumed", "source": "b"}
    for rows in ([one, two], [two, one]):
        path = tmp_path / "mix.toml"
        path.write_text(text({**HEAD, "exposure_per_dose": 2.0}, effect=rows), "utf-8")
        kind = kind_of(read_drug(path))
        after = kind.at(1.0).apply(NORMAL).parameters["blood_volume"]
        assert after / NORMAL.parameters["blood_volume"] == pytest.approx(1.2 * 0.9)
        assert kind.evidence == "assumed"
        assert "blood volume (abstract, reflex included): a" in kind.source


@pytest.mark.parametrize(
    ("head", "tables", "field", "hint"),
    [
        ({"label": ""}, {}, "label", "not empty"),
        ({"family": "inotropes"}, {}, "family", "did you mean 'inotrope'"),
        ({"lower": -1.0}, {}, "lower", "at least 0"),
        ({"upper": 0.0}, {}, "upper", "above 0"),
        ({"default": 10.0}, {}, "default", "at most 9"),
        ({"step": 0}, {}, "step", "above 0"),
        ({"decimals": "two"}, {}, "decimals", "'two'"),
        ({"unit": "zorks"}, {}, "unit", "zorks"),
        ({"acute": 1}, {}, "acute", "true or false"),
        ({"lable": "x"}, {}, "lable", "did you mean 'label'"),
        ({}, {"effect": []}, "effect", "at least one"),
        ({}, {"effect": [{**EFFECT, "target": "preload"}]}, "effect[1].target", "contractility"),
        ({}, {"effect": [{**EFFECT, "maximum": -1.0}]}, "effect[1].maximum", "above -1"),
        ({}, {"effect": [{**EFFECT, "half": 0.0}]}, "effect[1].half", "above 0"),
        ({}, {"effect": [{**EFFECT, "reflex": "maybe"}]}, "effect[1].reflex", "included"),
        ({}, {"effect": [{**EFFECT, "evidence": "hope"}]}, "effect[1].evidence", "abstract"),
        ({}, {"effect": [{**EFFECT, "antagonist": True}]}, "effect[1].antagonist", "receptor"),
        ({}, {"channel": [CHANNEL]}, "concentration_per_dose", "free"),
        ({}, {"channel": [{**CHANNEL, "current": "I_f"}]}, "channel[1].current", "I_Kr"),
        ({}, {"kinetics": {**KINETICS, "half_life": -2.0}}, "kinetics.half_life", "above 0"),
        ({}, {"contraindication": [{**REASON, "quantity": "ef"}]}, "contraindication[1].quantity",
         "ef"),
        ({}, {"contraindication": [{**REASON, "unit": "mmHg"}]}, "contraindication[1].quantity",
         "mmHg"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_named_with_a_remedy(tmp_path, head, tables, field, hint):
    error = refused(tmp_path, text({**HEAD, **head}, **{"effect": [EFFECT], **tables}))
    assert error.field == field
    assert hint in str(error)
    assert error.remedy


def test_an_effect_that_would_make_a_target_negative_is_refused(tmp_path):
    steep = {"target": "heart_rate", "per_exposure": -0.2, "reflex": "excluded",
             "evidence": "derived", "source": "a"}  # fmt: skip
    error = refused(tmp_path, text(HEAD, effect=[steep]))
    assert "factor -0.8 at 9 mg" in str(error)


def test_a_file_name_that_cannot_be_a_therapy_is_refused(tmp_path):
    assert refused(tmp_path, text(HEAD, effect=[EFFECT]), "My Drug.toml").field == "file name"


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DrugError, match="a file that can be read"):
        read_drug(tmp_path / "none.toml")


def test_a_damaged_file_is_refused_by_name_or_still_a_drug(tmp_path):
    """200 damages of a bundled file: no other error than ``DrugError`` may come out."""
    chance = random.Random(6)
    whole = asset("drugs/dobutamine.toml").read_bytes()
    path = tmp_path / "mix.toml"
    n_refused = 0
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data[: chance.randrange(1, len(data))] if chance.random() < 0.3 else data)
        try:
            read_drug(path)
        except DrugError:
            n_refused += 1
    assert n_refused > 100


def test_a_drug_of_the_users_folder_is_offered_and_a_refused_one_is_told(tmp_path):
    drug(tmp_path, {}, name="my_inotrope")
    (tmp_path / "broken.toml").write_text("label = ", "utf-8")
    drug(tmp_path, {}, name="dobutamine")
    drug(tmp_path, {}, name="aortic_valve")
    found = own_drugs(tmp_path, taken=frozenset({"aortic_valve"}))
    assert list(found.drugs) == ["my_inotrope"]
    assert [error.source for error in found.refused] == [
        "aortic_valve.toml", "broken.toml", "dobutamine.toml",
    ]  # fmt: skip


def test_without_a_folder_of_the_user_there_are_no_own_drugs(tmp_path):
    found = own_drugs(tmp_path / "none")
    assert not found.drugs
    assert not found.refused


def test_a_contraindication_is_found_by_a_quantity_or_by_another_drug():
    verapamil = bundled_drugs()["verapamil"].drug
    assert not verapamil.warnings({"lv_ef": 0.6, "heart_rate": 1.2}, frozenset({"verapamil"}))
    assert "below 40 %" in verapamil.warnings({"lv_ef": 0.35}, frozenset())[0]
    assert "beta blocker" in verapamil.warnings({}, frozenset({"esmolol"}))[0]
