"""Which files show a patient's own heart, and what they cannot say themselves."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from organtwin.anatomy.label_map import Structure
from organtwin.errors import InputError
from organtwin.patient.geometry.label_checks import Position
from organtwin.patient.geometry.mapping import LabelMapping
from organtwin.patient.geometry.reading import IMAGE_READERS, SURFACE_READERS, TET_READERS
from organtwin.patient.geometry.voxelizing import Part, Shell, likely_part

CONTOUR_SUFFIX = ".txt"
_CARP = (".pts", ".elem", ".lon")
_NRRD_DATA = re.compile(rb"^data ?file:[ \t]*(.+?)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_LONGEST_HEADER = 65536


@dataclass(frozen=True)
class HeartSource:
    """Files of one heart, read together.

    ``parts`` says for surfaces and masks what each file shows, by file name; what it leaves out is
    told by the name. ``mapping`` is a preset, a file or a table for label images; the one preset
    that fits when left out. ``unit`` and ``axes`` are those of meshes and contours, ``frame`` the
    image of a contour series (the first when left out). ``complete`` adds from the template what
    is missing.
    """

    files: tuple[Path, ...]
    mapping: str | LabelMapping = ""
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
        return tuple(file for file in self.files if extension(file) in IMAGE_READERS)

    @property
    def tets(self) -> tuple[Path, ...]:
        """Files of tetrahedra; a legacy VTK file is one where nothing says what surface it is."""
        certain = tuple(
            file
            for file in self.files
            if extension(file) in TET_READERS and extension(file) not in SURFACE_READERS
        )
        unsure = (file for file in self.files if extension(file) == ".vtk")
        return certain or tuple(file for file in unsure if not self._says_surface(file))

    def _says_surface(self, file: Path) -> bool:
        told = file.name in self.parts
        alone = len(self.files) == 1
        return told or not (alone or likely_part(file.stem) in (None, Structure.HEART))

    @property
    def surfaces(self) -> tuple[Path, ...]:
        tets = self.tets
        return tuple(f for f in self.files if extension(f) in SURFACE_READERS and f not in tets)

    @property
    def contours(self) -> tuple[Path, ...]:
        return tuple(file for file in self.files if extension(file) == CONTOUR_SUFFIX)

    @property
    def companions(self) -> tuple[Path, ...]:
        """Files beside those named that are read with them: openCARP's others, NRRD's voxels."""
        found: list[Path] = []
        for file in self.files:
            if extension(file) in _CARP:
                found += (file.with_suffix(suffix) for suffix in _CARP)
            elif extension(file) in (".nhdr", ".nrrd"):
                with suppress(OSError, ValueError), file.open("rb") as opened:
                    named = _NRRD_DATA.search(opened.read(_LONGEST_HEADER).partition(b"\n\n")[0])
                    if named is not None:
                        found.append(file.parent / named[1].decode())
        return tuple(dict.fromkeys(file for file in found if file not in self.files))

    def check_files(self) -> None:
        """Refuse files that cannot be read together, so that none is left out silently.

        Raises
        ------
        InputError
            A file of no known kind, files of several kinds, or two where one is read.
        """
        meshes = (*self.tets, *self.surfaces)
        kinds = {"label images": self.images, "meshes": meshes, "contours": self.contours}
        read = [file for files in kinds.values() for file in files]
        strange = [file for file in self.files if file not in read]
        if strange or not read:
            raise InputError(
                str(strange[0]) if strange else "heart", "files",
                expected="a label image, surfaces, tetrahedra or contours",
                got=repr(strange[0].name) if strange else "none of these",
                remedy="The formats are listed in assets/cases/GEOMETRY.md.",
            )  # fmt: skip
        mixed = [kind for kind, files in kinds.items() if files]
        if len(mixed) > 1:
            raise self._together("files of one kind", " and ".join(mixed))
        for kind, files in (("contours", self.contours), ("tetrahedra", self.tets)):
            if len(files) > 1:
                raise self._together(f"one file of {kind}", f"{len(files)}")

    def _together(self, expected: str, got: str) -> InputError:
        return InputError(
            self.name, "files", expected=expected, got=got,
            remedy="Name only the files that are to be read together as one heart.",
        )  # fmt: skip

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


def extension(file: Path) -> str:
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
