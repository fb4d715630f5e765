"""What the user says about the files of a heart before it is built."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from organtwin.anatomy.label_map import Structure
from organtwin.patient.geometry.inspection import FileKind, HeartFiles
from organtwin.patient.geometry.label_checks import Position
from organtwin.patient.geometry.mapping import LabelMapping
from organtwin.patient.geometry.source import HeartSource
from organtwin.patient.geometry.voxelizing import BLOOD_IN, Part, Shell

CHAMBERS = (Structure.LV_BLOOD, Structure.RV_BLOOD, Structure.LA_BLOOD, Structure.RA_BLOOD)


@dataclass(frozen=True)
class HeartChoice:
    """One state of the questions; every answer gives a new state.

    ``structures`` are those of the values in the label image, ``None`` for "ignore"; ``mapping``
    is the preset or the file that they were taken from, empty once one was changed. ``parts`` go
    with the files of surfaces and of several masks. ``complete`` is ``None`` until the user has
    said it: then what is missing is added.
    """

    files: HeartFiles
    mapping: str = ""
    structures: tuple[Structure | None, ...] = ()
    parts: dict[Path, Part | None] = field(default_factory=dict)
    unit: str | None = None
    axes: str | None = None
    frame: int | None = None
    complete: bool | None = None
    any_position: bool = False

    @classmethod
    def first(cls, files: HeartFiles) -> "HeartChoice":
        """What is proposed: the likeliest preset, and parts by the names of the files."""
        parts = {f.file: f.part for f in files.of(FileKind.SURFACE)}
        if not files.labels:
            parts |= {f.file: f.part for f in files.of(FileKind.IMAGE)}
        frame = files.frames[0] if files.frames else None
        choice = cls(files, structures=(None,) * len(files.labels), parts=parts, frame=frame)
        return choice.with_preset(files.fitting[0]) if files.fitting else choice

    def with_preset(self, name: str) -> "HeartChoice":
        """Take over a preset; values that it does not know are ignored."""
        chosen = self.with_mapping(self.files.presets[name], name)
        # A preset that leaves values open would be refused as a whole.
        return chosen if name in self.files.fitting else replace(chosen, mapping="")

    def with_mapping(self, mapping: LabelMapping, named: str = "") -> "HeartChoice":
        """Take over a table."""
        kinds = (mapping.structure(row.value, row.name) for row in self.files.labels)
        return replace(self, mapping=named, structures=tuple(kind or None for kind in kinds))

    def with_structure(self, row: int, kind: Structure | None) -> "HeartChoice":
        """Give one value another meaning."""
        kinds = (*self.structures[:row], kind, *self.structures[row + 1 :])
        return self if kinds == self.structures else replace(self, mapping="", structures=kinds)

    def with_part(self, file: Path, part: Part | None) -> "HeartChoice":
        """Say what a surface or a mask shows."""
        return replace(self, parts={**self.parts, file: part})

    @property
    def table(self) -> LabelMapping:
        """The meaning of every value as a mapping."""
        values = zip(self.files.labels, self.structures, strict=True)
        title = f"Chosen for {self.files.files[0].file.name}"
        return LabelMapping(title, {row.value: kind for row, kind in values})

    @property
    def missing(self) -> tuple[Structure, ...]:
        """Chambers that are not told of; all that files of tetrahedra do not say."""
        shown: set[Part | None] = {*self.structures, *self.parts.values()}
        shown |= {BLOOD_IN[part] for part in shown if isinstance(part, Shell) and part in BLOOD_IN}
        return tuple(kind for kind in CHAMBERS if kind not in shown)

    @property
    def from_template(self) -> bool:
        """Contours always bring the template to them; nothing is left to be added."""
        return bool(self.files.of(FileKind.CONTOURS))

    @property
    def completes(self) -> bool:
        """Whether the template adds the chambers that are missing."""
        if self.from_template:
            return False
        return bool(self.missing) if self.complete is None else self.complete

    @property
    def problem(self) -> str:
        """Why a heart cannot be built yet; empty when it can."""
        kinds = {file.kind for file in self.files.files}
        if len(kinds) > 1 and kinds != {FileKind.SURFACE, FileKind.TETS}:
            names = ", ".join(kind.value for kind in FileKind if kind in kinds)
            return f"These cannot be read as one heart: {names}. Open files of one kind."
        if len(self.files.of(FileKind.CONTOURS)) > 1:
            return "Contours of one heart are one file. Open them one at a time."
        if self.files.labels and not any(self.structures):
            return "Say which value is a part of the heart."
        unknown = [file.name for file, part in self.parts.items() if part is None]
        if unknown:
            return f"Say which part of the heart {unknown[0]} shows."
        if len({file.name for file in self.parts}) < len(self.parts):
            return "Two files have the same name. Rename one of them."
        taken: dict[Part | None, str] = {}
        for file, part in self.parts.items():
            if part in taken:
                return f"{taken[part]} and {file.name} cannot both show the same part."
            taken[part] = file.name
        return ""

    @property
    def source(self) -> HeartSource:
        """The files with everything that was said."""
        meshed = bool(self.files.of(FileKind.SURFACE, FileKind.TETS, FileKind.CONTOURS))
        return HeartSource(
            tuple(file.file for file in self.files.files),
            (self.mapping or self.table) if self.files.labels else "",
            {file.name: part for file, part in self.parts.items() if part is not None},
            self.unit if meshed else None,
            self.axes if meshed else None,
            self.frame,
            self.completes,
            Position.ANY if self.any_position else Position.USUAL,
        )
