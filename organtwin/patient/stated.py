"""Stating conditions of a record, and asking about those that only its free text mentions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from organtwin.patient.conditions import mentioned
from organtwin.patient.finding import Finding, FindingKind
from organtwin.patient.record import PatientRecord


def questions(record: PatientRecord) -> Iterator[Finding]:
    """What diagnosis or remarks mention and the record does not state."""
    for place, text in (("diagnosis", record.diagnosis), ("remarks", record.remarks)):
        for name in mentioned(text):
            if name not in record.conditions:
                yield Finding(
                    FindingKind.QUESTION,
                    f"{'the diagnosis mentions' if place == 'diagnosis' else 'remarks mention'} "
                    f"{name}; add it as a condition?",
                    (name,),
                )  # fmt: skip


def asked_about(record: PatientRecord) -> tuple[str, ...]:
    """Names of the conditions in question, each once."""
    found = (name for finding in questions(record) for name in finding.names)
    return tuple(dict.fromkeys(found))


def findings_now(record: PatientRecord, of_fit: Sequence[str]) -> tuple[str, ...]:
    """What a fit, or without one the record, says; questions as they are open now."""
    mark = f"{FindingKind.QUESTION.value}: "
    said = of_fit or tuple(map(str, record.findings))
    return (*(text for text in said if not text.startswith(mark)), *map(str, questions(record)))


def with_conditions(record: PatientRecord, names: Sequence[str]) -> PatientRecord:
    """The record that states these, its questions asked anew; the fit does not depend on them."""
    stated = replace(record, conditions=tuple(dict.fromkeys(names)))
    kept = [finding for finding in record.findings if finding.kind is not FindingKind.QUESTION]
    return replace(stated, findings=(*kept, *questions(stated)))
