"""Whose trunk and how large a heart the leads of a record are computed with."""

from dataclasses import replace

import pytest

from organtwin.patient.case_file import load_case
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.physiology.electrophysiology.torso.body import Physique, Sex
from organtwin.twin.physique import SIZES, body_of


def record(who: Demographics, **measured: float) -> PatientRecord:
    """The default case as another person, of whom only ``measured`` [SI] is known."""
    usual = load_case("default")
    kept = tuple(replace(m, value=measured[m.name]) for m in usual.measurements
                 if m.name in measured)  # fmt: skip
    return replace(usual, demographics=who, measurements=kept)


def test_height_and_weight_are_taken_in_steps_of_5_cm_and_5_kg() -> None:
    body = body_of(record(Demographics("female", 60.0, 1.58, 52.4)))
    assert body.physique == Physique(Sex.FEMALE, 1.60, 50.0)
    assert body.told.startswith("trunk of a woman of 1.60 m and 50 kg; heart")


@pytest.mark.parametrize(
    ("who", "physique", "words"),
    [
        (Demographics(), Physique(), "sex and height and weight unknown"),
        (Demographics("female"), Physique(Sex.FEMALE, 1.63, 65.0), "height and weight unknown"),
        (Demographics("male", height=1.90), Physique(Sex.MALE, 1.90, 90.0), "weight unknown"),
        (Demographics("male", weight=101.0), Physique(Sex.MALE, 1.76, 100.0), "height unknown"),
        (Demographics("male", 4.0, 1.02, 16.0), Physique(), "beyond the model's range"),
    ],
)
def test_what_is_unknown_or_impossible_is_that_of_the_average_and_said(
    who: Demographics, physique: Physique, words: str
) -> None:
    body = body_of(record(who))
    assert body.physique == physique
    assert words in body.told


def test_the_heart_follows_the_body_where_the_ventricle_was_not_measured() -> None:
    # BSA 1.37 and 2.24 m2 (Du Bois): 0.93 (1.37 / 1.65)^(1/3) and (2.24 / 1.8)^(1/3)
    small = body_of(record(Demographics("female", None, 1.50, 45.0)))
    large = body_of(record(Demographics("male", None, 1.90, 95.0)))
    assert small.size == pytest.approx(0.875)
    assert large.size == pytest.approx(1.075)
    assert body_of(record(Demographics("male"))).size == 1.0
    assert body_of(record(Demographics())).size == 1.0


def test_a_measured_ventricle_decides_as_far_as_the_model_reaches() -> None:
    # (200 + 160) / (117.5 + 160) mL, cube root 1.091
    body = body_of(record(Demographics("male"), lv_edv=200e-6))
    assert body.size == pytest.approx(1.1)
    assert "by the volume of the LV" in body.told
    vast = body_of(record(Demographics("male"), lv_edv=400e-6))
    assert vast.size == SIZES[1]
    assert "beyond the model's range" in vast.told


def test_a_heart_from_images_has_its_own_size() -> None:
    body = body_of(record(Demographics("male"), lv_edv=400e-6), own_heart=True)
    assert body.size == 1.0
    assert "own" in body.told
