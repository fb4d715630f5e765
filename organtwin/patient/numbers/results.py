"""HL7 version 2 results (ORU) from a file: the observations of one patient.

``OBX-3`` says what, ``OBX-5`` and ``OBX-6`` how much, ``OBX-11`` whether it is final, ``OBX-14`` or
``OBR-7`` when, ``PID`` who. Monitors send their numerics as "not verified" (R); these are taken,
but a verified value of the same day counts more.
"""

import math
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.patient.numbers.choosing import chosen
from organtwin.patient.numbers.codes import Code, code_table, known_code
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
from organtwin.patient.numbers.ucum import is_ucum
from organtwin.patient.readers.faults import content_of, explained
from organtwin.patient.readers.hl7_message import Message, Segment, messages_of, moment_of

KIND = "HL7 v2"
_FINAL = {"F": 0, "C": 0, "U": 0, "R": -1}
"""HL7 table 0085: final, corrected, changed to final, not verified; and how they rank."""
_NUMERIC = ("NM", "SN")
_SEXES = {"F": "female", "M": "male"}
_UNITS = {"MDC_DIM_MMHG": "mm[Hg]", "MDC_DIM_BEAT_PER_MIN": "/min", "MDC_DIM_PERCENT": "%"}
"""Units of monitors (ISO/IEEE 11073) as public PCD-01 messages write them, in UCUM."""
_KEPT = {
    "MSH": (1, 2, 9, 11, 12, 18), "PID": (1, 8),
    "OBR": (1, 4, 7, 8, 25), "OBX": (1, 2, 3, 4, 5, 6, 7, 8, 11, 14),
}  # fmt: skip
"""Fields of segments that do not tell who the patient is; dates are shifted."""
_SIGNED = re.compile(r"[<>]=?|<>")


def read_results(path: Path) -> NumbersFile:
    """Read every observation of a file of messages, or refuse it.

    Raises
    ------
    RecordError
        The file is damaged, no HL7, holds no results, or is of more than one patient.
    """
    source = str(path)
    with explained(source, KIND):
        messages = messages_of(content_of(path), source)
        identity = _identity(messages, source)
        values, unused = list[CodedValue](), list[Unused]()
        for message in messages:
            if not message.kind.startswith("ORU"):
                unused.append(Unused(f"message {message.kind}", Reason.NO_NUMBER, "no results"))
                continue
            values += _values(message)
        measurements, body, passed = chosen(values, KIND)
        who = described(identity.sex, age_on(last_day(measurements), identity.born), body)
        return NumbersFile(
            source, KIND, measurements, who, identity, gathered([*passed, *unused]),
            tuple(dict.fromkeys(_private(messages))),
        )  # fmt: skip


def _values(message: Message) -> Iterator[CodedValue]:
    order: Segment | None = None
    for number, segment in enumerate(message.segments, start=1):
        if segment.name == "OBR":
            order = segment
        elif segment.name == "OBX":
            yield _value(segment, order, f"segment {number}", message.source)


def _value(segment: Segment, order: Segment | None, where: str, source: str) -> CodedValue:
    status = segment.text(11)
    number, problem = _number(segment)
    if status and status not in _FINAL:
        problem = (Reason.STATUS, f"OBX-11 is {status}")
    if segment.text(2) not in _NUMERIC:
        problem = (Reason.NO_NUMBER, "")
    codes = _codes(segment)
    if _misnamed(segment, codes):
        problem = (Reason.AMBIGUOUS, "its code and its name mean different things")
    unit = segment.text(6)
    unit = _UNITS.get(segment.text(6, 2), _UNITS.get(unit, unit))
    label = " ".join(filter(None, (segment.text(3, 1), segment.text(3, 2)))) or "no code"
    return CodedValue(
        codes, number, unit, label, where, ucum=is_ucum(unit),
        taken=_taken(segment, order, source), rank=_FINAL.get(status, 0), problem=problem,
    )  # fmt: skip


def _number(segment: Segment) -> tuple[float, tuple[Reason, str] | None]:
    text = segment.text(5)
    if segment.text(2) == "SN":
        if text not in ("", "="):
            return math.nan, (Reason.NO_NUMBER, f"only {text} a bound is given")
        text = segment.text(5, 2)
    if _SIGNED.match(text):
        return math.nan, (Reason.NO_NUMBER, "only a bound is given")
    try:
        return float(text), None
    except ValueError:
        return math.nan, (Reason.NO_NUMBER, "")


def _codes(segment: Segment) -> tuple[Code, ...]:
    pairs = ((segment.text(3, 3), segment.text(3, 1)), (segment.text(3, 6), segment.text(3, 4)))
    found = (known_code(system, code) for system, code in pairs)
    return tuple(code for code in found if code is not None)


def _misnamed(segment: Segment, codes: tuple[Code, ...]) -> bool:
    """Monitors are known to send a code with the name of another one."""
    name = segment.text(3, 2)
    if not name.startswith("MDC_"):
        return False
    meanings = (m for code in codes for m in code_table().meanings.get(code, ()))
    return any(meaning.reference not in ("", name) for meaning in meanings)


def _taken(segment: Segment, order: Segment | None, source: str) -> datetime | date | None:
    text = segment.text(14) or (order.text(7) if order is not None else "")
    if len(text) < len("20250101"):
        return None
    return moment_of(text, source, "OBX-14")


def _identity(messages: tuple[Message, ...], source: str) -> Identity:
    """Who the messages are about; they must agree."""
    persons = {
        (frozenset(part[0] for part in pid.repetitions(3) if part[0]), pid.text(7), pid.text(8),
         pid.text(5))
        for message in messages if (pid := message.first("PID")) is not None
    }  # fmt: skip
    if len({person[0] for person in persons}) > 1:
        raise RecordError(
            source, "PID-3", expected="results of one patient", got=f"{len(persons)} patients",
            remedy="Export each patient into a file of their own.",
        )  # fmt: skip
    if not persons:
        return Identity()
    ids, born, sex, name = min(persons, key=str)
    day = moment_of(born, source, "PID-7").date() if len(born) >= len("20250101") else None
    return Identity(ids, _SEXES.get(sex), day, frozenset({name} - {""}))


def _private(messages: tuple[Message, ...]) -> Iterator[str]:
    """Fields that may tell who the patient is, by name."""
    for message in messages:
        for segment in message.segments:
            if segment.name not in _KEPT:
                yield f"{segment.name} (whole)"
                continue
            for number, text in enumerate(segment.fields, start=1):
                if text and number not in _KEPT[segment.name]:
                    yield f"{segment.name}-{number}"
