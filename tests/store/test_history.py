"""Parameters over visits."""

from pathlib import Path

import pytest

from organtwin.errors import UnknownNameError
from organtwin.store.history import histories
from organtwin.store.library import Library
from tests.store.made_visits import FIRST_DAY, add, facts, parameters, posterior


@pytest.fixture
def library(tmp_path: Path):
    with Library.open(tmp_path / "library.db") as opened:
        opened.add_patient("p1")
        for number in (0, 40, 90):
            add(opened, number)
        yield opened


def test_a_series_has_one_point_per_visit_in_their_order(library: Library) -> None:
    (series,) = histories(library, "p1", ["blood_volume"])
    assert [(p.day - FIRST_DAY).days for p in series.points] == [0, 40, 90]
    assert [p.value for p in series.points] == [parameters(n)[1].value for n in (0, 40, 90)]
    assert [p.determined for p in series.points] == [False] * 3
    change, doubt = series.change()
    assert change == series.points[-1].value - series.points[0].value
    assert doubt == pytest.approx(0.2 * 2**0.5)


def test_bands_hold_half_and_nine_tenths_of_a_normal_distribution(library: Library) -> None:
    from statistics import NormalDist

    point = histories(library, "p1")[0].points[0]
    of = NormalDist(point.value, point.sd)
    for (low, high), share in ((point.band_50, 0.5), (point.band_90, 0.9)):
        assert of.cdf(high) - of.cdf(low) == pytest.approx(share)


def test_a_parameter_that_some_visits_lack_has_fewer_points(library: Library) -> None:
    library.add_visit(facts(99), parameters(0)[:1], posterior())
    counts = {series.name: len(series.points) for series in histories(library, "p1")}
    assert counts == {"lv_active_stress": 4, "blood_volume": 3, "systemic_resistance": 3}


def test_an_unknown_patient_or_parameter_is_told(library: Library) -> None:
    with pytest.raises(UnknownNameError, match="patient 'p2'"):
        histories(library, "p2")
    with pytest.raises(UnknownNameError, match="did you mean 'blood_volume'"):
        histories(library, "p1", ["blood_volum"])
    library.add_patient("p3")
    assert histories(library, "p3") == ()
