"""``organtwin heart`` and the pictures of a case that names the files of its heart."""

import json
from dataclasses import replace

import numpy as np
import pytest

from organtwin.__main__ import main
from organtwin.anatomy.template_file import load_template
from organtwin.commands import own_heart as command
from organtwin.commands import pictures, twins
from organtwin.patient.case_file import load_case
from organtwin.patient.geometry.source import HeartSource
from organtwin.patient.geometry.voxelizing import Shell
from organtwin.scene import offscreen
from organtwin.twin import heart_cache
from organtwin.twin.own_heart import HeartStep
from tests import own_hearts
from tests.own_hearts import four_chambers
from tests.unfitted_twin import normal_twin


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("patient")


@pytest.fixture(scope="module")
def image(folder):
    return four_chambers(folder / "ct.nii")


@pytest.fixture(autouse=True)
def own_cache(folder, monkeypatch):
    """Hearts are kept for the tests of this file only."""
    monkeypatch.setattr(heart_cache, "user_cache", lambda kind: folder / "cache" / kind)


@pytest.fixture
def known_heart(monkeypatch):
    """Files become a heart that is known beforehand; what was asked for is noted."""
    asked = []

    def opening(source, *, tissue_spacing=0.0):
        asked.append((source, tissue_spacing))
        yield HeartStep(1.0, "", own_hearts.own_heart())

    monkeypatch.setattr(command, "opening_heart", opening)
    return asked


def run(capsys, *arguments):
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_an_image_becomes_a_heart_that_is_told_as_json(capsys, image):
    status, out, err = run(
        capsys, "heart", image, "--labels", "organtwin", "--spacing", "5", "--json"
    )
    assert (status, err) == (0, "")
    facts = json.loads(out)
    assert facts["volumes_ml"].keys() == {"lv", "rv", "la", "ra"}
    for cavity, volume in facts["image_volumes_ml"].items():
        assert facts["volumes_ml"][cavity] == pytest.approx(volume, rel=0.03)
        assert 30 < volume < 90
    assert facts["provenance"]["lv_blood"] == "measured"
    assert facts["inverted"] == 0
    assert facts["tetrahedra"] > 1000
    assert facts["findings"]


def test_the_report_for_people_names_sizes_mesh_origin_and_findings(capsys, image, known_heart):
    status, out, _ = run(capsys, "heart", image)
    assert status == 0
    for words in ("LV", "120.0", "121.0", "LA", "–", "tetrahedra", "measured", "- One thing was"):
        assert words in out


def test_what_is_said_about_the_files_reaches_the_builder(capsys, image, known_heart, folder):
    shell = folder / "a = b.ply"
    shell.touch()
    arguments = ["heart", image, shell, "--part", "a = b.ply=epicardium", "--labels", "acdc",
                 "--unit", "mm", "--axes", "RAS", "--frame", "2", "--complete", "--any-position",
                 "--spacing", "3"]  # fmt: skip
    assert run(capsys, *arguments)[0] == 0
    ((source, spacing),) = known_heart
    assert spacing == pytest.approx(3e-3)
    assert replace(source, position=HeartSource(()).position) == HeartSource(
        (image, shell), "acdc", {"a = b.ply": Shell.EPICARDIUM}, "mm", "RAS", 2, complete=True
    )
    assert source.position is not HeartSource(()).position


def test_a_picture_and_a_model_are_written(capsys, image, known_heart, tmp_path):
    status, _, _ = run(
        capsys, "heart", image, "--out", tmp_path / "heart.png", "--view", "LAO 45",
        "--export", tmp_path / "heart.stl",
    )  # fmt: skip
    assert status == 0
    assert (tmp_path / "heart.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "heart.stl").stat().st_size > 1000
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("lost.nii",), 1, ("lost.nii", "nothing there")),
        (("{image}", "--part", "ct.nii"), 2, ("--part", "FILE=PART")),
        (("{image}", "--part", "ct.nii=lv"), 2, ("--part", "lv_endocardium")),
        (("{image}", "--part", "other.nii=lv_blood"), 2, ("--part", "FILE one of those given")),
        (("{image}", "--spacing", "0.5"), 2, ("--spacing", "0.8 to 6 mm")),
        (("{image}", "--spacing", "7"), 2, ("--spacing", "0.8 to 6 mm")),
        (("{image}", "--spacing", "nan"), 2, ("--spacing", "0.8 to 6 mm")),
        (("{image}", "--out", "no/such/folder/heart.png"), 1, ("heart: --out", "Make the folder")),
        (("{image}", "--out", "/proc/heart.png"), 1, ("--out", "can be written")),
        (("{image}", "--out", "heart.jpg"), 2, ("--out", ".png")),
        (("{image}", "--export", "/proc/heart.stl"), 1, ("--export", "can be written")),
        (("{image}", "--export", "heart.obj"), 2, ("--export", ".stl", ".vtu")),
        (("{image}", "--view", "top"), 2, ("--view", "'top'", "LAO")),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_built(
    capsys, monkeypatch, image, arguments, status, words
):
    monkeypatch.setattr(command, "opening_heart", lambda *_, **__: pytest.fail("built first"))
    found, out, err = run(capsys, "heart", *(a.format(image=image) for a in arguments))
    assert found == status
    assert not out
    assert err.startswith("organtwin: ")
    assert "Traceback" not in err
    for word in words:
        assert word in err


def test_an_image_without_a_heart_gets_status_one_and_json(capsys, folder):
    (folder / "empty.nii").write_bytes(b"")
    status, out, err = run(capsys, "heart", folder / "empty.nii", "--json")
    assert status == 1
    assert json.loads(out)["error"]["type"] == "InputError"
    assert "empty.nii" in err


def write_case(folder, heart):
    path = folder / "case.toml"
    path.write_text(
        'format = "organtwin-case"\nversion = 1\nid = "p"\ntitle = "t"\ndiagnosis = "d"\n' + heart,
        encoding="utf-8",
    )
    return path


def test_a_case_that_names_its_heart_is_drawn_with_it(capsys, folder, image, monkeypatch):
    """The fit is left out: a known twin beside the record of the case."""
    monkeypatch.setattr(
        pictures, "fitted_twin", lambda case: replace(normal_twin(), record=load_case(case))
    )
    drawn = []
    monkeypatch.setattr(
        offscreen, "render_png", lambda motion, path, look, **_: drawn.append(motion)
    )
    kept = []
    opening = heart_cache.opening_heart

    def coarse(source):
        for step in opening(source, tissue_spacing=5e-3):
            kept.append(step.heart)
            yield step

    monkeypatch.setattr(heart_cache, "opening_heart", coarse)
    heart = f'[heart]\nfiles = ["{image.name}"]\nlabels = "organtwin"\n'
    for text in ("", heart):
        status, _, err = run(
            capsys, "render", write_case(folder, text), "--out", folder / "heart.png"
        )
        assert (status, err) == (0, "")
    template, own = drawn
    assert template.placement.anatomy is load_template()
    assert own.placement.anatomy is kept[-1].anatomy
    points = np.empty((len(kept[-1].anatomy.surface.points), 3), np.float32)
    own.surface_points(0.3, points)
    assert np.isfinite(points).all()
    assert own.volume_misfit < 1e-3


def test_a_case_whose_heart_cannot_be_read_is_told(capsys, folder, monkeypatch):
    monkeypatch.setattr(twins, "fitting", lambda record: pytest.fail("fitted first"))
    path = write_case(folder, '[heart]\nfiles = ["lost.nii"]\n')
    status, _, err = run(capsys, "render", path, "--out", folder / "heart.png")
    assert status == 1
    assert "heart.files" in err
    assert "lost.nii" in err
