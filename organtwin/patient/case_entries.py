"""The parts of a case file: who the patient is, what was measured, which recordings belong."""

from pathlib import Path

from organtwin.errors import RecordError, UnitError, UnknownNameError
from organtwin.patient.case_table import CaseTable
from organtwin.patient.channels import canonical_channel
from organtwin.patient.conditions import UNLISTED, condition_named
from organtwin.patient.measurement import Measurement, Provenance
from organtwin.patient.readers import reader_for
from organtwin.patient.readers.formats import READERS
from organtwin.patient.record import Demographics
from organtwin.patient.recording import RecordingFile
from organtwin.patient.uncertainty import default_sd
from organtwin.quantities import Quantity, quantity
from organtwin.units import from_si, si_factor

PATIENT_KEYS = ("sex", "age", "height", "weight")
MEASUREMENT_KEYS = (
    "name", "value", "unit", "sd", "sd_assumed", "taken", "source", "provenance",
)  # fmt: skip
WAVEFORM_KEYS = ("file", "reader", "leads")
FINEST = 1e-5
"""Of the accepted range: 0.003 /min of a heart rate, finer than any recorder's clock."""


def demographics(table: CaseTable) -> Demographics:
    """The ``[patient]`` table; everything in it may be left out."""
    sex = table.choice("sex", ("female", "male")) if "sex" in table else None
    age = table.physical("age", "years", (0, 120))
    return Demographics(
        sex=sex,
        age=None if age is None else from_si(age, "years"),
        height=table.physical("height", "cm", (40, 260)),
        weight=table.physical("weight", "kg", (2, 400)),
    )


def conditions(document: CaseTable) -> tuple[str, ...]:
    """What ``conditions`` of a case names, in the words of the vocabulary, each once."""
    found: dict[str, None] = {}
    for text in document.texts("conditions", f'["{UNLISTED[0]}"]'):
        try:
            found[condition_named(text)] = None
        except UnknownNameError as error:
            raise document.error(
                "conditions", expected="conditions of FORMAT.md", got=str(error),
                remedy="`organtwin conditions` lists them; use one of them, or "
                f"{UNLISTED[0]!r} or {UNLISTED[1]!r}.",
            ) from error  # fmt: skip
    return tuple(found)


def measurements(tables: list[CaseTable]) -> tuple[Measurement, ...]:
    """The ``[[measurement]]`` tables, each quantity once."""
    read: dict[str, Measurement] = {}
    for table in tables:
        entry = _measurement(table)
        if entry.name in read:
            raise table.error(
                "name", expected="each quantity once", got=f"{entry.name!r} a second time",
                remedy="Keep one of the two; a second visit is a second case.",
            )  # fmt: skip
        read[entry.name] = entry
    return tuple(read.values())


def recording_files(tables: list[CaseTable], folder: Path) -> tuple[RecordingFile, ...]:
    """The ``[[waveform]]`` tables; a relative file is looked for beside the case file."""
    return tuple(_recording_file(table, folder) for table in tables)


def _measurement(table: CaseTable) -> Measurement:
    name = table.text("name")
    try:
        known = quantity(name)
    except UnknownNameError as error:
        raise table.error(
            "name", expected="the name of a quantity", got=str(error),
            remedy="Use a name from the list in FORMAT.md.",
        ) from error  # fmt: skip
    factor = _factor(table, known)
    value = table.number("value") * factor
    _check_bounds(table, known, value)
    assumed = table.flag("sd_assumed") or "sd" not in table
    sd = _stated_sd(table, known, factor) if "sd" in table else default_sd(name, value)
    return Measurement(
        name, value, sd, table.day("taken"), table.text("source"),
        Provenance(table.choice("provenance", tuple(p.value for p in Provenance), "measured")),
        sd_assumed=assumed,
    )  # fmt: skip


def _factor(table: CaseTable, known: Quantity) -> float:
    try:
        return si_factor(table.text("unit"), known.unit)
    except UnitError as error:
        raise table.error(
            "unit", expected=error.expected, got=error.got, remedy=error.remedy
        ) from error


def _check_bounds(table: CaseTable, known: Quantity, value: float) -> None:
    if not known.to_si(known.lower) <= value <= known.to_si(known.upper):
        raise table.error(
            "value", expected=f"{known.lower:g} to {known.upper:g} {known.unit} for {known.name}",
            got=f"{table.number('value'):g} {table.text('unit')}",
            remedy="No living adult shows this: check number and unit.",
        )  # fmt: skip


def _stated_sd(table: CaseTable, known: Quantity, factor: float) -> float:
    sd = table.number("sd") * factor
    widest = known.upper - known.lower
    if known.to_si(FINEST * widest) <= sd <= known.to_si(widest):
        return sd
    if sd <= 0.0:
        raise table.error(
            "sd", expected="a standard deviation above zero", got=f"{table.number('sd'):g}",
            remedy="No reading is exact; leave `sd` out to have the documented default.",
        )  # fmt: skip
    raise table.error(
        "sd", expected=f"{FINEST * widest:g} to {widest:g} {known.unit} for {known.name}",
        got=f"{table.number('sd'):g} {table.text('unit')}",
        remedy="Wider says nothing, finer is no reading; leave `sd` out to have the default.",
    )  # fmt: skip


def _recording_file(table: CaseTable, folder: Path) -> RecordingFile:
    file = table.text("file")
    if not file.startswith("pydicom:"):
        file = str(folder / file)
    try:
        reader = table.choice("reader", READERS) if "reader" in table else reader_for(file)
        leads = tuple(canonical_channel(lead, file) for lead in table.texts("leads"))
    except RecordError as error:
        if error.source != file:
            raise
        key = "leads" if error.field.startswith("lead") else "file"
        raise table.error(
            key, expected=error.expected, got=error.got, remedy=error.remedy
        ) from error
    return RecordingFile(file, reader, leads)
