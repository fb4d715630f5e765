"""Presets: the bundled file is whole, and a damaged one is refused."""

import pytest

from organtwin.errors import InputError
from organtwin.resources import asset
from organtwin.simulation.conditions import Conditions
from organtwin.therapy.plan import TherapyPlan
from organtwin.therapy.presets import bundled_presets, diseases, read_presets

PRESETS = bundled_presets()
GOOD = """
[[preset]]
name = "one"
disease = "Shock"
label = "One"
text = "Text"
therapies = ["dobutamine 5 ug/kg/min"]
evidence = "teaching"
source = "ours"
needs = [{ quantity = "lv_ef", below = 40.0, unit = "%" }]
"""


def test_there_are_presets_for_every_disease_of_the_menu():
    assert set(diseases(PRESETS)) == {
        "Heart failure, reduced EF", "Heart failure, preserved EF", "Aortic stenosis",
        "Mitral regurgitation", "Pulmonary hypertension", "Cardiogenic shock", "Tamponade",
        "Left bundle branch block", "Atrial fibrillation", "Hypertrophic cardiomyopathy",
    }  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_each_tells_its_guideline_or_that_it_teaches(preset):
    if preset.evidence == "guideline":
        assert "Guidelines" in preset.source
        assert preset.needs
    else:
        assert preset.source.startswith("Teaching example")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_the_therapies_of_each_can_be_given_together(preset):
    changed = TherapyPlan(preset.therapies).apply(Conditions())
    assert changed != Conditions()


def test_a_patient_who_is_not_like_that_is_told_why():
    crt = next(preset for preset in PRESETS if preset.name == "lbbb_crt")
    assert not crt.misfits({"lv_ef": 0.25, "qrs_duration": 0.16}, "lbbb", "")
    told = " ".join(crt.misfits({"lv_ef": 0.6}, "normal", ""))
    assert "conduction is normal, not lbbb" in told
    assert "LVEF is 60 %; meant for LVEF below 35 %" in told
    assert "QRS is not known" in told


def test_a_rhythm_is_found_in_its_text():
    rate = next(preset for preset in PRESETS if preset.name == "af_rate_digoxin")
    known = {"lv_ef": 0.3, "heart_rate": 2.2}
    assert not rate.misfits(known, "normal", "Atrial fibrillation, 130/min")
    assert rate.misfits(known, "normal", "sinus rhythm") == (
        "no fibrillation is known (rhythm: sinus rhythm)",
    )


def test_a_good_file_is_read(tmp_path):
    file = tmp_path / "p.toml"
    file.write_text(GOOD)
    assert read_presets(file)[0].needs[0].below == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("dobutamine 5", "dobutamine 50", "therapies"),
        ("dobutamine 5", "dobutamin 5", "therapies"),
        ('"teaching"', '"hearsay"', "evidence"),
        ('unit = "%"', 'unit = "mL"', "lv_ef"),
        ("below = 40.0, ", "", "needs"),
        ('source = "ours"', "", "preset"),
        ('label = "One"', "label = 1", "label"),
        ("[[preset]]", "[[presets]]", "file"),
        ('text = "Text"', 'text = "Text', "file"),
        ('["dobutamine 5 ug/kg/min"]', '["tavi 1.6 cm2", "aortic_valve 1.6 cm2"]', "therapies"),
    ],
)
def test_a_damaged_file_is_refused_where_it_is_wrong(tmp_path, before, after, field):
    file = tmp_path / "p.toml"
    file.write_text(GOOD.replace(before, after))
    with pytest.raises(InputError) as refused:
        read_presets(file)
    assert field in refused.value.field


def test_a_name_is_given_once(tmp_path):
    file = tmp_path / "p.toml"
    file.write_text(GOOD + GOOD)
    with pytest.raises(InputError, match="each name once"):
        read_presets(file)


def test_the_format_is_described_beside_the_file():
    assert "`needs`" in asset("presets/FORMAT.md").read_text()
