"""What is said about the heart that is drawn."""

import pytest

from organtwin.anatomy.completion import Provenance
from organtwin.anatomy.label_map import Structure
from organtwin.anatomy.regions import Cavity
from organtwin.twin.heart_report import heart_report, structure_name, volume_finding
from organtwin.units import ML
from tests.fake_values import fake_heart


def heart(lv: float, origin: Provenance = Provenance.MEASURED):
    made = fake_heart("scan")
    made.given = {Cavity.LV: lv * ML}
    made.provenance = {Structure.LV_BLOOD: origin, Structure.AORTA: Provenance.TEMPLATE}
    return made


def test_images_and_twin_that_differ_are_told_with_both_volumes():
    assert volume_finding(heart(118.0), 160 * ML) == (
        "the images show LV 118 mL, the twin 160 mL at end-diastole; "
        "the drawn heart is stretched to the twin's"
    )


@pytest.mark.parametrize(("lv", "told"), [(137, False), (135, True), (183, False), (185, True)])
def test_up_to_fifteen_per_cent_nothing_is_said(lv, told):
    assert bool(volume_finding(heart(lv), 160 * ML)) == told


def test_a_ventricle_of_the_template_is_not_said_to_be_in_the_images():
    assert "images" not in volume_finding(heart(118.0, Provenance.DIVIDED), 160 * ML)
    assert "the images" in volume_finding(heart(118.0, Provenance.SIZED), 160 * ML)


def test_without_labels_the_meshed_volume_is_compared():
    made = heart(118.0)
    made.given = {}
    assert "LV 198 mL" in volume_finding(made, 160 * ML)
    made.volumes = {}
    assert volume_finding(made, 160 * ML) == ""


def test_the_report_groups_structures_by_origin():
    text = heart_report(heart(118.0))
    assert "Measured: LV blood" in text
    assert "From the template: aorta" in text
    assert "RV: 150 mL meshed" in text
    assert "twin" not in text


def test_a_chamber_of_the_template_is_not_said_to_be_in_the_images():
    made = heart(118.0)
    made.given = {Cavity.LV: 118 * ML, Cavity.RV: 99 * ML}
    text = heart_report(made)
    assert "LV: 118 mL in the images, 198 mL meshed" in text
    assert "RV: 99 mL filled in, 150 mL meshed" in text


def test_structures_are_written_as_people_do():
    assert structure_name(Structure.LV_MUSCLE) == "LV muscle"
    assert structure_name(Structure.PULMONARY_ARTERY) == "pulmonary artery"
