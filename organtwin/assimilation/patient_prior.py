"""Where the fit of a patient not seen before starts: by size, sex and diagnosis.

The means of the levers shift by what sourced numbers say such patients show, translated to levers
by ``scripts/build_priors.py``; the table with its sources is ``assets/parameters/priors.toml``.
Widths stay those of the levers, which are wide enough for disease. Age shifts nothing: no sourced
number at hand relates it to a lever.

A diagnosis counts only where its very words stand in the record and nothing before them doubts or
denies them, and where the measurements are the patient's: published means of a group with the
diagnosis would otherwise count twice.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from organtwin.assimilation.levers import LEVERS, Lever
from organtwin.assimilation.prior import Prior, normal_adult
from organtwin.patient.measurement import Provenance
from organtwin.patient.record import Demographics, PatientRecord
from organtwin.resources import asset

MEAN_SURFACE = 1.79
"""[m2] of the adult that the model is; the table names the source."""
_DOUBT = re.compile(
    r"(?i)\b(no|not|without|never|excluded?|suspected|possible|probable|family history of|"
    r"rule out)\b[^.;,]*$|\?\s*$"
)


@dataclass(frozen=True, eq=False)
class PatientPrior:
    """``prior`` is ``None`` where nothing known shifts it; ``findings`` say what did."""

    prior: Prior | None
    findings: tuple[str, ...]


def patient_prior(record: PatientRecord, levers: tuple[Lever, ...] = LEVERS) -> PatientPrior:
    """The prior of a patient of this sex, size and diagnosis."""
    shifts, findings = _of_body(record.demographics)
    known = _diagnosis(record.diagnosis)
    if known is not None and any(m.provenance is Provenance.PUBLISHED for m in record.measurements):
        findings.append(
            f"the fit does not start from the diagnosis ({known}): the measurements are published "
            "means of such patients and would count twice"
        )
    elif known is not None:
        shifts = [*shifts, _table()["diagnosis"][known]["levers"]]
        findings.append(
            f"the fit starts from the diagnosis: {known.replace('_', ' ')} "
            f"({_table()['diagnosis'][known]['source']})"
        )
    if not shifts:
        return PatientPrior(None, tuple(findings))
    mean = np.array([sum(shift.get(lever.name, 0.0) for shift in shifts) for lever in levers])
    return PatientPrior(Prior(mean, normal_adult(levers).covariance), tuple(findings))


def _of_body(who: Demographics) -> tuple[list[Mapping[str, float]], list[str]]:
    table, shifts, said = _table(), list[Mapping[str, float]](), list[str]()
    surface = who.body_surface_area
    told = "" if surface is None else f"body surface {surface:.2f} m2"
    if who.sex is not None:
        shifts.append(table["sex"][who.sex]["levers"])
        said.append(f"sex {who.sex}")
        if surface is None:
            surface = table["sex"][who.sex]["surface"]
            told = f"mean body surface of a {who.sex} adult, {surface:.2f} m2 (none recorded)"
    if surface is not None:
        log = float(np.log(surface / MEAN_SURFACE))
        shifts.append({name: x * log for name, x in table["size"]["levers"].items()})
        said.append(told)
    return shifts, [f"the fit starts from a healthy adult: {', '.join(said)}"] if said else []


def _diagnosis(text: str) -> str | None:
    """The one diagnosis of the table that the text states; ``None`` where it states several."""
    found = []
    for name, row in _table()["diagnosis"].items():
        if any(states(text, phrase) for phrase in row["phrases"]):
            found.append(name)
    return found[0] if len(found) == 1 else None


def states(text: str, phrase: str) -> bool:
    """Whether a diagnosis holds these very words, and nothing before them doubts or denies them."""
    match = re.search(rf"(?i)\b{re.escape(phrase)}\b", text)
    if match is None or text[match.end() :][:1] == "?":
        return False
    return not _DOUBT.search(text[: match.start()])


@cache
def _table() -> dict[str, Any]:
    with asset("parameters/priors.toml").open("rb") as file:
        return tomllib.load(file)
