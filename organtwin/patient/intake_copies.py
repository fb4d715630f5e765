"""Recordings and hearts of an import, put where the case finds them.

De-identified they are written anew beside the case; with the identity kept, the case names them
where they are.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from organtwin.patient.clean_recording import write_clean
from organtwin.patient.intake import Intake
from organtwin.patient.intake_reading import TakenFile
from organtwin.patient.recording import Recording, RecordingFile

_SUFFIXES = (".nii", ".gz", ".ply", ".stl", ".obj")
"""Endings that a copy keeps."""


class Copies:
    """Puts recordings and hearts where the case finds them; remembers what it made."""

    def __init__(self, intake: Intake, target: Path, shift: timedelta, made: list[Path]) -> None:
        self.intake, self.target, self.shift, self.made = intake, target, shift, made

    def recordings(self, held: frozenset[str] = frozenset()) -> Iterator[RecordingFile]:
        """The recordings of the intake, without leads that the case has already."""
        folder = self._folder("recordings")
        for file, leads in self.intake.recordings:
            wanted = tuple(lead for lead in leads if lead not in held)
            if not wanted or file.recording is None:
                continue
            if self.intake.keep_identity:
                yield RecordingFile(str(file.path), file.reader, wanted)
                continue
            kept = {name: file.recording.waveforms[name] for name in wanted}
            self._note(folder)
            start = _start(file.recording, self.shift)
            name = _free(folder, "recording")
            for header in write_clean(Recording("", kept), folder, name, start):
                self.made += [header, header.with_suffix(".dat")]
                yield RecordingFile(str(header), "wfdb", ())

    def heart(self) -> Mapping[str, object] | None:
        """The ``[heart]`` table, or ``None`` where no file shows one."""
        files = self.intake.hearts
        if not files:
            return None
        from organtwin.patient.case_heart import heart_entries
        from organtwin.patient.geometry.source import HeartSource

        if self.intake.keep_identity:
            source = HeartSource(tuple(file.path for file in files))
        else:
            copies = {self._clean(file): file for file in files}
            parts = {copy.name: file.part for copy, file in copies.items() if file.part is not None}
            source = HeartSource(tuple(copies), parts=parts)
        source.check_files()
        return heart_entries(source, self.target.parent)

    def _clean(self, file: TakenFile) -> Path:
        from organtwin.patient.geometry.clean_copy import clean_copy

        folder = self._folder("heart")
        self._note(folder)
        folder.mkdir(parents=True, exist_ok=True)
        suffixes = "".join(s for s in file.path.suffixes[-2:] if s.lower() in _SUFFIXES)
        copy = folder / f"{_free(folder, 'heart')}{suffixes.lower()}"
        clean_copy(file.path, copy)
        self.made.append(copy)
        return copy

    def _folder(self, what: str) -> Path:
        return self.target.with_name(f"{self.target.stem}-{what}")

    def _note(self, folder: Path) -> None:
        if not folder.exists() and folder not in self.made:
            self.made.append(folder)


def _free(folder: Path, stem: str) -> str:
    """The first name of its kind that no file in the folder begins with."""
    held = [path.name.split(".")[0] for path in folder.glob(f"{stem}-*")]
    number = 1
    while any(name == f"{stem}-{number}" or name.startswith(f"{stem}-{number}-") for name in held):
        number += 1
    return f"{stem}-{number}"


def _start(recording: Recording, shift: timedelta) -> datetime | None:
    """When a recording begins, moved; ``None`` where its file does not say."""
    day, clock = recording.facts.get("date", ""), recording.facts.get("time", "00:00:00")
    try:
        began = datetime.strptime(f"{day} {clock}", "%Y%m%d %H:%M:%S")
    except ValueError:
        return None
    return began + shift if date(1900, 1, 1) <= began.date() <= date.today() else None
