"""SHA-256 digests that say whether two records, plans, parameter sets or programs are the same.

What is digested is content in one fixed order, each piece with its kind and length: never the bytes
of a file whose layout says nothing, nor a path. Floats count to the last bit.
"""

import hashlib
import struct
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from organtwin import __version__
from organtwin.errors import RecordError
from organtwin.resources import asset

if TYPE_CHECKING:
    from organtwin.patient.geometry.source import HeartSource
    from organtwin.patient.record import PatientRecord
    from organtwin.patient.waveform import Waveform
    from organtwin.simulation.conditions import Conditions
    from organtwin.therapy.plan import TherapyPlan
    from organtwin.twin.twin import Twin

PIECE = 1 << 20
"""[bytes] of a file that are read at a time."""
SHOWN = 12
"""Characters of a digest that a table shows: two of a million differ with odds of 500 to 1."""
Content = object
"""``None``, truth values, numbers, texts, bytes, arrays, and tuples or mappings of these."""


def digest_of(content: Content) -> str:
    """Hexadecimal digest of plain values; a mapping counts by its keys, not by their order."""
    found = hashlib.sha256()
    _feed(found, content)
    return found.hexdigest()


def record_digest(record: "PatientRecord") -> str:
    """Digest of what the twin, its electrics and its own heart are made from.

    That is every measured value with its doubt, conduction, signals, and the files of the heart
    with what was said about them, sex and size, and where the fit starts. Title, remarks, sources,
    paths, markings and age are left out: they change no number.
    """
    from organtwin.assimilation.patient_prior import patient_prior

    measured = tuple((m.name, m.value, m.sd) for m in record.measurements)
    heart = None if record.heart is None else _heart_content(record.heart)
    content = {
        "measurements": measured, "conduction": record.conduction, "heart": heart,
        "waveforms": _signals(record.waveforms), "median beat": _signals(record.median_beat),
    }  # fmt: skip
    who = record.demographics
    told = {"sex": who.sex, "height": who.height, "weight": who.weight}
    if known := {name: value for name, value in told.items() if value is not None}:
        content["who"] = known
    if (start := patient_prior(record).prior) is not None:
        content["start"] = start.mean
    return digest_of(content)


def answer_digest(twin: "Twin") -> str:
    """Digest of the numbers of a fit: levers, their doubt, untreated beat and every member.

    The same record and the same program on the same kind of machine give the same to the last bit.
    """
    members = tuple((member.values, member.residuals) for member in twin.ensemble)
    return digest_of((twin.fit.levers, twin.fit.covariance, dict(twin.numbers), members))


def plan_content(plan: "TherapyPlan") -> dict[str, object]:
    """A plan as plain values: the doses in their units, and a digest of a computed excitation."""
    found: dict[str, object] = {
        "therapies": [
            {"name": therapy.name, "dose": therapy.dose, "unit": therapy.kind.unit}
            for therapy in plan.therapies
        ]
    }
    if plan.excitation is not None:
        delays, pr = plan.excitation.activation.delays, plan.excitation.pr_interval
        found["excitation"] = digest_of((delays, pr))
    return found


def conditions_digest(conditions: "Conditions") -> str:
    """Digest of all that determines a steady beat: parameters, excitation, state of receptors."""
    state: tuple[Content, ...] = (conditions.chronic_heart_failure, conditions.paced)
    # named where they are true only, so that digests made before there were these stay
    state += ("preserved heart failure",) if conditions.preserved_heart_failure else ()
    state += ("anaesthetised",) if conditions.anaesthetised else ()
    return digest_of((dict(conditions.parameters), conditions.activation.delays, *state))


@cache
def program_version() -> str:
    """Version of the program and digest of its source and tables, e.g. ``0.1.0+1a2b3c4d5e6f``.

    Without asking version control: two installations of the same files say the same.
    """
    package = Path(__file__).resolve().parents[1]
    tables = asset("parameters").parent
    files = {f"source/{p.relative_to(package).as_posix()}": p for p in package.rglob("*.py")}
    for folder in ("anatomy", "electrophysiology", "label_mappings", "parameters"):
        inside = (path for path in (tables / folder).rglob("*") if path.is_file())
        files |= {path.relative_to(tables).as_posix(): path for path in inside}
    digest = digest_of({name: file_digest(path) for name, path in files.items()})
    return f"{__version__}+{digest[:SHOWN]}"


def file_digest(path: Path) -> str:
    """Digest of the bytes of a file.

    Raises
    ------
    RecordError
        The file cannot be read.
    """
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                found.update(piece)
    except OSError as error:
        raise RecordError(
            str(path), "file", expected="a file that can be read",
            got=error.strerror or str(error), remedy="Check the path and the rights of the file.",
        ) from error  # fmt: skip
    return found.hexdigest()


def _signals(waves: "Mapping[str, Waveform]") -> dict[str, Content]:
    return {name: (wave.times, wave.values) for name, wave in waves.items()}


def _heart_content(source: "HeartSource") -> Content:
    from organtwin.patient.geometry.mapping import LabelMapping, mapping_text

    mapping = source.mapping
    if isinstance(mapping, LabelMapping):
        mapping = mapping_text(mapping)
    elif mapping and Path(mapping).is_file():
        mapping = file_digest(Path(mapping))
    files = tuple((file.name, file_digest(file)) for file in (*source.files, *source.companions))
    parts = {name: str(part) for name, part in source.parts.items()}
    told = (source.unit, source.axes, source.frame, source.complete, source.position.name)
    return files, mapping, parts, told


def _feed(found: "hashlib._Hash", content: Content) -> None:
    kind, body = _flat(content)
    found.update(f"{kind}{len(body)}:".encode())
    found.update(body)
    if isinstance(content, Mapping):
        for key in sorted(content):
            _feed(found, key)
            _feed(found, content[key])
    elif isinstance(content, tuple | list):
        for item in content:
            _feed(found, item)


def _flat(content: Content) -> tuple[str, bytes]:
    """Kind of a value, and its bytes or, of a group, its length."""
    if content is None or isinstance(content, bool):
        return "b", str(content).encode()
    if isinstance(content, int):
        return "i", str(content).encode()
    if isinstance(content, float):
        return "f", struct.pack("<d", content + 0.0)  # 0.0 and -0.0 are the same number
    if isinstance(content, str):
        return "s", content.encode()
    if isinstance(content, bytes):
        return "x", content
    if isinstance(content, np.ndarray):
        numbers = np.ascontiguousarray(content, dtype="<f8")
        return f"a{numbers.shape}", numbers.tobytes()
    if isinstance(content, Mapping):
        return "m", str(len(content)).encode()
    if isinstance(content, tuple | list):
        return "t", str(len(content)).encode()
    raise TypeError(f"no digest of {type(content).__name__}")
