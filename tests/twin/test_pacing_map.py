"""Settings of a pacemaker on a failing heart with left bundle branch block, and on a healthy one.

Acute responses that the directions and sizes are held against (therapy_validation_targets.csv):
LV dP/dt max +7 and +9 % by biventricular and multipoint pacing with the QRS from 163 to 124 and
120 ms (SyncAV 2020, n = 27), +16 % by three LV points (SYNSEQ 2022, 95 % CI 9 to 23), +43 (6) % by
LV pacing (Nelson 2000, n = 10).
"""

from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import pytest

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.assimilation.simulating import side_by_side
from organtwin.errors import InputError
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.simulation.pacing import Lead, Mode, Pacemaker, Placement
from organtwin.simulation.settling import steady_under
from organtwin.twin.arrival_fields import ArrivalFields, arrival_fields
from organtwin.twin.pacing_grids import Grid, lv_sites, mode_grid, site_grid, timing_grid
from organtwin.twin.pacing_map import PacingMap, pacing_map, pacing_maps
from organtwin.twin.pacing_words import map_csv, region_told, shares
from organtwin.twin.planned_electrics import planned_electrics
from tests.own_electrics import electrics, twin

BIVENTRICULAR = Pacemaker(Mode.BIVENTRICULAR, sensed_av=0.10)
EARLY, LATE = 0.10, 0.30
DELAYS = (0.04, 0.08, 0.10, 0.12, 0.14, 0.16, 0.18)


@cache
def fields(name: str) -> ArrivalFields:
    settings = [Pacemaker(mode) for mode in Mode]
    steps = arrival_fields(electrics(name), ElectricPlan(), settings)
    return next(step.fields for step in steps if step.fields)


@cache
def modes(name: str) -> PacingMap:
    """Every mode at an early and a late AV delay."""
    return pacing_map(electrics(name), twin(name), mode_grid(Pacemaker(), (EARLY, LATE)).settings)


def gain(name: str, mode: Mode) -> float:
    found = modes(name)
    chosen = [k for k, s in enumerate(found.settings) if s.mode is mode and s.av == EARLY]
    return float(found.gain("dp_dt_max")[chosen[0]])


def qrs(name: str, setting: Pacemaker) -> float:
    return fields(name).excited(setting).qrs_duration


@pytest.mark.parametrize("mode", [m for m in Mode if m is not Mode.OFF])
def test_superposed_times_are_those_of_a_direct_solution(mode: Mode) -> None:
    """Measured over all modes at AV 100 to 250 ms: rms 0.09 ms, single nodes up to 5 ms, the QRS
    0.8 ms and the pump's patches 0.04 ms apart; only the pass that bends fronts sees the others."""
    setting = replace(BIVENTRICULAR, mode=mode, vv=0.02)
    direct = planned_electrics(electrics("hfref_lbbb"), ElectricPlan().paced_by(setting))
    times = fields("hfref_lbbb").times(setting)
    error = (times - direct.beat.activation.times)[np.isfinite(times)]
    assert np.sqrt(np.mean(error**2)) < 0.2e-3
    assert np.abs(error).max() < 8e-3
    assert direct.pump is not None
    quick = fields("hfref_lbbb").excited(setting)
    assert quick.qrs_duration == pytest.approx(
        direct.beat.activation.ventricular_duration, abs=1.5e-3
    )
    apart = quick.excitation.activation.delays - direct.pump.activation.delays
    assert np.abs(apart).max() < 0.1e-3


@pytest.mark.parametrize("mode", [Mode.BIVENTRICULAR, Mode.LV, Mode.MULTIPOINT])
def test_pacing_the_left_side_raises_the_pressure_of_the_blocked_heart_faster(mode: Mode) -> None:
    """Means of published groups lie between 7 and 43 %; the bounds are no closer than these.

    At an AV delay of 100 ms the heart gains 13.9 % by biventricular pacing (published 7), 16.4 % by
    multipoint biventricular (8.8), 21.7 % by two points of the LV (15.6 by three, confidence limits
    8.8 and 22.5, in patients chosen to respond badly) and 21.8 % by LV pacing (43, sd 6, with a QRS
    of 179 ms as here). So the left side alone does half of what the one group that was paced so
    shows. The published 7 and 8.8 % were with delays that fuse for the narrowest QRS; where the QRS
    is narrowest here (AV 200 ms, the patient's own), pacing gains 2.2 %: too little.
    """
    assert 0.05 < gain("hfref_lbbb", mode) < 0.43


@cache
def by_delay(mode: Mode, atrial: bool) -> PacingMap:
    """A failing heart at AV delays, sensed or paced."""
    settings = [replace(Pacemaker(mode, atrial=atrial), sensed_av=av, paced_av=av) for av in DELAYS]
    return pacing_map(electrics("hfref_lbbb"), twin("hfref_lbbb"), settings, hearts=0)


def best_delay(mode: Mode, name: str, *, atrial: bool = False) -> float:
    found = by_delay(mode, atrial)
    return DELAYS[found.best(name)]


@pytest.mark.parametrize("mode", [Mode.BIVENTRICULAR, Mode.LV])
def test_the_best_av_delay_lets_the_atrium_empty_first(mode: Mode) -> None:
    """Best by mitral flow in 63 patients: 120 (sd 30) ms sensed (PMID 20522154); in pigs a delay
    of 50 ms cost a tenth of the end-diastolic volume and nothing moved much from 100 to 200 ms."""
    gains = by_delay(mode, False)
    for name in ("dp_dt_max", "stroke_volume"):
        assert 0.08 <= best_delay(mode, name) <= 0.18
        best = gains.gain(name).max()
        near = [gains.gain(name)[DELAYS.index(av)] for av in (0.08, 0.12)]
        assert best - min(near) < 0.025
        assert gains.gain(name)[0] < best - 0.02


@pytest.mark.parametrize("mode", [Mode.BIVENTRICULAR, Mode.LV])
def test_a_paced_atrium_needs_a_longer_delay(mode: Mode) -> None:
    """172 (sd 38) ms paced against 120 (30) ms sensed (63 patients, PMID 20522154)."""
    later = best_delay(mode, "dp_dt_max", atrial=True) - best_delay(mode, "dp_dt_max")
    assert 0.02 <= later <= 0.09


def test_more_points_on_the_left_do_more() -> None:
    """926 against 900 mmHg/s in SyncAV 2020. Without the RV they are as good as one (measured)."""
    both, two = Mode.BIVENTRICULAR, Mode.MULTIPOINT_BIVENTRICULAR
    assert gain("hfref_lbbb", two) > gain("hfref_lbbb", both) + 0.01


def test_pacing_the_right_side_alone_weakens_a_healthy_heart() -> None:
    assert gain("default", Mode.RV) < -0.01


def test_fused_biventricular_pacing_narrows_the_qrs_of_the_block() -> None:
    """By 24 % in the group of SyncAV 2020, timed to fuse; here by a tenth to a third."""
    own = qrs("hfref_lbbb", Pacemaker())
    best = min(qrs("hfref_lbbb", replace(BIVENTRICULAR, sensed_av=av)) for av in (0.18, 0.20))
    assert 0.10 < 1.0 - best / own < 0.34


@pytest.mark.parametrize("mode", [Mode.HIS, Mode.LEFT_BUNDLE])
def test_pacing_the_conduction_system_narrows_the_qrs_of_the_block(mode: Mode) -> None:
    paced = qrs("hfref_lbbb", replace(BIVENTRICULAR, mode=mode))
    assert paced < qrs("hfref_lbbb", Pacemaker()) - 0.02


def test_his_pacing_that_does_not_get_past_the_block_leaves_it() -> None:
    setting = Pacemaker(Mode.HIS, past_block=False, sensed_av=EARLY).placing(
        Lead.HIS, Placement("His bundle", selective=True)
    )
    steps = arrival_fields(electrics("hfref_lbbb"), ElectricPlan(), [setting])
    found = next(step.fields for step in steps if step.fields)
    assert found.excited(setting).qrs_duration == pytest.approx(
        qrs("hfref_lbbb", Pacemaker()), abs=5e-3
    )


def test_pacing_the_right_apex_widens_a_healthy_qrs() -> None:
    paced = qrs("default", Pacemaker(Mode.RV, sensed_av=0.08))
    assert paced > qrs("default", Pacemaker()) + 0.03


def test_an_av_delay_longer_than_the_hearts_own_leaves_it_to_itself() -> None:
    found = modes("hfref_lbbb")
    late = [k for k, s in enumerate(found.settings) if s.av == LATE and s.mode is Mode.RV]
    assert found.captured[late[0]] == 0.0
    assert found.gain("dp_dt_max")[late[0]] == pytest.approx(0.0, abs=1e-6)


def test_the_left_side_fires_first_where_vv_is_positive() -> None:
    early = replace(BIVENTRICULAR, vv=0.04)
    assert early.time(Lead.LV) == pytest.approx(0.10)
    assert early.time(Lead.RV) == pytest.approx(0.14)
    assert replace(early, vv=-0.04).time(Lead.LV) == pytest.approx(0.14)


def test_a_map_begins_with_the_fitted_heart_and_can_be_left_at_any_step() -> None:
    steps = pacing_maps(electrics("hfref_lbbb"), twin("hfref_lbbb"), [BIVENTRICULAR])
    fractions = [next(steps).fraction for _ in range(3)]
    steps.close()
    assert fractions == sorted(fractions)


def known_map(spread: float) -> PacingMap:
    """Three settings worth 1.0, 1.1 and 1.2, in eight hearts that differ on the second."""
    settings = tuple(replace(BIVENTRICULAR, sensed_av=av) for av in (0.10, 0.12, 0.14))
    worth = np.array([1.0, 1.1, 1.2])
    names = ("dp_dt_max", "stroke_volume", "mean_arterial_pressure", "qrs_duration",
             "lv_activation_time")  # fmt: skip
    hearts = np.tile(worth, (8, 1))
    hearts[:, 1] += spread * np.linspace(-1.0, 1.0, 8)
    return PacingMap(
        settings, dict.fromkeys(names, 1.0), dict.fromkeys(names, worth), np.ones(3),
        dict.fromkeys(names, hearts),
    )  # fmt: skip


KNOWN_GRID = Grid("known", "AV", ("100", "120", "140"), "VV", ("0",), known_map(0.0).settings)


def test_what_the_hearts_differ_on_is_as_good_as_the_best() -> None:
    assert known_map(0.001).as_good("dp_dt_max").tolist() == [False, False, True]
    assert known_map(0.2).as_good("dp_dt_max").tolist() == [False, True, True]


def test_a_shorter_qrs_is_the_better() -> None:
    found = known_map(0.001)
    assert found.best("qrs_duration") == 0
    assert shares(found, "qrs_duration").tolist() == pytest.approx([1.0, 0.5, 0.0])


def test_the_flat_optimum_is_told_as_ranges() -> None:
    told = region_told(known_map(0.2), KNOWN_GRID, "dp_dt_max")
    assert told.startswith("AV 120 to 140 ms, VV 0 ms are as good as the best")
    assert "longest AV delay tried" in told


def test_sites_as_good_as_the_best_are_named() -> None:
    sites = tuple(Anchor(SURFACE, (k,), (1.0,)) for k in range(3))
    grid = replace(KNOWN_GRID, rows=("1. basal", "2. mid", "3. apical"), sites=sites)
    assert "2 of 3 sites of the LV lead (2. mid; 3. apical)" in region_told(
        known_map(0.2), grid, "dp_dt_max"
    )
    assert region_told(known_map(0.001), grid, "dp_dt_max").startswith("LV lead 3. apical: ")


def test_an_excitation_met_before_is_not_pumped_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The RV lead comes too late at each of these VV delays, so they excite the heart alike."""
    pumped = []

    def counted(*given: Any) -> Any:
        pumped.append(given)
        return steady_under(*given)

    module = "organtwin.twin.pacing_map"
    monkeypatch.setattr(f"{module}.steady_under", counted)
    monkeypatch.setattr(f"{module}.side_by_side", partial(side_by_side, threads=1))
    late = [replace(BIVENTRICULAR, sensed_av=0.24, vv=vv) for vv in (0.02, 0.05, 0.08)]
    found = pacing_map(electrics("hfref_lbbb"), twin("hfref_lbbb"), late)
    assert len(pumped) == 2  # without the pacemaker, and with it
    assert len(set(found.values["dp_dt_max"])) == 1


def test_the_csv_holds_every_setting_in_clinical_units() -> None:
    lines = map_csv(modes("hfref_lbbb")).splitlines()
    assert len(lines) == 1 + len(modes("hfref_lbbb").settings)
    assert lines[0].startswith("mode,av_ms,vv_ms_lv_first,lv_site,dp_dt_max_mmhg_per_s")


def test_sites_lie_on_the_outside_of_the_left_wall_apart_from_each_other() -> None:
    answer = electrics("hfref_lbbb")
    sites = lv_sites(answer.places, answer.model.heart.tissue, 24)
    places = np.array([site.place(answer.places.anatomy.surface.points) for site in sites])
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert len(sites) == 24
    assert apart.min() > 8e-3
    assert len(site_grid(BIVENTRICULAR, answer).settings) >= 100


def test_what_cannot_be_mapped_is_refused() -> None:
    with pytest.raises(InputError, match="paces both ventricles"):
        timing_grid(Pacemaker(Mode.RV))
    with pytest.raises(InputError, match="-80 to 80 ms"):
        timing_grid(BIVENTRICULAR, vv_delays=(0.2,))
    with pytest.raises(InputError, match="LV lead"):
        site_grid(Pacemaker(Mode.HIS), electrics("hfref_lbbb"))
    with pytest.raises(InputError, match="at least one"):
        next(pacing_maps(electrics("hfref_lbbb"), twin("hfref_lbbb"), []))


def test_a_lead_far_from_its_bundle_is_refused() -> None:
    surface = electrics("hfref_lbbb").places.anatomy.surface
    far = Anchor(SURFACE, (int(np.argmin(surface.points[:, 2])),), (1.0,), len(surface.points))
    setting = Pacemaker(Mode.HIS).placing(Lead.HIS, Placement(far))
    with pytest.raises(InputError, match="of the bundle"):
        planned_electrics(electrics("hfref_lbbb"), ElectricPlan().paced_by(setting))


def test_no_pacing_is_not_as_good_where_pacing_helps_every_heart_differently() -> None:
    """Gains of 2 to 14 %: their scatter alone holds the 6 % that the other setting loses."""
    gains = np.array([0.02, 0.06, 0.10, 0.14])
    best = {"dp_dt_max": np.array([1.06, 1.0])}
    hearts = {"dp_dt_max": np.column_stack([1.0 + gains, np.ones(4)])}
    settings = (Pacemaker(Mode.LV), Pacemaker(Mode.RV))
    found = PacingMap(settings, {"dp_dt_max": 1.0}, best, np.ones(2), hearts)
    assert found.as_good("dp_dt_max").tolist() == [True, False]
    hearts["dp_dt_max"][0, 1] = 1.03
    assert found.as_good("dp_dt_max").tolist() == [True, True]
