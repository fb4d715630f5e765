"""Speed of the ionic cells and of a tissue slab against published programs, in one process.

    ./scripts/benchmark cells

Prints cell-steps per second of processor time for one core, and ratios of interleaved repeats. The
tissue peer is ``finitewave`` with the same cell on the same grid; it counts all its threads. The
single-cell peer is ``myokit`` with CVODES on its example, the smaller Luo-Rudy 1991 cell: that
ratio is a lower bound. It is left out where no compiler or no SUNDIALS is installed.
"""

import statistics
import warnings
from collections.abc import Callable
from time import process_time

import numpy as np

from organtwin.arrays import RealArray
from organtwin.physiology.electrophysiology.monodomain.diffusion import VoxelDiffusion
from organtwin.physiology.electrophysiology.monodomain.propagation import Stimulus, propagating
from organtwin.physiology.electrophysiology.monodomain.tentusscher import resting_cells, step_cells

REPEATS = 5
CELLS = 100_000
SLAB = (101, 36, 16)
STEPS = 100


def cells(precision: type) -> Callable[[], float]:
    """Processor seconds per cell and step."""
    state: RealArray = resting_cells(CELLS, precision)
    step_cells(state, 0.02)

    def run() -> float:
        begin = process_time()
        for _ in range(10):
            step_cells(state, 0.02)
        return (process_time() - begin) / (10 * CELLS)

    return run


def slab(precision: type) -> Callable[[], float]:
    """Processor seconds per cell and step of reaction and diffusion together."""
    diffusion = VoxelDiffusion(SLAB, np.full(3, 2e-4), np.array([9.53e-5, 1.26e-5, 1.26e-5]))
    stimulus = Stimulus((diffusion.places <= 1.5e-3).all(axis=1))

    def run() -> float:
        begin = process_time()
        for _ in propagating(
            diffusion, stimulus, end=STEPS * 2e-5, time_step=2e-5, precision=precision
        ):
            pass
        return (process_time() - begin) / (STEPS * int(np.prod(SLAB)))

    run()
    return run


def finitewave_slab() -> Callable[[], float]:
    """The same cell on a grid of the same size, in double precision."""
    import finitewave

    tissue = finitewave.CardiacTissue(SLAB)
    model = finitewave.TenTusscherPanfilov2006()
    model.dt, model.dr, model.t_max = 0.02, 0.2, STEPS * 0.02
    stimuli = finitewave.StimSequence()
    stimuli.add_stim(finitewave.StimVoltageCoord(0, -20, 0, 8, 0, 8, 0, 8))
    model.cardiac_tissue, model.stim_sequence = tissue, stimuli
    model.prog_bar = False

    def run() -> float:
        model.t_max = model.dt  # the first step compiles, each time
        model.run(num_of_threads=1)
        model.t_max = STEPS * model.dt
        begin = process_time()
        model.run(initialize=False, num_of_threads=1)
        return (process_time() - begin) / (STEPS * int(np.prod(SLAB)))

    run()
    return run


def myokit_cell() -> Callable[[], float] | None:
    """Processor seconds per beat of 1 s of the Luo-Rudy cell."""
    import myokit

    try:
        simulation = myokit.Simulation(*myokit.load("example")[:2])
        simulation.run(1000)
    except Exception as error:  # whatever a missing compiler raises
        print(f"myokit left out: {str(error).splitlines()[0]}")
        return None

    def run() -> float:
        begin = process_time()
        simulation.run(1000)
        return process_time() - begin

    return run


def main() -> None:
    warnings.simplefilter("ignore")
    runs = {
        "cells, single": cells(np.float32),
        "cells, double": cells(np.float64),
        "slab, single": slab(np.float32),
        "slab, double": slab(np.float64),
        "slab, finitewave": finitewave_slab(),
    }
    if (peer := myokit_cell()) is not None:
        runs["beat, myokit"] = peer
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(REPEATS):
        for name, run in runs.items():
            seconds[name].append(run())
    median = {name: statistics.median(values) for name, values in seconds.items()}
    for name, value in median.items():
        if name != "beat, myokit":
            print(f"{name:18s} {1e-6 / value:8.1f} million cell-steps per second and core")
    for name in ("slab, single", "slab, double"):
        print(f"{name}: {median['slab, finitewave'] / median[name]:.1f} x finitewave")
    if "beat, myokit" in median:
        ours = median["cells, double"] * 1000 / 0.02
        print(f"one beat, double, 0.02 ms: {median['beat, myokit'] / ours:.1f} x myokit (LR91)")


if __name__ == "__main__":
    main()
