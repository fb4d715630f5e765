"""Time per beat of the pump against two published closed loops, in one process.

    ./scripts/benchmark pump

Prints medians of interleaved repeats and ratios, in processor time, so that other work on the
machine disturbs little. The peers solve simpler hearts (time-varying elastance, no walls, no
fibres): a ratio above one is a lower bound.
"""

import logging
import statistics
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from time import process_time

from organtwin.physiology.electrophysiology.conduction import conduction_pattern
from organtwin.physiology.interface import PatchLayout
from organtwin.simulation.conditions import Conditions
from organtwin.simulation.simulator import beats

REPEATS = 9
ONE_PATCH = PatchLayout(1, 1, 1, 1, 1)


def pump(conditions: Conditions, count: int = 20) -> Callable[[], float]:
    """Processor seconds per beat of our pump, warm."""
    state = next(beats(conditions)).end_state

    def run() -> float:
        begin = process_time()
        for _ in islice(beats(conditions, state), count):
            pass
        return (process_time() - begin) / count

    return run


def circulation_peer(count: int = 2) -> Callable[[], float]:
    """The 0D model of Regazzoni et al. 2022 in the ``circulation`` package, Euler 1 ms."""
    from circulation.regazzoni2020 import Regazzoni2020

    logging.disable(logging.INFO)  # it prints its whole parameter table
    folder = Path(tempfile.mkdtemp())

    def run() -> float:
        model = Regazzoni2020(outdir=folder)
        begin = process_time()
        model.solve(num_beats=count, dt=1e-3)
        return (process_time() - begin) / count

    return run


def svzerod_peer(count: int = 10) -> Callable[[], float]:
    """The two-hill closed loop of svZeroDSolver, 689 points per beat."""
    import svzerod

    config = two_hill_loop(count)

    def run() -> float:
        begin = process_time()
        svzerod.simulate(config)
        return (process_time() - begin) / count

    return run


def two_hill_loop(n_beats: int) -> dict:
    """Regazzoni topology with two-hill elastances; values of svZeroDSolver's own sample [SI]."""
    vessels = {
        "AR_SYS": (6.93626e-9, 9.0219259e7, 6.66611e5),
        "VEN_SYS": (4.5004e-7, 8.506913e6, 6.66611e4),
        "AR_PUL": (7.5006e-8, 4.266316e6, 6.66611e4), "VEN_PUL": (1.2001e-7, 4.666283e6, 6.66611e4),
    }  # fmt: skip
    chambers = {
        "LA": (2.666e7, 2.0449931e7, 4e-6), "LV": (3.33878537e8, 1.2605372e7, 1.9763e-6),
        "RA": (7.999343e6, 4.932281e6, 4e-6), "RV": (6.5719659e7, 5.406837e6, 5.4316e-5),
    }  # fmt: skip
    timing = {"A": (0.025, 0.075862, 0.124138, 13.1), "V": (0.207, 0.185517, 0.311724, 27.4)}
    junctions = (("AR_SYS", "VEN_SYS"), ("VEN_SYS", "RA"), ("AR_PUL", "VEN_PUL"), ("VEN_PUL", "LA"))
    valves = (
        ("MV", "LA", "LV"),
        ("AV", "LV", "AR_SYS"),
        ("TV", "RA", "RV"),
        ("PV", "RV", "AR_PUL"),
    )
    volumes = {"LA": 5.6e-5, "LV": 8.1e-5, "RA": 8.9e-5, "RV": 1.19e-4}
    return {
        "simulation_parameters": {
            "number_of_cardiac_cycles": n_beats, "number_of_time_pts_per_cardiac_cycle": 689,
            "output_variable_based": True, "output_all_cycles": False, "steady_initial": False,
            "cardiac_period": 0.689655,
        },
        "vessels": [
            {"vessel_name": name, "vessel_id": i + 1, "vessel_length": 10.0,
             "zero_d_element_type": "BloodVesselCRL",
             "zero_d_element_values": {"C": c, "R_poiseuille": r, "L": inertance}}
            for i, (name, (c, r, inertance)) in enumerate(vessels.items())
        ],
        "junctions": [
            {"junction_name": f"J{i}", "junction_type": "NORMAL_JUNCTION",
             "inlet_blocks": [a], "outlet_blocks": [b]}
            for i, (a, b) in enumerate(junctions)
        ],
        "boundary_conditions": [],
        "chambers": [
            {"type": "LinearElastanceChamber", "name": name,
             "values": {"Emax": high, "Epass": low, "Vrest": rest},
             "activation_function": dict(zip(
                 ("type", "t_shift", "tau_1", "tau_2", "m1", "m2"),
                 ("two_hill", *timing[name[1]][:3], 1.32, timing[name[1]][3]), strict=True))}
            for name, (high, low, rest) in chambers.items()
        ],
        "valves": [
            {"type": "PiecewiseValve", "name": name,
             "params": {"Rmin": 6.666e5, "Rmax": 6.666e9,
                        "upstream_block": a, "downstream_block": b}}
            for name, a, b in valves
        ],
        "initial_condition": {f"Vc:{name}": volume for name, volume in volumes.items()},
    }  # fmt: skip


def main() -> None:
    normal = conduction_pattern("normal", PatchLayout())
    runs: dict[str, Callable[[], float]] = {
        "organtwin, 5 walls, 1 patch each": pump(
            Conditions(activation=conduction_pattern("synchronous", ONE_PATCH))
        ),
        f"organtwin, {PatchLayout().total} patches": pump(Conditions(activation=normal)),
    }
    for name, make in (("svzerod two-hill", svzerod_peer), ("circulation", circulation_peer)):
        try:
            runs[name] = make()
        except ImportError:
            print(f"{name}: not installed, left out")
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(REPEATS):
        for name, run in runs.items():
            times[name].append(run())
    medians = {name: statistics.median(values) for name, values in times.items()}
    ours = list(medians)[:2]
    cycle = {"svzerod two-hill": 0.689655, "circulation": 0.8}
    for name, seconds in medians.items():
        real_time = cycle.get(name, 0.85) / seconds
        ratios = ", ".join(f"{seconds / medians[own]:.1f}x" for own in ours)
        print(f"{name:32s} {1e3 * seconds:8.2f} ms/beat {real_time:7.0f}x real time, ours {ratios}")


if __name__ == "__main__":
    main()
