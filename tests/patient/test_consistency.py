# ruff: noqa: E501  (a table of cases reads best with one case a line)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organtwin.patient.consistency import contradictions
from organtwin.patient.finding import FindingKind
from organtwin.patient.measurement import Measurement
from organtwin.quantities import quantity


def measured(**values: tuple[float, float]) -> list[Measurement]:
    """Measurements from (value, sd) in clinical units."""
    return [
        Measurement(name, quantity(name).to_si(value), quantity(name).to_si(sd), None, "test")
        for name, (value, sd) in values.items()
    ]


def test_an_ejection_fraction_that_does_not_fit_the_volumes_is_reported_with_numbers() -> None:
    (finding,) = contradictions(measured(lv_ef=(65, 2), lv_edv=(200, 10), lv_esv=(120, 8)))
    assert finding.kind is FindingKind.CONTRADICTION
    assert finding.names == ("lv_ef", "lv_edv", "lv_esv")
    # 1 - 120/200 = 40 %; sd = 0.6 x sqrt((8/120)^2 + (10/200)^2) = 5 %
    assert "65 %" in finding.text
    assert "gives 40 % ± 5 %" in finding.text


def test_the_same_difference_within_a_wide_doubt_is_not_reported() -> None:
    assert not contradictions(measured(lv_ef=(65, 20), lv_edv=(200, 30), lv_esv=(120, 25)))


@given(
    edv=st.floats(60, 400), ef=st.floats(0.15, 0.75), rate=st.floats(40, 140),
    mean=st.floats(60, 130), right=st.floats(0, 20),
)  # fmt: skip
def test_a_record_that_adds_up_has_no_contradiction(
    edv: float, ef: float, rate: float, mean: float, right: float
) -> None:
    output = edv * ef * rate / 1000
    record = measured(
        lv_edv=(edv, 5), lv_esv=(edv * (1 - ef), 5), lv_ef=(100 * ef, 2), heart_rate=(rate, 1),
        stroke_volume=(edv * ef, 4), cardiac_output=(output, 0.2), rr_interval=(60e3 / rate, 10),
        mean_arterial_pressure=(mean, 3), ra_pressure=(right, 1),
        systemic_vascular_resistance=((mean - right) / output * 79.99343, 50),
    )  # fmt: skip
    assert not contradictions(record)


def test_output_and_rate_must_agree() -> None:
    (finding,) = contradictions(
        measured(cardiac_output=(7.0, 0.3), stroke_volume=(60, 5), heart_rate=(70, 2))
    )
    assert "SV x HR gives 4.20 L/min" in finding.text


def test_a_leak_explains_a_stroke_volume_below_the_volume_change() -> None:
    volumes = {"stroke_volume": (50, 4), "lv_edv": (180, 8), "lv_esv": (70, 6)}
    assert len(contradictions(measured(**volumes))) == 1
    assert not contradictions(measured(**volumes, mitral_leak_area=(0.4, 0.1)))
    assert len(contradictions(measured(**volumes, mitral_leak_area=(0.0, 0.1)))) == 1


def test_a_tricuspid_leak_explains_nothing_on_the_left() -> None:
    volumes = {"stroke_volume": (50, 4), "lv_edv": (180, 8), "lv_esv": (70, 6)}
    assert len(contradictions(measured(**volumes, tricuspid_leak_area=(0.4, 0.1)))) == 1


# (what is impossible, measurements, words of the finding, the same made possible)
IMPOSSIBLE = [
    ("SV above EDV", {"stroke_volume": (130, 13), "lv_edv": (100, 10)}, "cannot eject more", {"stroke_volume": (70, 7)}),
    ("CO/HR above EDV", {"cardiac_output": (12, 1.2), "heart_rate": (70, 2), "lv_edv": (100, 10)}, "cannot eject more", {"cardiac_output": (5, 0.5)}),
    ("mean gradient above 4 v^2", {"aortic_mean_gradient": (60, 6), "aortic_peak_velocity": (2, 0.1)}, "4 v", {"aortic_peak_velocity": (5, 0.1)}),
    ("mean gradient far below 2.4 v^2", {"aortic_mean_gradient": (10, 2), "aortic_peak_velocity": (5, 0.1)}, "half of the usual", {"aortic_mean_gradient": (55, 5)}),
    ("large area and gradient", {"aortic_valve_area": (3, 0.45), "aortic_mean_gradient": (60, 6)}, "does not pass at rest", {"aortic_valve_area": (0.9, 0.1)}),
    ("area and gradient for a small stroke", {"aortic_valve_area": (2, 0.3), "aortic_mean_gradient": (50, 5), "stroke_volume": (50, 5)}, "less than 0.15 s", {"aortic_valve_area": (0.7, 0.1)}),
    ("area and gradient for a small output", {"aortic_valve_area": (2, 0.3), "aortic_mean_gradient": (50, 5), "cardiac_output": (3.5, 0.3), "heart_rate": (70, 2)}, "less than 0.15 s", {"aortic_valve_area": (0.7, 0.1)}),
    ("small area and gradient for a large stroke", {"aortic_valve_area": (0.6, 0.1), "aortic_mean_gradient": (20, 2), "stroke_volume": (100, 10)}, "more than 0.5 s", {"stroke_volume": (45, 5)}),
    ("PA above RV", {"rv_systolic_pressure": (20, 5), "pa_systolic": (60, 5)}, "open the pulmonary valve", {"rv_systolic_pressure": (62, 5)}),
    ("RV above PA", {"rv_systolic_pressure": (80, 5), "pa_systolic": (30, 5)}, "pulmonary stenosis", {"pa_systolic": (72, 5)}),
    ("RAP above MAP", {"ra_pressure": (35, 2), "mean_arterial_pressure": (30, 5)}, "drives", {"mean_arterial_pressure": (60, 5)}),
    ("RAP above SBP", {"ra_pressure": (40, 2), "systolic_pressure": (32, 5)}, "drives", {"systolic_pressure": (80, 5)}),
    ("LVSP above SBP", {"lv_systolic_pressure": (200, 5), "systolic_pressure": (80, 5)}, "narrow outlet", {"aortic_valve_area": (0.7, 0.1)}),
    ("wedge above LVEDP", {"pcwp": (25, 3), "lv_edp": (5, 3)}, "mitral stenosis or leak", {"mitral_valve_area": (1.0, 0.2)}),
    ("QT above 1/HR", {"heart_rate": (180, 2), "qt_interval": (600, 12)}, "before this one has ended", {"qt_interval": (260, 12)}),
    ("QT above RR", {"rr_interval": (400, 10), "qt_interval": (500, 12)}, "before this one has ended", {"qt_interval": (280, 12)}),
    ("ventricles by EF", {"lv_edv": (100, 10), "lv_ef": (70, 5), "rv_edv": (100, 15), "rv_ef": (20, 6)}, "ejects 70 mL and the right 20 mL", {"rv_ef": (60, 6)}),
    ("ventricles by ESV", {"lv_edv": (100, 10), "lv_esv": (30, 5), "rv_edv": (100, 15), "rv_esv": (80, 8)}, "both eject the same", {"tricuspid_leak_area": (0.3, 0.1)}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "words", "possible"),
    [row[1:] for row in IMPOSSIBLE],
    ids=[row[0] for row in IMPOSSIBLE],
)
def test_what_no_circulation_does_is_reported_unless_something_explains_it(
    values: dict[str, tuple[float, float]], words: str, possible: dict[str, tuple[float, float]]
) -> None:
    (finding,) = contradictions(measured(**values))
    assert finding.kind is FindingKind.CONTRADICTION
    assert words in finding.text
    assert set(finding.names) == set(values)
    assert not contradictions(measured(**(values | possible)))


@pytest.mark.parametrize(
    "values", [row[1] for row in IMPOSSIBLE], ids=[row[0] for row in IMPOSSIBLE]
)
def test_it_is_not_reported_within_a_wide_doubt(values: dict[str, tuple[float, float]]) -> None:
    wide = {name: (value, value) for name, (value, _) in values.items()}
    assert not contradictions(measured(**wide))


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"mean_arterial_pressure": (130, 3), "systolic_pressure": (120, 5), "diastolic_pressure": (80, 5)},
         ("mean_arterial_pressure", "diastolic_pressure", "systolic_pressure")),
        ({"pa_mean": (8, 2), "pa_systolic": (30, 3), "pa_diastolic": (12, 2)},
         ("pa_mean", "pa_diastolic", "pa_systolic")),
        ({"pa_mean": (15, 2), "pcwp": (25, 2)}, ("pcwp", "pa_mean")),
        ({"pulse_pressure": (60, 4), "systolic_pressure": (120, 5), "diastolic_pressure": (80, 5)},
         ("pulse_pressure", "systolic_pressure", "diastolic_pressure")),
        ({"rr_interval": (800, 5), "heart_rate": (60, 1)}, ("rr_interval", "heart_rate")),
        ({"pulmonary_vascular_resistance": (200, 20), "pa_mean": (50, 3), "pcwp": (9, 2), "cardiac_output": (4.1, 0.3)},
         ("pulmonary_vascular_resistance", "pa_mean", "pcwp", "cardiac_output")),
        ({"rv_ef": (60, 4), "rv_edv": (150, 10), "rv_esv": (100, 8)}, ("rv_ef", "rv_edv", "rv_esv")),
    ],
)  # fmt: skip
def test_each_relation_names_the_measurements_concerned(
    values: dict[str, tuple[float, float]], names: tuple[str, ...]
) -> None:
    (finding,) = contradictions(measured(**values))
    assert finding.names == names
