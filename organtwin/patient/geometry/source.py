"""Which files show a patient's own heart, and what they cannot say themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from organtwin.anatomy.label_map import Structure
from organtwin.errors import InputError
from organtwin.patient.geometry.label_checks import Position
from organtwin.patient.geometry.reading import IMAGE_READERS, SURFACE_READERS, TET_READERS
from organtwin.patient.geometry.voxelizing import Part, Shell, likely_part

CONTOUR_SUFFIX = ".txt"


@dataclass(frozen=True)
class HeartSource:
    """Files of one heart, read together.

    ``parts`` says for surfaces and masks what each file shows, by file name; what it leaves out is
    told by the name. ``mapping`` is a preset or a file for label images; the one preset that fits
    when left out. ``unit`` and ``axes`` are those of meshes and contours, ``frame`` the image of
    a contour series (the first when left out). ``complete`` adds from the template what is missing.
    """

    files: tuple[Path, ...]
    mapping: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)
    unit: str | None = None
    axes: str | None = None
    frame: int | None = None
    complete: bool = False
    position: Position = Position.USUAL

    @property
    def name(self) -> str:
        """For messages."""
        return ", ".join(str(file) for file in self.files)

    @property
    def images(self) -> tuple[Path, ...]:
        return tuple(file for file in self.files if _suffix(file) in IMAGE_READERS)

    @property
    def tets(self) -> tuple[Path, ...]:
        """Files of tetrahedra; a legacy VTK file is one when it is alone or surfaces are beside."""
        certain = tuple(
            file
            for file in self.files
            if _suffix(file) in TET_READERS and _suffix(file) not in SURFACE_READERS
        )
        unsure = tuple(file for file in self.files if _suffix(file) == ".vtk")
        return certain or unsure[:1]

    @property
    def surfaces(self) -> tuple[Path, ...]:
        tets = self.tets
        return tuple(f for f in self.files if _suffix(f) in SURFACE_READERS and f not in tets)

    @property
    def contours(self) -> tuple[Path, ...]:
        return tuple(file for file in self.files if _suffix(file) == CONTOUR_SUFFIX)

    def part_of(self, file: Path) -> Part:
        """What a file shows.

        Raises
        ------
        InputError
            Neither ``parts`` nor the file's name tells.
        """
        part = self.parts.get(file.name) or likely_part(file.stem)
        if part is None:
            raise InputError(
                str(file), "part", expected="a part of the heart", got=repr(file.name),
                remedy=f"Say what it shows: {', '.join(PART_NAMES)}.",
            )  # fmt: skip
        return part


def _suffix(file: Path) -> str:
    """The extension that decides, without the ``.gz`` of a packed file."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


PART_NAMES: Mapping[str, Part] = {
    **{shell.value.replace(" ", "_"): shell for shell in Shell},
    **{structure.name.lower(): structure for structure in Structure if structure},
}
"""How parts are called in case files and on the command line."""
