"""How well the twin follows: a recorded operation, and falls of pressure with known causes.

    PYTHONPATH=. .venv/bin/python scripts/measure_following.py operation FOLDER
    PYTHONPATH=. .venv/bin/python scripts/measure_following.py falls --patients 63

operation: the twin is fitted to pressures and rate of the first 90 s and then follows arterial and
venous pressure beat by beat. Its stroke volume and cardiac output are compared with those of the
patient's own monitor (EV1000), as levels and as changes from the start, and so is a plain pulse
contour formula, CO = k (systolic - diastolic)/(systolic + diastolic) x rate (Liljestrand and
Zander 1928), both with one factor to agree at the start.

falls: hearts of the prior lose a fifth of their mean pressure by less volume, less contractility,
less systemic resistance or a lower rate; hearts beside them, as a fit would leave them, must name
the cause within 15 beats.
"""

import argparse
import csv
import gzip
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.assimilation.causes import RATE, Fall, causes_of
from organtwin.assimilation.following import FOLLOWED, OBSERVED, drifted
from organtwin.assimilation.levers import LEVERS, with_levers
from organtwin.assimilation.synchroniser import Synchroniser
from organtwin.errors import ParameterError
from organtwin.patient.measurement import Measurement
from organtwin.patient.pressure_beats import pressure_measurements
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.patient.samples import Samples
from organtwin.patient.waveform import Waveform
from organtwin.physiology.heart import HeartState
from organtwin.simulation.beat import Beat, Outcome
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.quick_beats import TIME_STEP, quick_beat
from organtwin.simulation.simulator import beats, to_steady_state
from organtwin.twin.building import fitting
from organtwin.twin.twin import Twin
from organtwin.units import MMHG, PER_MIN

FITTED = 90.0
CHUNK = 0.5
RATE_HZ, ECG_HZ = 125.0, 500.0
SEEN = ("systolic_pressure", "diastolic_pressure", "mean_arterial_pressure", "ra_pressure")


def table(path: Path) -> dict[str, FloatArray]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    rows = csv.reader(text.splitlines())
    names = next(rows)
    return {
        name: np.array([float(value) if value else np.nan for value in column])
        for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }


def operation(folder: Path, members: int) -> None:
    waves = table(folder / "waveforms_125Hz.csv.gz")
    ecg = table(folder / "ecg_500Hz.csv.gz")["ECG_II_mV"] * 1e-3
    pressures = {name: waves[f"{name}_mmHg"] * MMHG for name in ("ABP", "CVP")}
    own = table(folder / "numerics_EV1000.csv")
    begin = perf_counter()
    twin = first_fit(pressures, folder.name, members)
    print(f"fit of the first {FITTED:.0f} s: {perf_counter() - begin:.1f} s, "
          f"{twin.fit.within_two_sd} of {twin.fit.n_targets} within 2 sd, "
          f"{len(twin.ensemble)} hearts")  # fmt: skip
    synchroniser = Synchroniser([(m.conditions, m.solution.beat.end_state) for m in twin.ensemble])
    times, model, plain, spent, found = [], [], [], [], []
    for chunk in chunks(pressures, ecg):
        begin = perf_counter()
        answer = synchroniser.feed(chunk)
        spent.append(perf_counter() - begin)
        for beat in answer.followed:
            times.append(beat.time)
            model.append(
                [np.median(beat.quantities[n]) for n in ("stroke_volume", "cardiac_output")]
                + list(np.quantile(beat.quantities["cardiac_output"], (0.05, 0.95)))
            )
        found += [answer.fallen] if answer.fallen else []
    n_beats = synchroniser.used
    print(
        f"beats used {n_beats}, not used {sum(synchroniser.reasons.values())}: "
        + "; ".join(f"{n} {why}" for why, n in synchroniser.reasons.most_common(6))
    )
    print(f"processing {1e3 * sum(spent) / n_beats:.0f} ms per beat, slowest chunk "
          f"{1e3 * max(spent):.0f} ms; falls seen {len(found)}")  # fmt: skip
    plain = contour(pressures, synchroniser, np.array(times), folder)
    compare("twin", own, np.array(times), np.array(model), twin)
    compare("pulse contour", own, np.array(times), plain, None)


def first_fit(pressures: Mapping[str, FloatArray], name: str, members: int) -> Twin:
    n = round(FITTED * RATE_HZ)
    waves = {
        key: Waveform(key, np.arange(n) / RATE_HZ, values[:n], "mmHg", name)
        for key, values in pressures.items()
    }
    found = [m for m in pressure_measurements(waves) if isinstance(m, Measurement)]
    rate = 89.0 * PER_MIN
    found.append(Measurement("heart_rate", rate, 2.0 * PER_MIN, None, "monitor at the start"))
    record = PatientRecord("operation", name, "", Demographics(), tuple(found))
    steps = [step.twin for step in fitting(record, members=members) if step.twin is not None]
    for row in steps[-1].fit.rows:
        q = row.measurement.quantity
        print(f"  {q.label}: measured {q.text(row.measurement.value)}, twin {q.text(row.model)}")
    return steps[-1]


def chunks(pressures: Mapping[str, FloatArray], ecg: FloatArray) -> Iterator[Samples]:
    seconds = min(len(ecg) / ECG_HZ, len(pressures["ABP"]) / RATE_HZ)
    both = np.array([pressures["ABP"], pressures["CVP"]])
    for k in range(int(seconds / CHUNK)):
        start = k * CHUNK
        a, b = round(start * ECG_HZ), round((start + CHUNK) * ECG_HZ)
        yield Samples("monitor", ("II",), ecg[np.newaxis, a:b], start, ECG_HZ, start, 2 * k)
        a, b = round(start * RATE_HZ), round((start + CHUNK) * RATE_HZ)
        yield Samples(
            "monitor", ("ABP", "CVP"), both[:, a:b], a / RATE_HZ, RATE_HZ, start, 2 * k + 1
        )


def contour(
    pressures: Mapping[str, FloatArray], synchroniser: Synchroniser, times: FloatArray, folder: Path
) -> FloatArray:
    """Liljestrand and Zander for every beat: stroke volume and output without a scale."""
    abp = pressures["ABP"]
    rows = []
    for start, end in zip(times, np.append(times[1:], times[-1] + 0.7), strict=True):
        own = abp[round(start * RATE_HZ) : max(round(end * RATE_HZ), round(start * RATE_HZ) + 20)]
        own = own[: round(1.5 * RATE_HZ)]
        stroke = (own.max() - own.min()) / (own.max() + own.min())
        rows.append([stroke, stroke / max(min(end - start, 1.5), 0.3)])
    return np.array(rows)


def compare(
    name: str,
    own: Mapping[str, FloatArray],
    times: FloatArray,
    model: FloatArray,
    twin: Twin | None,
) -> None:
    for column, (key, unit, scale) in enumerate((("SV", "mL", 1e6), ("CO", "L/min", 6e4))):
        known = np.isfinite(own[key]) & (own["time_s"] > FITTED + 30) & (own["time_s"] < times[-1])
        when, monitor = own["time_s"][known], own[key][known]
        # The monitor averages over 20 s.
        ours = np.array([
            np.median(model[(times > t - 20) & (times <= t), column]) * scale for t in when
        ])  # fmt: skip
        good = np.isfinite(ours)
        ours, monitor, when = ours[good], monitor[good], when[good]
        factor = np.median(monitor[:10]) / np.median(ours[:10])
        bias, spread = np.mean(ours - monitor), np.std(ours - monitor, ddof=1)
        scaled = ours * factor
        rest = scaled - monitor
        change, theirs = scaled - scaled[:10].mean(), monitor - monitor[:10].mean()
        print(f"{name} {key} [{unit}], n {len(ours)}: "
              + (f"level: bias {bias:+.2f}, limits of agreement {bias - 1.96 * spread:+.2f} to "
                 f"{bias + 1.96 * spread:+.2f}; " if twin else "")
              + f"scaled x{factor:.3g}: bias {rest.mean():+.2f}, limits "
              f"{rest.mean() - 1.96 * rest.std(ddof=1):+.2f} to "
              f"{rest.mean() + 1.96 * rest.std(ddof=1):+.2f}, correlation "
              f"{np.corrcoef(ours, monitor)[0, 1]:.2f}, slope of change "
              f"{np.polyfit(theirs, change, 1)[0]:.2f}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("operation")
    run.add_argument("folder", type=Path)
    run.add_argument("--members", type=int, default=100)
    fall = commands.add_parser("falls")
    fall.add_argument("--patients", type=int, default=63)
    fall.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.command == "operation":
        operation(options.folder, options.members)
    else:
        falls(options.patients, options.seed)


def falls(patients: int, seed: int) -> None:
    random, counts = np.random.default_rng(seed), Counter[tuple[str, str]]()
    begin = perf_counter()
    for _ in range(patients):
        for cause, named in named_causes(random):
            counts[cause, named] += 1
    right = sum(n for (cause, named), n in counts.items() if cause == named)
    total = sum(counts.values())
    print(f"{right} of {total} causes right ({right / total:.1%}), {perf_counter() - begin:.0f} s")
    for (cause, named), n in sorted(counts.items()):
        print(f"  {cause:14s} named {named:14s} {n}")


def named_causes(random: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Every cause of a fall by a fifth that this patient can have, at once and over six beats."""
    place, truth, beat = heart(random, np.zeros(len(LEVERS)), 0.6, random.uniform(55, 105))
    rate = truth.parameters["heart_rate"]
    beside = [heart(random, place, 0.25, 60 * rate)[1:] for _ in range(3)]
    hearts = [(conditions, own.end_state) for conditions, own in beside]
    for cause in ("volume", "contractility", "systemic_tone", RATE):
        amount = amount_of(truth, beat, cause)
        for ramp in (1, 6) if amount else ():
            fall = lived_through(random, truth, beat, (cause, amount, ramp))
            answers = list(causes_of(hearts, fall))
            yield cause, answers[-1][0].name if answers else "none"


def heart(
    random: np.random.Generator, around: FloatArray, width: float, rate: float
) -> tuple[FloatArray, Conditions, Beat]:
    base = Conditions().with_parameters(heart_rate=rate * PER_MIN)
    while True:
        prior = np.array([lever.prior_sd for lever in LEVERS])
        place = around + width * prior * random.standard_normal(len(LEVERS))
        try:
            own = with_levers(base.parameters, LEVERS, place, frozenset())
        except ParameterError:
            continue
        conditions = replace(base, parameters=own)
        beat = steady(conditions)
        if beat is not None:
            return place, conditions, beat


def steady(conditions: Conditions) -> Beat | None:
    found = to_steady_state(beats(conditions, time_step=TIME_STEP))
    return found.beat if found is not None and found.outcome is Outcome.STEADY else None


def changed(conditions: Conditions, cause: str, amount: float) -> Conditions:
    if cause == RATE:
        return conditions.scaled(heart_rate=float(np.exp(-amount)))
    drift = next(d for d in FOLLOWED if d.name == cause)
    return drifted(conditions, (drift,), np.array([-amount]))


def amount_of(conditions: Conditions, beat: Beat, cause: str) -> float:
    """By how much a cause must change for a fall by a fifth; 0 where it cannot."""
    low, high, goal = 0.0, 1.0, 0.8 * beat.traces["aortic_pressure"].mean()
    for _ in range(12):
        middle = 0.5 * (low + high)
        try:
            found = steady(changed(conditions, cause, middle))
        except ParameterError:
            found = None
        if found is None or found.traces["aortic_pressure"].mean() < goal:
            high = middle
        else:
            low = middle
    try:
        found = steady(changed(conditions, cause, low))
    except ParameterError:
        return 0.0
    reached = found is not None and abs(found.traces["aortic_pressure"].mean() / goal - 1) < 0.02
    return low if reached else 0.0


def lived_through(
    random: np.random.Generator, truth: Conditions, beat: Beat, what: tuple[str, float, int]
) -> Fall:
    """15 beats of the fall, measured with the error of one beat."""
    cause, amount, ramp = what
    state, interval = beat.end_state, beat.duration

    def measured(conditions: Conditions, state: HeartState, interval: float):  # type: ignore[no-untyped-def]
        answer = quick_beat(conditions, state, interval)
        if answer is None:
            raise RuntimeError("the heart died in its fall")
        noise = {name: 0.6 * OBSERVED[name] * random.standard_normal() for name in SEEN}
        return {name: answer[0][name] + noise[name] for name in SEEN}, answer[1]

    before, since, intervals = [], [], []
    for _ in range(20):
        values, state = measured(truth, state, interval)
        before.append(values)
    for number in range(15):
        now = amount * min(1.0, (number + 1) / ramp)
        lasting = interval * float(np.exp(now)) if cause == RATE else interval
        conditions = truth if cause == RATE else changed(truth, cause, now)
        values, state = measured(conditions, state, lasting)
        since.append(values)
        intervals.append(lasting)
    usual = {name: np.mean([v[name] for v in before]) for name in SEEN}
    changes = {name: np.array([v[name] for v in since]) - usual[name] for name in SEEN}
    return Fall(interval, np.array(intervals), changes)


if __name__ == "__main__":
    main()
