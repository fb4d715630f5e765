"""How well ECG fits do: on hearts with planted truth, and on recorded ECGs.

    PYTHONPATH=. .venv/bin/python scripts/measure_ecg_fit.py --planted 3 RECORDING...

Planted: a random candidate of the prior on the template, its leads with 20 uV of noise; prints the
correlation of the QRS, the median error of activation over the members, and how many nodes have
their true activation inside the 90 % band. Recorded: the median correlation over the members of the
QRS and of the whole beat, and the share of members with a blocked left and right bundle.
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np

from organtwin.anatomy.template_file import load_template
from organtwin.arrays import FloatArray
from organtwin.assimilation.ecg_agreement import Window, correlation
from organtwin.assimilation.ecg_fit import (
    MEMBERS,
    RECOVERY_NAMES,
    EcgMember,
    EcgTarget,
    fitting_ecg,
    repolarisation,
)
from organtwin.assimilation.ecg_forward import VentricularForward, ventricular_forward
from organtwin.assimilation.ecg_levers import NAMES, candidate
from organtwin.patient.ecg.examination import examined
from organtwin.patient.readers import read_recording
from organtwin.physiology.electrophysiology.activation.conduction import BLOCKED
from organtwin.physiology.electrophysiology.activation.network import Branch
from organtwin.physiology.electrophysiology.activation.tissue import electric_tissue
from organtwin.simulation.electric_model import ElectricModel, electric_model

LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
NOISE = 20e-6


def window(times: FloatArray, volts: FloatArray, noise: FloatArray, at: FloatArray) -> Window:
    return Window(at, np.stack([np.interp(at, times, row) for row in volts]), noise)


def target(times: FloatArray, volts: FloatArray, noise: FloatArray, qrs: float) -> EcgTarget:
    """``times`` from the onset of the QRS, which lasts ``qrs`` [s]."""
    early = np.arange(-10, round(1e3 * (qrs + 0.02))) * 1e-3
    late = np.arange(round(1e3 * (qrs + 0.03)), 460) * 1e-3
    late = late[late <= times[-1]]
    return EcgTarget(
        LEADS, window(times, volts, noise, early), window(times, volts, noise, late)
    )  # fmt: skip


def fitted(
    forward: VentricularForward, goal: EcgTarget, members: int
) -> tuple[tuple[EcgMember, ...], float]:
    begin = perf_counter()
    steps = list(fitting_ecg(forward, goal, n_members=members))
    return steps[-1].members, perf_counter() - begin


def leads_of(forward: VentricularForward, member: EcgMember, times: FloatArray) -> FloatArray:
    excitation = forward.excitation(member.candidate)
    if excitation is None:
        raise ValueError("a member that excites nothing")
    shifted = times - member.candidate.onset
    return member.amplitude * forward.leads(excitation, shifted, member.repolarisation)


def agreements(
    forward: VentricularForward, members: tuple[EcgMember, ...], goal: EcgTarget
) -> tuple[float, float]:
    """Median correlation of the QRS, and of QRS and recovery together."""
    early, whole = [], []
    for member in members[:24]:
        first = leads_of(forward, member, goal.qrs.times)
        second = leads_of(forward, member, goal.recovery.times)
        early.append(correlation(goal.qrs.volts, first))
        measured = np.concatenate([goal.qrs.volts, goal.recovery.volts], axis=1)
        whole.append(correlation(measured, np.concatenate([first, second], axis=1)))
    return float(np.median(early)), float(np.median(whole))


def planted(model: ElectricModel, seed: int, members: int) -> None:
    forward, generator = ventricular_forward(model, LEADS), np.random.default_rng(seed)
    while True:
        truth = candidate(generator.random(len(NAMES)))
        excitation = forward.excitation(truth)
        if excitation is not None:
            break
    recovered = repolarisation(generator.random(len(RECOVERY_NAMES)))
    times = np.arange(-60, 520) * 1e-3
    volts = forward.leads(excitation, times - truth.onset, recovered)
    volts = volts + generator.normal(0.0, NOISE, volts.shape)
    qrs = float(excitation.activation.max())
    goal = target(times, volts, np.full(len(LEADS), NOISE), qrs)
    found, seconds = fitted(forward, goal, members)
    true = excitation.activation + truth.onset
    activation = np.stack([member.activation for member in found])
    low, high = np.quantile(activation, (0.05, 0.95), axis=0)
    inside = float(np.mean((true >= low) & (true <= high)))
    error = float(np.median(np.abs(activation - true)))
    early, whole = agreements(forward, found, goal)
    print(
        f"planted {seed}: QRS {1e3 * qrs:.0f} ms, {seconds:.0f} s, correlation {early:.3f} "
        f"(with T {whole:.3f}), activation error {1e3 * error:.1f} ms, inside band {inside:.0%}",
        flush=True,
    )


def recorded(model: ElectricModel, path: Path, members: int) -> None:
    forward = ventricular_forward(model, LEADS)
    exam = examined(read_recording(path))
    rows = [exam.average.names.index(lead) for lead in LEADS]
    goal = target(
        exam.average.times - exam.waves.qrs_onset, exam.average.values[rows],
        exam.average.noise[rows], exam.measurements.get("qrs_duration"),
    )  # fmt: skip
    found, seconds = fitted(forward, goal, members)
    early, whole = agreements(forward, found, goal)
    blocked = [
        np.mean([m.candidate.conduction.delays.get(branch) == BLOCKED for m in found])
        for branch in (Branch.LEFT_BUNDLE, Branch.RIGHT_BUNDLE)
    ]
    print(
        f"{path.stem}: QRS {1e3 * exam.measurements.get('qrs_duration'):.0f} ms, "
        f"{seconds:.0f} s, correlation {early:.3f} (with T {whole:.3f}), blocked: left "
        f"{blocked[0]:.0%}, right {blocked[1]:.0%}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recordings", nargs="*", type=Path)
    parser.add_argument("--planted", type=int, default=0)
    parser.add_argument("--members", type=int, default=MEMBERS)
    options = parser.parse_args()
    template = load_template()
    model = electric_model(template, electric_tissue(template), movable=True)
    for seed in range(options.planted):
        planted(model, seed, options.members)
    for path in options.recordings:
        recorded(model, path, options.members)


if __name__ == "__main__":
    main()
