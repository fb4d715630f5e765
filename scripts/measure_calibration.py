"""How honest fits are: on patients whose heart is known, from the record alone.

    PYTHONPATH=. .venv/bin/python scripts/measure_calibration.py --patients 200 --out calibration

Per lever: how often the 50 % and the 90 % band of the members hold the truth (Wilson interval),
whether the rank of the truth among the members is uniform (simulation-based calibration, Talts et
al. 2018, arXiv 1804.06788), how often the lever is called determined and how far the truth then
lies from the members' mean. Per quantity: the same coverage for what was not measured, and the
error of the twin for what was. ``OUT.jsonl`` keeps one line per patient, so that a run that was
stopped goes on; ``OUT.svg`` shows the ranks, ``OUT.txt`` the tables. The result is entered in the
evidence of this machine.
"""

import argparse
import json
import multiprocessing
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from calibration_tables import rank_picture, summed_up, tables

from organtwin.assimilation.levers import LEVERS
from organtwin.assimilation.observation import TARGETS
from organtwin.simulation.biomarkers import biomarkers
from organtwin.store.evidence_results import note_results, result_now
from organtwin.twin.building import FitError, fitting
from organtwin.twin.planted import planted_patient
from organtwin.twin.twin import Twin

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
WHOLE = 100
"""Patients below which a run counts as part of one: a share of 90 % is then known to 3 points."""


def measured(seed: int, members: int) -> dict[str, Any]:
    patient = planted_patient(seed)
    begin, seconds, twin = perf_counter(), 0.0, None
    try:
        for step in fitting(patient.record, members):
            if step.twin is not None and twin is None:
                seconds = perf_counter() - begin
            twin = step.twin or twin
    except FitError as error:
        return {"seed": seed, "failed": str(error)}
    facts = {"seed": seed, "targets": twin.fit.n_targets, "members": len(twin.ensemble)}
    facts |= {"fit_s": seconds, "posterior_s": perf_counter() - begin - seconds}
    facts["z"] = [row.z for row in twin.fit.rows if not row.direct]
    return {**facts, "levers": levers(patient.levers, twin), "quantities": numbers(patient, twin)}


def levers(truth: tuple[float, ...], twin: Twin) -> list[dict[str, Any]]:
    values = np.array([member.values for member in twin.ensemble])
    widths = np.sqrt(np.diag(twin.fit.covariance))
    found = []
    for index, lever in enumerate(LEVERS):
        series = values[:, index]
        found.append({
            "name": lever.name,
            "truth": truth[index] / lever.prior_sd,
            "rank": int((series < truth[index]).sum()),
            "bands": quantiles(series / lever.prior_sd),
            "best": float(twin.fit.levers[index] / lever.prior_sd),
            "mean": float(series.mean() / lever.prior_sd),
            "spread": float(series.std() / lever.prior_sd),
            "laplace": float(widths[index] / lever.prior_sd),
            "determined": bool(twin.fit.parameters[index].determined),
        })  # fmt: skip
    return found


def quantiles(series: Any) -> list[float]:
    """By ranks among n + 1 places, so that n exact draws hold 90 % and not less."""
    return np.quantile(series, LEVELS, method="weibull").tolist()


def numbers(patient: Any, twin: Twin) -> list[dict[str, Any]]:
    beats = [biomarkers(m.solution.beat, m.conditions) for m in twin.ensemble]
    best, known = twin.numbers, {row.measurement.name for row in twin.fit.rows}
    found = []
    for name in sorted(TARGETS):
        series = np.array([beat[name] for beat in beats])
        found.append({
            "name": name, "truth": patient.truth[name], "best": best[name],
            "bands": quantiles(series), "measured": name in known,
            "reading": patient.record[name].value if name in known else None,
        })  # fmt: skip
    return found


def job(arguments: tuple[int, int]) -> dict[str, Any]:
    return measured(*arguments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=30)
    parser.add_argument("--members", type=int, default=100)
    parser.add_argument("--start", type=int, default=0, help="seed of the first patient")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("calibration"))
    options = parser.parse_args()
    kept = options.out.with_suffix(".jsonl")
    rows = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    done = {row["seed"] for row in rows}
    seeds = range(options.start, options.start + options.patients)
    todo = [(seed, options.members) for seed in seeds if seed not in done]
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.processes) as pool, kept.open("a") as file:
        for row in pool.imap_unordered(job, todo):
            rows.append(row)
            file.write(json.dumps(row) + "\n")
            file.flush()
            print(f"patient {row['seed']}: {len(rows)} done", flush=True)
    rows = sorted((row for row in rows if row["seed"] in seeds), key=lambda row: row["seed"])
    text = tables(rows)
    options.out.with_suffix(".txt").write_text(text)
    options.out.with_suffix(".svg").write_text(rank_picture(rows))
    print(text)
    note(rows)


def note(rows: list[dict[str, Any]]) -> None:
    """Write down for the evidence cards how honest the bands were."""
    passed, failed, told = summed_up(rows)
    result = result_now(passed, failed, partly=len(rows) < WHOLE, told=told)
    note_results({"scripts/measure_calibration.py": result})


if __name__ == "__main__":
    main()
