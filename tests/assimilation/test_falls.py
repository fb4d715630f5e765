"""Seeing a fall of the mean pressure, once, with what its cause is found by."""

import numpy as np
import pytest

from organtwin.assimilation.causes import FALLING
from organtwin.assimilation.falls import FALL, SEEN, USUAL, FallWatch
from organtwin.assimilation.following import PatientBeat
from organtwin.units import MMHG

USUALLY = 90.0 * MMHG
LEAST = 20
"""Beats of which a usual pressure is made at least."""


class Members:
    """Stands where it stands: hearts that know only how many beats had gone by."""

    def __init__(self):
        self.count = 0

    def hearts(self, count):
        return ((f"after {self.count}", None),) * count


class Watched:
    """Beats a second apart, one after another."""

    def __init__(self):
        self.watch, self.members, self.time = FallWatch(), Members(), 0.0

    def beats(self, n_beats, share=1.0, **others):
        """All that is told during ``n_beats`` of a share of the usual pressure."""
        told = []
        for number in range(n_beats):
            pressure = USUALLY * (share[number] if np.ndim(share) else share)
            self.members.count += 1
            beat = PatientBeat(self.time, 1.0, {FALLING: pressure, **others})
            told.append(self.watch.note(beat, self.members))
            self.time += 1.0
        return [(number, fallen) for number, fallen in enumerate(told, 1) if fallen]


def test_a_fall_is_told_as_soon_as_enough_was_seen_with_its_onset_and_size():
    watched = Watched()
    assert watched.beats(60) == []
    ((number, fallen),) = watched.beats(40, 0.8)
    assert number == SEEN
    assert fallen.onset == 60.0
    assert fallen.share == pytest.approx(0.2)
    assert fallen.fall.before == 1.0
    assert len(fallen.fall.intervals) == SEEN
    assert fallen.fall.changes[FALLING] == pytest.approx(np.full(SEEN, -0.2 * USUALLY))


def test_its_hearts_stood_before_the_onset():
    watched = Watched()
    watched.beats(63)
    ((_, fallen),) = watched.beats(30, 0.8)
    assert fallen.hearts[0][0] == "after 60"


def test_a_source_that_begins_anew_does_not_confuse_before_and_after():
    watched = Watched()
    watched.time = 5000.0
    watched.beats(63)
    watched.time = 0.0
    ((_, fallen),) = watched.beats(30, 0.8)
    assert fallen.hearts[0][0] == "after 60"
    assert fallen.onset == 0.0


@pytest.mark.parametrize("share", [1.0 - 0.9 * FALL, 1.3])
def test_less_than_a_fall_is_not_told(share):
    watched = Watched()
    watched.beats(60)
    assert watched.beats(100, share) == []


def test_a_dip_that_is_over_is_not_told():
    watched = Watched()
    watched.beats(60)
    assert watched.beats(SEEN - 1, 0.7) == []
    assert watched.beats(100) == []


def test_a_slow_fall_is_told_with_all_its_beats():
    watched = Watched()
    watched.beats(60)
    ((number, fallen),) = watched.beats(60, np.linspace(1.0, 0.75, 60))
    # Its onset is a quarter of FALL down, it is told when the latest three are FALL down.
    assert fallen.onset == pytest.approx(60 + 60 * 0.25 * FALL / 0.25, abs=2)
    assert number == pytest.approx(60 * FALL / 0.25, abs=6)
    assert len(fallen.fall.intervals) == number - (fallen.onset - 60)


def test_a_fall_is_told_once_and_the_next_one_again():
    watched = Watched()
    watched.beats(60)
    assert len(watched.beats(USUAL + 2 * SEEN, 0.8)) == 1
    assert len(watched.beats(USUAL + 2 * SEEN, 0.6)) == 1, "from the new usual pressure"


def test_nothing_is_told_before_there_is_a_usual_pressure():
    watched = Watched()
    watched.beats(LEAST - 1)
    assert watched.beats(40, 0.8) == []


def test_only_what_was_measured_throughout_is_compared():
    watched = Watched()
    watched.beats(60, ra_pressure=5 * MMHG)
    told = watched.beats(10, 0.8, ra_pressure=3 * MMHG) + watched.beats(30, 0.8)
    assert set(told[0][1].fall.changes) == {FALLING}
    watched = Watched()
    watched.beats(60, ra_pressure=5 * MMHG)
    ((_, fallen),) = watched.beats(30, 0.8, ra_pressure=3 * MMHG)
    assert fallen.fall.changes["ra_pressure"] == pytest.approx(np.full(SEEN, -2 * MMHG))


def test_beats_without_a_mean_pressure_do_not_count():
    watched = Watched()
    assert watched.watch.note(PatientBeat(0.0, 1.0, {}), watched.members) is None
    watched.beats(60)
    assert len(watched.beats(40, 0.8)) == 1
