import subprocess
from dataclasses import replace
from pathlib import Path

import imageio.v2 as imageio
import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from organtwin.anatomy.anchor import SURFACE, Anchor
from organtwin.anatomy.marking import Kind, Marking
from organtwin.errors import InputError
from organtwin.scene.offscreen import Look, render_movie, render_png
from tests.synthetic_heart import SyntheticMotion, synthetic_anatomy

MOTION = SyntheticMotion(synthetic_anatomy(12))
SIZE = (128, 96)


def _decoded(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Frames ``(n, height, width, 3)``, by the encoder's own decoder."""
    command = [get_ffmpeg_exe(), "-v", "error", "-i", str(path)]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, *shape, 3).astype(int)


def test_a_still_has_the_size_asked_for_and_shows_a_heart(tmp_path: Path):
    path = tmp_path / "heart.png"
    render_png(MOTION, path, Look(size=SIZE, caption="Case 1"))
    image = np.asarray(imageio.imread(path)).astype(int)
    assert image.shape == (96, 128, 3)
    assert ((image[..., 0] - image[..., 1]) > 40).mean() > 0.15
    assert [entry.name for entry in tmp_path.iterdir()] == ["heart.png"]


def test_layers_are_left_out_of_a_still(tmp_path: Path):
    for name, hidden in (("all", frozenset()), ("vessels", frozenset({"walls", "blood"}))):
        render_png(MOTION, tmp_path / f"{name}.png", Look(size=SIZE, hidden=hidden))
    whole, part = (
        np.asarray(imageio.imread(tmp_path / f"{name}.png")).astype(int)
        for name in ("all", "vessels")
    )
    assert 0 < (part[..., 0] > 100).sum() < 0.7 * (whole[..., 0] > 100).sum()


def test_stills_of_two_phases_and_fields_differ(tmp_path: Path):
    images = []
    plain = Look(size=SIZE)
    shots = ((plain, 0.0), (plain, 0.5), (replace(plain, field="activation"), 0.0))
    for index, (look, phase) in enumerate(shots):
        path = tmp_path / f"{index}.png"
        render_png(MOTION, path, look, phase=phase)
        images.append(np.asarray(imageio.imread(path)))
    assert (images[0] != images[1]).any()
    assert (images[0] != images[2]).any()


def test_markings_are_drawn_where_their_anchors_are_seen(tmp_path: Path):
    surface = MOTION.anatomy.surface.points
    ends = [int(surface[:, 0].argmin()), int(surface[:, 0].argmax())]
    anchors = tuple(Anchor(SURFACE, (node,), (1.0,)) for node in ends)
    images = []
    for name, markings in (("bare", ()), ("marked", (Marking(Kind.DISTANCE, "D", anchors),))):
        render_png(MOTION, tmp_path / f"{name}.png", Look(size=(320, 240), markings=markings))
        images.append(np.asarray(imageio.imread(tmp_path / f"{name}.png")).astype(int))
    columns = np.nonzero(np.abs(images[1] - images[0]).max(axis=2) > 40)[1]
    heart = np.nonzero((images[0][..., 0] - images[0][..., 1]) > 40)[1]
    # The line spans the heart from its right to its left end.
    assert columns.min() == pytest.approx(heart.min(), abs=8)
    assert columns.max() == pytest.approx(heart.max(), abs=8)


def test_markings_that_a_heart_does_not_have_are_left_out(tmp_path: Path):
    gone = Marking(Kind.LANDMARK, "Far", (Anchor(SURFACE, (10**6,), (1.0,)),))
    for name, markings in (("bare", ()), ("marked", (gone,))):
        render_png(MOTION, tmp_path / f"{name}.png", Look(size=SIZE, markings=markings))
    assert (tmp_path / "bare.png").read_bytes() == (tmp_path / "marked.png").read_bytes()


def test_a_movie_holds_every_frame_of_its_beats_and_reports_progress(tmp_path: Path):
    path = tmp_path / "beat.mp4"
    progress = list(render_movie(MOTION, path, Look(size=SIZE), fps=10, beats=1.5))
    expected = round(1.5 * MOTION.duration * 10)
    assert progress == pytest.approx(np.arange(1, expected + 1) / expected)
    frames = _decoded(path, (96, 128))
    assert len(frames) == expected
    assert np.abs(frames[0] - frames[expected // 3]).mean() > 2.0  # it beats


def test_slow_motion_has_more_frames(tmp_path: Path):
    movie = render_movie(
        MOTION, tmp_path / "slow.mp4", Look(size=(64, 48)), fps=5, beats=1, speed=0.5
    )
    assert len(list(movie)) == round(MOTION.duration * 5 / 0.5)


def test_a_movie_that_is_stopped_leaves_nothing_behind(tmp_path: Path):
    movie = render_movie(MOTION, tmp_path / "beat.mp4", Look(size=SIZE), fps=10, beats=1)
    next(movie)
    movie.close()
    assert list(tmp_path.iterdir()) == []


def test_an_odd_size_is_made_even_for_the_encoder(tmp_path: Path):
    path = tmp_path / "odd.mp4"
    progress = list(render_movie(MOTION, path, Look(size=(65, 49)), fps=3, beats=1))
    assert len(_decoded(path, (48, 64))) == len(progress)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(path: Path, *_: object, **__: object) -> None:
        path.write_bytes(b"half a pict")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("organtwin.scene.offscreen.imageio.imwrite", write)


@pytest.mark.usefixtures("full_disk")
def test_a_still_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path):
    with pytest.raises(InputError, match=r"heart\.png: file: .* got No space left on device"):
        render_png(MOTION, tmp_path / "heart.png", Look(size=SIZE))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_place_of_the_picture_leaves_nothing_behind(tmp_path: Path):
    (tmp_path / "heart.png").mkdir()
    with pytest.raises(InputError, match="directory"):
        render_png(MOTION, tmp_path / "heart.png", Look(size=SIZE))
    assert [path.name for path in tmp_path.iterdir()] == ["heart.png"]


def test_a_movie_that_cannot_be_written_is_no_pipe_that_was_left(tmp_path: Path, monkeypatch):
    """The encoder ends when the disk is full; to the program that looks like a closed pipe."""
    movie = render_movie(MOTION, tmp_path / "beat.mp4", Look(size=SIZE), fps=10, beats=1)
    next(movie)
    monkeypatch.setattr(
        "organtwin.scene.offscreen._Stage.frame",
        lambda *_: (_ for _ in ()).throw(BrokenPipeError(32, "Broken pipe")),
    )
    with pytest.raises(InputError, match="Broken pipe"):
        list(movie)
    assert list(tmp_path.iterdir()) == []
