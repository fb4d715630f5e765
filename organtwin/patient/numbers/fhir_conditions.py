"""Conditions out of FHIR R4 ``Condition`` resources, by their SNOMED CT codes alone."""

from collections.abc import Mapping
from typing import Any

from organtwin.patient.conditions import conditions_of_codes
from organtwin.patient.numbers.codes import known_code
from organtwin.patient.numbers.found import Reason, Unused

HOLDS = ("active", "recurrence", "relapse")
"""http://hl7.org/fhir/condition-clinical: the other three say that it is over or asleep."""
SURE = ("confirmed",)
"""http://hl7.org/fhir/condition-ver-status: of what is only suspected a person has to decide."""


def read_condition(resource: Mapping[str, Any], unused: list[Unused]) -> tuple[str, ...]:
    """Names of ``patient.conditions`` that hold; what is not used is added to ``unused``."""
    codings = _codings(resource, "code")
    first = codings[0] if codings else {}
    label = " ".join(filter(None, (str(first.get(key, "")) for key in ("code", "display"))))
    label = label or "a condition without code"
    for key, good in (("clinicalStatus", HOLDS), ("verificationStatus", SURE)):
        status = _status(resource, key)
        if status and status not in good:
            unused.append(Unused(label, Reason.STATUS, status))
            return ()
    codes = (known_code(str(c.get("system", "")), str(c.get("code", ""))) for c in codings)
    found = conditions_of_codes(code for system, code in filter(None, codes) if system == "SCT")
    if not found:
        unused.append(Unused(label, Reason.CONDITION))
    return found


def _status(resource: Mapping[str, Any], key: str) -> str:
    codings = _codings(resource, key)
    return str(codings[0].get("code", "")) if codings else ""


def _codings(resource: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The codings of a concept; what is damaged there has none, so no code is known of it."""
    concept = resource.get(key)
    codings = concept.get("coding") if isinstance(concept, dict) else None
    return [c for c in codings if isinstance(c, dict)] if isinstance(codings, list) else []
