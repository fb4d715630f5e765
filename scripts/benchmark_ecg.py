"""How fast twelve leads are reckoned from activation times, as ratios to slower ways of doing it.

Random activation and repolarisation on as many nodes as a ventricular mesh of 190 000 tetrahedra
has. Times are the best of interleaved repeats: a busy machine slows BLAS's threads a hundredfold.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.physiology.electrophysiology.ecg.electrocardiogram import (
    direct_electrocardiogram,
    electrocardiogram,
    recorder,
    rest,
    voltages,
)

N_LEADS = 12


@dataclass(frozen=True)
class Shapes:
    """Action potentials made up for timing: an upstroke of 1 ms, a plateau, a return to rest."""

    times: FloatArray
    durations: FloatArray
    voltages: FloatArray

    @classmethod
    def made_up(cls) -> "Shapes":
        times = np.arange(0.0, 0.6, 1e-3)
        durations = np.linspace(0.18, 0.42, 13)
        up = 1.0 / (1.0 + np.exp(-(times - 2e-3) / 2.5e-4))
        down = 1.0 / (1.0 + np.exp((times[None] - durations[:, None] + 0.02) / 0.012))
        return cls(times, durations, -0.085 + 0.12 * up * down)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=42_000)
    parser.add_argument("--samples", type=int, default=500, help="at 1 kHz")
    parser.add_argument("--repeats", type=int, default=7)
    chosen = parser.parse_args()
    random = np.random.default_rng(1)
    place = random.random((chosen.nodes, 3))
    weights = np.sin(4.0 * place @ random.normal(size=(3, N_LEADS))).T
    weights = np.ascontiguousarray(weights - weights.mean(axis=1, keepdims=True))
    activation, durations = 0.09 * place[:, 0], 0.2 + 0.2 * place[:, 1]
    library, samples = Shapes.made_up(), 1e-3 * np.arange(chosen.samples)
    prepared = recorder(weights, library, times=samples)

    def histogram() -> FloatArray:
        return electrocardiogram(prepared, activation, durations=durations)

    def direct() -> FloatArray:
        return direct_electrocardiogram(
            weights, library, times=samples, activation=activation, durations=durations
        )

    ready = np.stack(
        [voltages(library, t, activation=activation, durations=durations) for t in samples], axis=1
    )
    ready -= rest(library)
    ways = {
        "histogram": histogram,
        "product with a ready matrix of voltages": lambda: weights @ ready,
        "direct sum": direct,
    }
    histogram()
    taken = {name: [] for name in ways}
    for _ in range(chosen.repeats):
        for name, way in ways.items():
            taken[name].append(seconds(way))
    best = {name: min(times) for name, times in taken.items()}
    print(f"{chosen.nodes} nodes, {N_LEADS} leads, {chosen.samples} samples")
    for name, value in best.items():
        print(f"{1e3 * value:9.1f} ms  {value / best['histogram']:8.1f} x  {name}")
    exact = direct()
    peak = np.abs(exact).max()
    print(f"histogram against direct sum: {np.abs(histogram() - exact).max() / peak:.1e} of peak")


if __name__ == "__main__":
    main()
