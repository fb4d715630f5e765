"""How the files of a heart, and the choices about them, are worded."""

from organtwin.anatomy.label_map import Structure
from organtwin.patient.geometry.inspection import FileKind, HeartFiles
from organtwin.patient.geometry.source import PART_NAMES
from organtwin.patient.geometry.voxelizing import Part
from organtwin.session.heart_choice import HeartChoice
from organtwin.twin.heart_report import structure_name

OWN = "Own choice"
"""Stands in the list of mappings when the table agrees with none."""
_CHAMBERS = {
    Structure.LV_BLOOD: "left ventricle", Structure.RV_BLOOD: "right ventricle",
    Structure.LA_BLOOD: "left atrium", Structure.RA_BLOOD: "right atrium",
}  # fmt: skip


def hint(choice: HeartChoice) -> str:
    """What is missing in the files, or where it will come from."""
    if choice.from_template:
        return "Contours bring the template to them; what they leave open stays the template's."
    if choice.files.of(FileKind.TETS):
        return "Cavities are looked for inside of the muscle when the heart is built."
    if not choice.missing:
        return "All four chambers are there."
    return f"Not in the files: {', '.join(_CHAMBERS[kind] for kind in choice.missing)}."


def structure_text(kind: Structure | None) -> str:
    """A structure as a choice."""
    if kind is None:
        return "ignore"
    return "heart, undivided" if kind is Structure.HEART else structure_name(kind)


def part_choices(kind: FileKind) -> list[tuple[str, Part | None]]:
    """A mask fills a structure; only a surface can be a shell."""
    shown = [
        part for part in PART_NAMES.values()
        if kind is not FileKind.IMAGE or isinstance(part, Structure)
    ]  # fmt: skip
    return [
        ("choose …", None),
        *((structure_text(p) if isinstance(p, Structure) else _shell_text(p.value), p)
          for p in shown),
    ]  # fmt: skip


def _shell_text(name: str) -> str:
    first, _, rest = name.partition(" ")
    return f"{first.upper()} {rest} (surface)" if rest else f"{name} (surface)"


def preset_choices(files: HeartFiles) -> list[tuple[str, str]]:
    """Those that know all values first, as the files come."""
    known = [
        (mapping.title + ("" if name in files.fitting else "   (does not know all values)"), name)
        for name, mapping in files.presets.items()
    ]
    return [*known, (OWN, "")]
