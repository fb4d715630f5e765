"""What is still to be said before a heart can be built."""

from pathlib import Path

from organtwin.anatomy.label_map import Structure
from organtwin.patient.geometry.inspection import FileKind, HeartFiles, InspectedFile
from organtwin.patient.geometry.voxelizing import Shell
from organtwin.session.heart_choice import CHAMBERS, HeartChoice


def choice(*files: tuple[str, FileKind, object]) -> HeartChoice:
    told = tuple(InspectedFile(Path(name), kind, "", part) for name, kind, part in files)
    return HeartChoice.first(HeartFiles(told))


def test_tetrahedra_may_come_with_endocardia_and_other_kinds_may_not_be_mixed():
    inner = ("a.ply", FileKind.SURFACE, Shell.LV_ENDOCARDIUM)
    assert choice(("m.vtu", FileKind.TETS, None), inner).problem == ""
    mixed = choice(("m.nii", FileKind.IMAGE, Structure.LV_BLOOD), inner).problem
    assert "label image, surface" in mixed


def test_two_files_of_contours_are_not_one_heart():
    contours = (("a.txt", FileKind.CONTOURS, None), ("b.txt", FileKind.CONTOURS, None))
    assert "one file" in choice(*contours).problem
    assert choice(contours[0]).problem == ""


def test_files_of_the_same_name_cannot_be_told_apart():
    files = (
        ("a/x.ply", FileKind.SURFACE, Shell.BASE),
        ("b/x.ply", FileKind.SURFACE, Shell.EPICARDIUM),
    )
    assert "same name" in choice(*files).problem


def test_the_template_adds_what_is_missing_until_the_user_says_otherwise():
    some = choice(("a.ply", FileKind.SURFACE, Shell.LV_ENDOCARDIUM))
    assert Structure.LV_BLOOD not in some.missing
    assert some.completes
    masks = [(f"{kind.name}.nii", FileKind.IMAGE, kind) for kind in CHAMBERS]
    whole = choice(*masks)
    assert (whole.missing, whole.completes) == ((), False)
    assert set(whole.source.parts.values()) == set(CHAMBERS)
