"""What came in: files of every kind, what was recognised in them, and one record of them all.

Files are read one after another (``taken_in`` is a generator), then looked at together: whether
they are of one patient, which value of each quantity is taken. Nothing is written here; see
``intake_saving``. Free of Qt: the command line and the window use the same values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from organtwin.errors import InputError, RecordError
from organtwin.patient.consistency import check_possible
from organtwin.patient.deidentification import (
    OLDEST,
    person_without_identity,
    said_removed,
    without_identity,
)
from organtwin.patient.intake_reading import TakenFile, read_one
from organtwin.patient.measurement import Measurement
from organtwin.patient.numbers.found import Reason, Unused, last_day
from organtwin.patient.record import Demographics

LONG = timedelta(days=90)
"""After which a number is said to be old; assumed: within three months treatment is adjusted."""
_SAME_AGE = 1.0
"""[years] What two statements of one age may differ by: one is rounded, or a birthday between."""


@dataclass(frozen=True)
class Intake:
    """Files that were read together.

    ``keep_identity`` leaves names, dates and files as they are; ``same_patient`` says that files
    which name different patients are of one all the same.
    """

    files: tuple[TakenFile, ...]
    keep_identity: bool = False
    same_patient: bool = False

    @property
    def recognised(self) -> tuple[TakenFile, ...]:
        return tuple(
            file for file in self.files if file.error is None and file.companion_of is None
        )

    @property
    def refused(self) -> tuple[TakenFile, ...]:
        return tuple(file for file in self.files if file.error is not None)

    @property
    def ignored(self) -> tuple[tuple[TakenFile, Unused], ...]:
        """What is not used, of each file, and between files."""
        own = [(file, unused) for file in self.recognised for unused in file.unused]
        twice = [
            (file, Unused(f"lead {name}", Reason.DUPLICATE, "an earlier recording has it"))
            for file, leads in self.recordings if file.recording is not None
            for name in file.recording.waveforms if name not in leads
        ]  # fmt: skip
        return (*own, *self._merged()[1], *twice)

    @property
    def removed(self) -> tuple[tuple[TakenFile, tuple[str, ...]], ...]:
        """Names of the fields that de-identification removes, by file; none when all is kept."""
        if self.keep_identity:
            return ()
        return tuple((file, tuple(_removed(file))) for file in self.recognised)

    @property
    def recordings(self) -> tuple[tuple[TakenFile, tuple[str, ...]], ...]:
        """Recordings with the leads that are taken from each: a case has each lead once."""
        taken: set[str] = set()
        found = []
        for file in self.recognised:
            if file.recording is not None:
                leads = tuple(name for name in file.recording.waveforms if name not in taken)
                taken |= set(leads)
                found.append((file, leads))
        return tuple(found)

    @property
    def hearts(self) -> tuple[TakenFile, ...]:
        """Files of the heart, read together."""
        return tuple(file for file in self.recognised if file.heart)

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """Each quantity once, the newest; dates as in the files."""
        return self._merged()[0]

    @property
    def who(self) -> Demographics:
        """The person by all files together, the first that says something counts."""
        said = [file.who for file in self.recognised]
        return Demographics(
            next((who.sex for who in said if who.sex is not None), None),
            next((who.age for who in said if who.age is not None), None),
            next((who.height for who in said if who.height is not None), None),
            next((who.weight for who in said if who.weight is not None), None),
        )

    @property
    def conditions(self) -> tuple[str, ...]:
        """What any of the files says of conditions, each once."""
        return tuple(dict.fromkeys(name for file in self.recognised for name in file.conditions))

    @property
    def notes(self) -> tuple[str, ...]:
        """Numbers that are much older than the newest: a record is one patient at one time."""
        newest = last_day(self.measurements)
        return tuple(
            f"{entry.quantity.label} was measured {(newest - entry.taken).days} days before the "
            "newest number"
            for entry in self.measurements
            if newest is not None and entry.taken is not None and newest - entry.taken > LONG
        )

    def private(self, shift: timedelta) -> tuple[tuple[Measurement, ...], Demographics]:
        """Measurements and person as they may be kept."""
        if self.keep_identity:
            return self.measurements, self.who
        return without_identity(self.measurements, shift), person_without_identity(self.who)

    @property
    def conflict(self) -> str:
        """Why the files are not of one patient; empty when nothing says so."""
        if self.same_patient:
            return ""
        return next(_conflicts(self.recognised), "")

    def check(self) -> None:
        """Refuse what cannot become one record.

        Raises
        ------
        RecordError
            Different patients, nothing of use, or numbers that no heart can show together.
        """
        if self.conflict:
            raise RecordError(
                ", ".join(file.path.name for file in self.recognised), "patient",
                expected="files of one patient", got=self.conflict,
                remedy="Import each patient alone, or say that they are the same.",
            )  # fmt: skip
        if not self.recognised or not any(file.useful for file in self.recognised):
            raise RecordError(
                ", ".join(file.path.name for file in self.files) or "import", "files",
                expected="numbers, a recording or a heart", got="nothing that can be used",
                remedy="See what is said of each file.",
            )  # fmt: skip
        check_possible(self.measurements, "import")

    def _merged(self) -> tuple[tuple[Measurement, ...], list[tuple[TakenFile, Unused]]]:
        best: dict[str, tuple[TakenFile, Measurement]] = {}
        passed: list[tuple[TakenFile, Unused]] = []
        for file in self.recognised:
            for new in file.measurements:
                held = best.get(new.name)
                if held is None:
                    best[new.name] = (file, new)
                    continue
                later = _day_key(new) > _day_key(held[1])
                loser_file, loser = held if later else (file, new)
                if later:
                    best[new.name] = (file, new)
                reason = Reason.OLDER if _day_key(loser) < _day_key(best[new.name][1]) else (
                    Reason.DUPLICATE
                )  # fmt: skip
                shown = loser.quantity.text(loser.value)
                passed.append((loser_file, Unused(loser.quantity.label, reason, shown)))
        return tuple(entry for _, entry in best.values()), passed


def taken_in(paths: Sequence[Path]) -> Iterator[TakenFile]:
    """Read files one by one; what cannot be read comes back with its error.

    Files that belong to another one of ``paths`` (signals to their header, layouts to their table)
    are told as its companions.
    """
    known = set(paths)
    for path in dict.fromkeys(paths):
        owner = _owner(path, known)
        if owner is not None:
            yield TakenFile(path, f"belongs to {owner.name}", companion_of=owner)
            continue
        try:
            yield read_one(path)
        except InputError as error:
            header = path.with_suffix(".hea")
            if header in known and path != header:  # annotations of WFDB carry any ending
                yield TakenFile(path, f"beside {header.name}, not read", companion_of=header)
            else:
                yield TakenFile(path, "refused", error=error)


def _owner(path: Path, known: set[Path]) -> Path | None:
    if path.suffix == ".toml" and path.with_suffix("").suffix.lower() == ".csv":
        owner = path.with_suffix("")
        return owner if owner in known else None
    if path.suffix.lower() in (".dat", ".mat"):
        owner = path.with_suffix(".hea")
        return owner if owner in known else None
    return None


def _day_key(entry: Measurement) -> str:
    return "" if entry.taken is None else entry.taken.isoformat()


def _removed(file: TakenFile) -> Iterator[str]:
    dated = any(entry.taken is not None for entry in file.measurements)
    old = file.who.age is not None and file.who.age >= OLDEST + 1.0
    recording = file.recording is not None
    yield from dict.fromkeys(said_removed(file.private, dates=dated, old=old, recording=recording))


def _conflicts(files: Sequence[TakenFile]) -> Iterator[str]:
    for number, one in enumerate(files):
        for other in files[number + 1 :]:
            names = f"{one.path.name} and {other.path.name}"
            a, b = one.identity, other.identity
            if a.ids and b.ids and not a.ids & b.ids:
                yield f"different patient numbers in {names}"
            sex = (one.who.sex or a.sex, other.who.sex or b.sex)
            if None not in sex and sex[0] != sex[1]:
                yield f"different sexes in {names}"
            if a.born and b.born and a.born != b.born:
                yield f"different dates of birth in {names}"


def clash_with(who: Demographics, stated: Demographics) -> str:
    """What a case says of its patient that the files contradict; empty for nothing."""
    if who.sex and stated.sex and who.sex != stated.sex:
        return f"sex {who.sex}, where the case says {stated.sex}"
    if who.age is not None and stated.age is not None and abs(who.age - stated.age) > _SAME_AGE:
        return f"age {who.age:.0f}, where the case says {stated.age:.0f}"
    return ""


def filled(who: Demographics, stated: Demographics) -> Demographics:
    """What a case says of its patient, and what it leaves out from the files."""
    empty = {
        name: getattr(who, name) for name in ("sex", "age", "height", "weight")
        if getattr(stated, name) is None
    }  # fmt: skip
    return replace(stated, **empty)
