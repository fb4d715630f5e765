"""One file of an import: told by its content, read, and put into one shape."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from organtwin.errors import InputError, RecordError
from organtwin.patient.geometry.voxelizing import Part
from organtwin.patient.identity import private_parts, recording_identity
from organtwin.patient.measurement import Measurement
from organtwin.patient.numbers import read_numbers, told_numbers
from organtwin.patient.numbers.found import Identity, Unused
from organtwin.patient.person import header_demographics
from organtwin.patient.readers import read_recording, reader_for
from organtwin.patient.readers.foreign import unread
from organtwin.patient.readers.formats import RECORDING_EXTENSIONS, told_by_content
from organtwin.patient.record import Demographics
from organtwin.patient.recording import Recording

_CASES = (".toml", ".json")


@dataclass(frozen=True, eq=False)
class TakenFile:
    """What one file is and holds.

    ``kind`` says it in words, ``reader`` names the reader of a recording. ``private`` are names of
    the fields that may tell who the patient is. ``part`` is what a surface shows, by its name.
    """

    path: Path
    kind: str
    about: str = ""
    measurements: tuple[Measurement, ...] = ()
    who: Demographics = field(default_factory=Demographics)
    identity: Identity = field(default_factory=Identity)
    unused: tuple[Unused, ...] = ()
    private: tuple[str, ...] = ()
    recording: Recording | None = None
    reader: str = ""
    heart: bool = False
    part: Part | None = None
    companion_of: Path | None = None
    error: InputError | None = None
    conditions: tuple[str, ...] = ()

    @property
    def useful(self) -> bool:
        """Something in it goes into a record."""
        told = self.who != Demographics() or bool(self.conditions)
        return bool(self.measurements) or self.recording is not None or self.heart or told


def read_one(path: Path) -> TakenFile:
    """Read a file completely, or refuse it.

    Raises
    ------
    InputError
        It is missing, of no known format, or damaged.
    """
    if not path.is_file():
        raise unread(path)
    if told_numbers(path) is not None:
        return _numbers(path)
    if _shows_heart(path):
        return _heart(path)
    if path.suffix.lower() in _CASES:
        raise RecordError(
            str(path), "file", expected="FHIR, a recording, numbers or a heart",
            got="a case or other settings", remedy="Name a case after --into to add to it.",
        )  # fmt: skip
    if path.suffix.lower() in RECORDING_EXTENSIONS or told_by_content(path):
        return _recording(path)
    raise unread(path)


def are_to_import(paths: Sequence[Path]) -> bool:
    """Whether files are to be imported: numbers among them, or recordings of several names.

    Files of a heart alone are not, nor is one case or recording with what belongs to it.
    """
    if any(told_numbers(path) is not None for path in paths):
        return True
    others = [path for path in paths if not _shows_heart(path)]
    names = {path.with_suffix("").stem for path in others}
    return bool(others) and (len(names) > 1 or len(others) < len(paths))


def _numbers(path: Path) -> TakenFile:
    file = read_numbers(path)
    about = f"{len(file.measurements)} quantities"
    about += f", {', '.join(file.conditions)}" if file.conditions else ""
    return TakenFile(
        path, file.kind, about, file.measurements, file.who, file.identity, file.unused,
        file.private, conditions=file.conditions,
    )  # fmt: skip


def _recording(path: Path) -> TakenFile:
    reader = reader_for(path)
    recording = read_recording(path, reader=reader)
    waves = list(recording.waveforms.values())
    seconds = max(float(wave.times[-1]) for wave in waves)
    about = f"{len(waves)} signals, {seconds:.0f} s, {len(recording.measurements)} intervals"
    return TakenFile(
        path, f"{reader} recording", about, tuple(map(_annotated, recording.measurements)),
        header_demographics(recording), recording_identity(path, reader, recording), (),
        tuple(private_parts(path, reader, recording)), recording, reader,
    )  # fmt: skip


def _annotated(entry: Measurement) -> Measurement:
    """The source of an annotated interval names its file; here it does not."""
    return replace(entry, source=f"{entry.quantity.label} annotated in a recording")


def _shows_heart(path: Path) -> bool:
    from organtwin.patient.geometry.inspection import may_show_heart

    return may_show_heart(path)


def _heart(path: Path) -> TakenFile:
    from organtwin.patient.geometry.inspection import inspected

    told = inspected([path]).files[0]
    private = ("names and comments of the file",)
    return TakenFile(path, told.kind.value, told.about, private=private, heart=True, part=told.part)
