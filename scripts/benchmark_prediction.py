"""How long a prediction takes, and how much of it accelerated steady states save.

    ./scripts/benchmark prediction

On a fitted patient with a hundred members: the first numbers and curves after a slider moved, the
first picture of the heart with its own wall motion, and all members under three therapies. Beside
wall time, which other work on the machine lengthens, processor time and its ratio to plain
iteration to the same tolerance; limits are 300 ms and 3 s on two idle cores.
"""

import argparse
import os
import statistics
from collections.abc import Callable
from functools import partial
from time import perf_counter, process_time

from organtwin.patient.case_file import load_case
from organtwin.session.answers import Foreseen, Heartbeat, shown
from organtwin.session.answers import predict as answer
from organtwin.session.science import heart_science
from organtwin.simulation import reflex, settling
from organtwin.tasks.progress import Progress
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin import prediction
from organtwin.twin.building import fitting
from organtwin.twin.twin import Twin

PLANS = {
    "hfref_decompensated": ("norepinephrine 0.1 ug/kg/min", "impella_cp 40000 rpm", "fluid 500 mL"),
    "aortic_stenosis": ("tavi 1.6 cm2", "esmolol 8 mg/min", "fluid 1000 mL"),
}


class _FirstSeen(Exception):  # noqa: N818 - the end of a measurement, not an error
    pass


def fitted(case: str) -> Twin:
    twin = None
    for step in fitting(load_case(case)):
        twin = step.twin or twin
    assert twin is not None, case
    return twin


def first_estimate(twin: Twin, plan: TherapyPlan, before: Heartbeat, *, drawn: bool) -> None:
    """What the preview lane does until the first answer is published, or the first picture."""

    def seen(foreseen: object) -> None:
        if isinstance(foreseen, Foreseen) and (foreseen.drawn or not drawn):
            raise _FirstSeen

    progress = Progress(lambda *_: None, seen)
    try:
        answer(heart_science(), twin, plan, lambda: None, progress, meanwhile=before, insist=True)
    except _FirstSeen:
        return


def timed(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median wall and processor seconds."""
    walls, cores = [], []
    for _ in range(repeats):
        wall, core = perf_counter(), process_time()
        work()
        walls.append(perf_counter() - wall)
        cores.append(process_time() - core)
    return statistics.median(walls), statistics.median(cores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--cases", nargs="*", default=list(PLANS))
    options = parser.parse_args()
    for case in options.cases:
        twin = fitted(case)
        plan = TherapyPlan(tuple(parse_therapy(text) for text in PLANS[case]))
        print(f"{case}: {plan}; {len(twin.ensemble)} members, {os.cpu_count()} cores, "
              f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
        before = shown(heart_science(), twin, None).baseline
        first_estimate(twin, plan, before, drawn=True)  # loads what is loaded once
        for what, drawn in (("numbers", False), ("picture", True)):
            work = partial(first_estimate, twin, plan, before, drawn=drawn)
            wall, core = timed(work, options.repeats)
            print(f"  first {what}    {1e3 * wall:6.0f} ms, {1e3 * core:6.0f} ms of processor")
        cost = {}
        for name, way in (("plain", reflex.steady_under), ("mixed", settling.steady_under)):
            prediction.steady_under = way
            wall, cost[name] = timed(partial(prediction.predict, twin, plan), options.repeats)
            print(f"  all members, {name} {wall:4.2f} s, {cost[name]:5.2f} s of processor")
        print(f"  mixed over plain {cost['mixed'] / cost['plain']:.2f}")


if __name__ == "__main__":
    main()
