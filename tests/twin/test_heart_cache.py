import os
from dataclasses import fields, replace

import numpy as np
import pytest

from organtwin.patient.geometry.label_checks import Position
from organtwin.patient.geometry.source import HeartSource
from organtwin.twin import heart_cache
from organtwin.twin.heart_cache import KEPT, opening_heart
from organtwin.twin.own_heart import HeartStep
from tests.own_hearts import own_heart
from tests.patient.geometry.written_images import small_heart, write_nrrd

HEART = own_heart()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of its own, before a builder of one heart that counts its work."""
    folder, built = tmp_path / "cache" / "hearts", []

    def building(source, *, tissue_spacing):
        built.append(source)
        yield HeartStep(0.5, "Half")
        yield HeartStep(1.0, "Whole", HEART)

    monkeypatch.setattr(heart_cache, "user_cache", lambda kind: folder)
    monkeypatch.setattr(heart_cache, "building_heart", building)
    return folder, built


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "heart.nii"
    file.write_bytes(b"as it was")
    return HeartSource((file,))


def opened(source, **options):
    return list(opening_heart(source, **options))[-1].heart


def test_the_second_opening_builds_nothing_and_gives_the_same_heart(cache, source):
    folder, built = cache
    assert opened(source) is HEART
    kept = opened(source)
    assert len(built) == 1
    assert len(list(folder.iterdir())) == 1
    for name in ("provenance", "volumes", "given", "findings"):
        assert getattr(kept, name) == getattr(HEART, name)
    assert kept.quality.n_tets == HEART.quality.n_tets
    points = HEART.anatomy.surface.points
    np.testing.assert_allclose(kept.anatomy.surface.points, points, atol=1e-8)
    np.testing.assert_array_equal(kept.warp.carried(points), HEART.warp.carried(points))
    assert kept.anatomy.architecture is not None


def test_a_changed_file_is_built_anew(cache, source):
    _, built = cache
    opened(source)
    source.files[0].write_bytes(b"as it is")
    opened(source)
    assert len(built) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"mapping": "organtwin"},
        {"parts": {"heart.nii": 1}},
        {"unit": "mm"},
        {"axes": "RAS"},
        {"frame": 0},
        {"complete": True},
        {"position": Position.ANY},
    ],
)
def test_whatever_is_said_otherwise_is_built_anew(cache, source, change):
    _, built = cache
    opened(source)
    opened(replace(source, **change))
    assert len(built) == 2


def test_every_word_about_a_heart_counts():
    said = {"files", "mapping", "parts", "unit", "axes", "frame", "complete", "position"}
    assert {field.name for field in fields(HeartSource)} == said, "add the word to the digest"


def test_another_spacing_is_built_anew(cache, source):
    _, built = cache
    opened(source, tissue_spacing=2e-3)
    opened(source, tissue_spacing=3e-3)
    assert len(built) == 2


def test_a_changed_mapping_file_is_built_anew(cache, source, tmp_path):
    _, built = cache
    mapping = tmp_path / "mine.toml"
    for text in ("one", "other"):
        mapping.write_text(text)
        opened(replace(source, mapping=str(mapping)))
    assert len(built) == 2


def test_changed_voxels_beside_their_header_are_built_anew(cache, tmp_path):
    _, built = cache
    header = write_nrrd(tmp_path / "scan.nhdr", *small_heart(12.0))
    opened(HeartSource((header,)))
    (tmp_path / "scan.raw").write_bytes(b"other voxels")
    opened(HeartSource((header,)))
    assert len(built) == 2


@pytest.mark.parametrize("beside", ["mesh.pts", "mesh.lon"])
def test_a_changed_file_of_an_opencarp_mesh_is_built_anew(cache, tmp_path, beside):
    _, built = cache
    (tmp_path / "mesh.elem").write_text("elements")
    for text in ("one", "other"):
        (tmp_path / beside).write_text(text)
        opened(HeartSource((tmp_path / "mesh.elem",)))
    assert len(built) == 2


def cut_short(content):
    return content[: len(content) // 2]


def one_byte_changed(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "damage", [cut_short, one_byte_changed, lambda content: b"", lambda content: b"no archive"]
)
def test_a_damaged_cache_file_is_built_anew_and_replaced(cache, source, damage):
    folder, built = cache
    opened(source)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert opened(source) is HEART
    assert len(built) == 2
    assert file.read_bytes() == whole


def test_a_cache_of_unknown_words_is_built_anew(cache, source):
    folder, built = cache
    opened(source)
    (file,) = folder.iterdir()
    with np.load(file) as stored:
        arrays = dict(stored)
    told = arrays["told"].tobytes().replace(b"LV_BLOOD", b"XX_BLOOD")
    np.savez(file, **arrays | {"told": np.frombuffer(told, np.uint8)})
    assert opened(source) is HEART
    assert len(built) == 2


@pytest.mark.parametrize("blocked", ["cache", "cache/hearts"])
def test_where_nothing_can_be_kept_the_heart_comes_all_the_same(cache, source, tmp_path, blocked):
    file = tmp_path / blocked  # no folder can be made where a file lies
    file.parent.mkdir(exist_ok=True)
    file.write_text("in the way")
    assert opened(source) is HEART
    assert opened(source) is HEART
    assert file.read_text() == "in the way"


def test_a_heart_is_found_in_a_cache_that_can_only_be_read(cache, source, monkeypatch):
    _, built = cache
    opened(source)

    def refused(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(heart_cache.Path, "touch", refused)
    assert opened(source).findings == HEART.findings
    assert len(built) == 1


def test_a_full_disk_leaves_nothing_behind(cache, source, monkeypatch):
    folder, _ = cache

    def full(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(heart_cache.np, "savez", full)
    assert opened(source) is HEART
    assert not list(folder.iterdir())


def test_the_hearts_used_last_are_kept(cache, source):
    folder, built = cache
    for frame in range(KEPT):
        opened(replace(source, frame=frame))
    for age, file in enumerate(sorted(folder.iterdir(), key=lambda f: f.stat().st_mtime_ns)):
        os.utime(file, ns=(age * 10**9, age * 10**9))
    opened(replace(source, frame=0))  # used again, so the next oldest goes
    opened(replace(source, frame=KEPT))
    assert len(list(folder.iterdir())) == KEPT
    opened(replace(source, frame=0))
    assert len(built) == KEPT + 1
    opened(replace(source, frame=1))
    assert len(built) == KEPT + 2


def test_a_heart_that_cannot_be_built_is_not_kept(cache, source, monkeypatch):
    folder, _ = cache

    def failing(source, *, tissue_spacing):
        yield HeartStep(0.5, "Half")
        raise ValueError("no heart")

    monkeypatch.setattr(heart_cache, "building_heart", failing)
    with pytest.raises(ValueError, match="no heart"):
        opened(source)
    assert not folder.exists()
