"""Stating conditions of a record, and asking about those that only its free text mentions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from organtwin.patient.conditions import mentioned, vocabulary, words_found
from organtwin.patient.finding import Finding, FindingKind
from organtwin.patient.record import PatientRecord

PRESERVED = "preserved heart failure"
"""The trait of conditions that mean a heart which fails though it ejects well."""
_FAILING_LEFT = {r"(?<!right.)heart failure|hfpef": "heart failure"}
"""Failure of the right heart alone is another disease."""
_DOUBTED = re.compile(r"(?i)\b(suspected|possible|probable|family history of|rule out)\b[^,;.]*")
"""What nobody is sure of, to the end of its clause."""


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
                )


def asked_about(record: PatientRecord) -> tuple[str, ...]:
    """Names of the conditions in question, each once."""
    found = (name for finding in questions(record) for name in finding.names)
    return tuple(dict.fromkeys(found))


def failing_left(record: PatientRecord) -> bool:
    """Whether diagnosis or conditions say that the left heart fails, however it ejects."""
    if any(PRESERVED in vocabulary()[name].traits for name in record.conditions):
        return True
    return bool(words_found(_DOUBTED.sub("", record.diagnosis), _FAILING_LEFT))


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
