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


def with_conditions(record: PatientRecord, names: Sequence[str]) -> PatientRecord:
    """The record that states these, its questions asked anew; the fit does not depend on them."""
    stated = replace(record, conditions=tuple(dict.fromkeys(names)))
    kept = [finding for finding in record.findings if finding.kind is not FindingKind.QUESTION]
    return replace(stated, findings=(*kept, *questions(stated)))
