"""FHIR R4: bundles, single resources and NDJSON, of one patient.

Numbers are read from ``Observation`` and its components, the person from ``Patient``, conditions
from ``Condition``. What is not final, bounded (``< 5``), absent or no number is told and not used,
as is a condition that does not hold now or that the vocabulary lacks. Of other resources only the
number is told.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from organtwin.errors import RecordError
from organtwin.patient.measurement import Measurement
from organtwin.patient.numbers.choosing import chosen
from organtwin.patient.numbers.codes import Code, code_table, known_code
from organtwin.patient.numbers.fhir_conditions import read_condition
from organtwin.patient.numbers.found import (
    CodedValue,
    Identity,
    NumbersFile,
    Reason,
    Unused,
    gathered,
    last_day,
)
from organtwin.patient.numbers.person import age_on, described
from organtwin.patient.numbers.ucum import CODING
from organtwin.patient.readers.faults import content_of, explained

Resource = Mapping[str, Any]

KIND = "FHIR R4"
LARGEST = 200_000_000
"""Bytes; the whole record of one patient from Synthea has less than a hundredth of it."""
_ADDRESS = "fullUrl"
"""Key under which a resource keeps the address that its bundle gives it."""
_FINAL = ("final", "amended", "corrected")
"""http://hl7.org/fhir/observation-status"""
_KEPT = {
    "Patient": ("resourceType", "gender"),
    "Observation": (
        "resourceType", "status", "category", "code", "effectiveDateTime", "effectivePeriod",
        "effectiveInstant", "issued", "valueQuantity", "component", "method", "bodySite",
        "interpretation", "dataAbsentReason", "referenceRange",
    ),
    "Condition": ("resourceType", "clinicalStatus", "verificationStatus", "code"),
}  # fmt: skip
"""Elements that do not tell who the patient is; dates are shifted."""


def read_fhir(path: Path) -> NumbersFile:
    """Read every observation of a file, or refuse it.

    Raises
    ------
    RecordError
        The file is damaged, no FHIR, or of more than one patient.
    """
    source = str(path)
    with explained(source, "FHIR"):
        try:
            resources = list(_resources(content_of(path), source))
        except RecursionError as error:
            raise RecordError(
                source, "nesting", expected="resources of ordinary depth",
                got="hundreds of levels", remedy="This is no FHIR; export it again.",
            ) from error  # fmt: skip
        _refuse_several_patients(resources, source)
        values: list[CodedValue] = []
        unused: list[Unused] = []
        conditions: list[str] = []
        for number, resource in enumerate(resources, start=1):
            if resource["resourceType"] == "Observation":
                values += _values(resource, f"resource {number}")
            elif resource["resourceType"] == "Condition":
                conditions += read_condition(resource, unused)
            elif resource["resourceType"] != "Patient":
                unused.append(Unused(resource["resourceType"], Reason.NO_NUMBER, "other resource"))
        identity = _identity(resources)
        measurements, body, passed = chosen(values, KIND)
        who = described(identity.sex, age_on(last_day(measurements), identity.born), body)
        return NumbersFile(
            source, KIND, measurements, who, identity, gathered([*passed, *unused]),
            tuple(_private(resources)), tuple(dict.fromkeys(conditions)),
        )  # fmt: skip


def read_observation(resource: Resource) -> tuple[tuple[Measurement, ...], tuple[str, ...]]:
    """What one ``Observation`` of a server measures, and sentences about what is not used.

    Raises
    ------
    RecordError
        It is built as no Observation is.
    """
    with explained("FHIR server", KIND):
        measurements, body, passed = chosen(list(_values(resource, "an Observation")), KIND)
        told = [f"{name}: of the body, not of the circulation" for name in body]
        return measurements, (*told, *map(str, passed))


def _resources(content: bytes, source: str) -> Iterator[Resource]:
    """All resources of the file, those in bundles too."""
    if len(content) > LARGEST:
        raise RecordError(
            source, "size", expected=f"at most {LARGEST} bytes", got=f"{len(content)} bytes",
            remedy="Export the observations of one patient only.",
        )  # fmt: skip
    text = content.decode("utf-8-sig")
    try:
        whole = json.loads(text)
        documents = whole if isinstance(whole, list) else [whole]
    except json.JSONDecodeError:
        documents = [json.loads(line) for line in text.splitlines() if line.strip()]
    for number, document in enumerate(documents, start=1):
        if not isinstance(document, dict) or not isinstance(document.get("resourceType"), str):
            raise RecordError(
                source, f"resource {number}", expected="a FHIR resource with its resourceType",
                got=type(document).__name__, remedy="Export the file again as FHIR R4 JSON.",
            )  # fmt: skip
        yield from _unpacked(document)


def _unpacked(resource: Resource) -> Iterator[Resource]:
    if resource["resourceType"] != "Bundle":
        yield resource
        return
    for entry in resource.get("entry", ()):
        inner = entry.get("resource")
        if inner is None:
            continue
        if not isinstance(inner.get("resourceType"), str):
            raise ValueError("an entry without resourceType")  # noqa: TRY004
        for unpacked in _unpacked(inner):
            yield {**unpacked, _ADDRESS: entry.get("fullUrl", "")}


def _names(patient: Resource) -> set[str]:
    """What a patient may be referred to by."""
    return {str(patient.get("id", "")), _tail(str(patient.get(_ADDRESS, "")))} - {""}


def _tail(reference: str) -> str:
    """``Patient/17``, ``urn:uuid:17`` and ``https://…/Patient/17/_history/2`` are all ``17``."""
    return reference.partition("/_history")[0].replace(":", "/").rpartition("/")[2]


def _subject(resource: Resource) -> str:
    return str((resource.get("subject") or {}).get("reference", ""))


def _about_patient(resource: Resource) -> bool:
    """A reference without a type is one to the patient."""
    kind, slash, _ = _subject(resource).rpartition("/")
    return bool(_subject(resource)) and (not slash or kind.endswith("Patient"))


def _refuse_several_patients(resources: Sequence[Resource], source: str) -> None:
    patients = [resource for resource in resources if resource["resourceType"] == "Patient"]
    subjects = {
        _tail(_subject(resource)) for resource in resources
        if resource["resourceType"] in ("Observation", "Condition") and _about_patient(resource)
    }  # fmt: skip
    others = subjects - _names(patients[0]) if patients else set(sorted(subjects)[1:])
    count = len(patients) + len(others) if patients else len(subjects)
    if count > 1:
        raise RecordError(
            source, "subject", expected="the observations of one patient",
            got=f"{count} patients",
            remedy="Export each patient into a file of their own.",
        )  # fmt: skip


def _values(observation: Resource, where: str) -> Iterator[CodedValue]:
    """The number of an observation, and those of its components."""
    codes = _codes(observation.get("code"))
    panel = any(code in code_table().panels for code in codes)
    problem = _status_problem(observation)
    components = observation.get("component", ())
    if any(key.startswith("value") for key in observation) or not components:
        yield _value(observation, observation, codes, problem, where)
    for number, component in enumerate(components, start=1):
        inner = _codes(component.get("code"))
        place = f"{where}, component {number}"
        yield _value(component, observation, inner, problem, place, arterial=panel)


def _value(
    part: Resource, observation: Resource, codes: tuple[Code, ...],
    problem: tuple[Reason, str] | None, where: str, *, arterial: bool = True,
) -> CodedValue:  # fmt: skip
    quantity = part.get("valueQuantity") or {}
    number = quantity.get("value")
    if not isinstance(number, int | float) or isinstance(number, bool):
        problem = problem or (Reason.NO_NUMBER, "")
        number = math.nan
    elif quantity.get("comparator"):
        problem = problem or (Reason.NO_NUMBER, f"only {quantity['comparator']} a bound is given")
    ucum = quantity.get("system") == CODING and bool(quantity.get("code"))
    unit = quantity.get("code") if ucum else quantity.get("unit", "")
    return CodedValue(
        codes, float(number), str(unit), _label(part), where, ucum=ucum,
        taken=_taken(observation), arterial=arterial, problem=problem,
    )  # fmt: skip


def _status_problem(observation: Resource) -> tuple[Reason, str] | None:
    status = str(observation.get("status", "no status"))
    if status not in _FINAL:
        return Reason.STATUS, status
    if _subject(observation) and not _about_patient(observation):
        return Reason.AMBIGUOUS, "it is not about a patient"
    return None


def _codes(concept: Any) -> tuple[Code, ...]:
    codings = (concept or {}).get("coding", ())
    found = (known_code(str(c.get("system", "")), str(c.get("code", ""))) for c in codings)
    return tuple(code for code in found if code is not None)


def _label(part: Resource) -> str:
    concept = part.get("code") or {}
    codings = concept.get("coding") or [{}]
    code, display = str(codings[0].get("code", "")), str(codings[0].get("display", ""))
    name = display or str(concept.get("text", ""))
    return " ".join(filter(None, (code, name))) or "an observation without code"


def _taken(observation: Resource) -> datetime | date | None:
    """When it was measured; a year or a month alone is no day."""
    period = observation.get("effectivePeriod") or {}
    text = (
        observation.get("effectiveDateTime")
        or observation.get("effectiveInstant")
        or period.get("start", "")
    )
    return moment(str(text))


def moment(text: str) -> datetime | date | None:
    """A date or time of ISO 8601; ``None`` where the day is not said."""
    if len(text) < len("2025-01-01"):
        return None
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _identity(resources: Sequence[Resource]) -> Identity:
    patient = next((r for r in resources if r["resourceType"] == "Patient"), {})
    identifiers = {str(i.get("value", "")) for i in patient.get("identifier", ())}
    told = (r for r in resources if r["resourceType"] == "Observation" and _about_patient(r))
    subjects = {_tail(_subject(resource)) for resource in told}
    sex = patient.get("gender")
    born = moment(str(patient.get("birthDate", "")))
    names = {str(name.get("family", "")) for name in patient.get("name", ())}
    return Identity(
        frozenset({str(patient.get("id", "")), *identifiers, *subjects} - {""}),
        sex if sex in ("female", "male") else None,
        born,
        frozenset(names - {""}),
    )


def _private(resources: Sequence[Resource]) -> list[str]:
    """Elements that may tell who the patient is, by name, each once."""
    found: dict[str, None] = {}
    for resource in resources:
        kind = resource["resourceType"]
        if kind not in _KEPT:
            found[f"{kind} (whole)"] = None
            continue
        for key in resource:
            if key not in (*_KEPT[kind], _ADDRESS):
                found[f"{kind}.{key}"] = None
    return list(found)
