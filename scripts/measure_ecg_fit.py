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
from organtwin.assimilation.ecg_agreement import correlation
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
from organtwin.patient.case_file import load_case
from organtwin.physiology.electrophysiology.activation.tissue import electric_tissue
from organtwin.simulation.electric_model import ElectricModel, electric_model
from organtwin.twin.ecg_fitting import (
    LEADS,
    activation_band,
    fitting_electrics,
    member_leads,
    target_of,
)

NOISE = 20e-6


def fitted(
    forward: VentricularForward, goal: EcgTarget, members: int
) -> tuple[tuple[EcgMember, ...], float]:
    begin = perf_counter()
    steps = list(fitting_ecg(forward, goal, n_members=members))
    return steps[-1].members, perf_counter() - begin


def agreements(
    forward: VentricularForward, members: tuple[EcgMember, ...], goal: EcgTarget
) -> tuple[float, float]:
    """Median correlation of the QRS, and of QRS and recovery together."""
    early, whole = [], []
    for member in members[:24]:
        first = member_leads(forward, member, goal.qrs.times)
        second = member_leads(forward, member, goal.recovery.times)
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
    goal = target_of(LEADS, times, volts, np.full(len(LEADS), NOISE), qrs)
    found, seconds = fitted(forward, goal, members)
    true = excitation.activation + truth.onset
    activation = np.stack([member.activation for member in found])
    low, high = activation_band(found)
    inside = float(np.mean((true >= low) & (true <= high)))
    error = float(np.median(np.abs(activation - true)))
    early, whole = agreements(forward, found, goal)
    print(
        f"planted {seed}: QRS {1e3 * qrs:.0f} ms, {seconds:.0f} s, correlation {early:.3f} "
        f"(with T {whole:.3f}), activation error {1e3 * error:.1f} ms, inside band {inside:.0%}",
        flush=True,
    )


def recorded(path: Path, members: int) -> None:
    begin = perf_counter()
    steps = fitting_electrics(load_case(str(path)), n_members=members)
    found = [step.fitted for step in steps if step.fitted is not None][-1]
    print(
        f"{path.stem}: {perf_counter() - begin:.0f} s, correlation {found.qrs_correlation:.3f} "
        f"(with T {found.qrst_correlation:.3f}), blocked: left {found.blocked['left_bundle']:.0%}, "
        f"right {found.blocked['right_bundle']:.0%}",
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
        recorded(path, options.members)


if __name__ == "__main__":
    main()
