"""An archive made to harm is refused, writes nothing and is never executed."""

import pickle
import random
import re
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from organtwin.errors import RecordError
from organtwin.store.archive_layout import Limits, fault_of_name, fault_of_names
from organtwin.store.packing import pack
from organtwin.store.unpacking import unpack
from tests.store.made_archives import CASE, HEAD, MEASURED, forged, told

VARIANTS = 1000
ROOT = Path(__file__).parents[2]


def refused(archive: Path, limits: Limits | None = None) -> RecordError:
    """Unpack where nothing may appear, and give the refusal."""
    around = archive.parent
    before = sorted(around.rglob("*"))
    with pytest.raises(RecordError) as caught:
        unpack(archive, around / "target" / "case", limits)
    (around / "target").rmdir() if (around / "target").exists() else None
    assert sorted(around.rglob("*")) == before
    assert caught.value.remedy
    return caught.value


def test_the_archive_made_by_hand_is_one_that_unpacks(tmp_path: Path) -> None:
    case = unpack(forged(tmp_path / "a.otwin"), tmp_path / "case")
    assert case.read_bytes() == CASE


BAD_NAMES = [
    "../evil", "a/../../evil", "/etc/evil", "//host/evil", "C:/evil", "c:evil", "a\\..\\evil",
    "\\\\host\\evil", "./evil", "a//evil", "a/", "evil.", "evil ", " evil", "con", "NUL.txt",
    "a/com1.nii", "lpt¹", "ev\0il", "evil\n", "e\u202evil", "e\u200bvil", "\ufeffevil", "a:b",
    "evil?", "e*", "\u2025/evil", "a\uff0fevil", "e\u0301vil", "\ud800evil", "\U000e0041", "..",
    "x" * 201, "/".join("abcdefghi"), "\uff0e\uff0e/evil",
]  # fmt: skip


@pytest.mark.parametrize("name", [*BAD_NAMES[:-1], "con.tar.gz", "ＣＯＮ"], ids=ascii)
def test_a_name_that_leads_out_or_deceives_is_refused(tmp_path: Path, name: str) -> None:
    assert fault_of_name(name)
    files = {"case.toml": CASE, name: b"evil"}
    refused(forged(tmp_path / "a.otwin", files))
    # also where only the table of contents says it
    honest = told({"case.toml": CASE, "plain": b"evil"})
    refused(forged(tmp_path / "b.otwin", files, manifest=honest))


@pytest.mark.parametrize("name", ["a.nii", "ecg/two.hea", "Größe.toml", "a b.stl", "..a", "心.nii"])
def test_an_honest_name_is_taken(tmp_path: Path, name: str) -> None:
    assert fault_of_name(name) == ""
    case = unpack(forged(tmp_path / "a.otwin", {"case.toml": CASE, name: b"x"}), tmp_path / "c")
    assert (case.parent / name).read_bytes() == b"x"


@pytest.mark.parametrize(
    "names",
    [("case.toml", "CASE.toml"), ("a", "a/b"), ("ß", "SS"), ("manifest.json", "Manifest.JSON"),
     ("A/b", "a")],
)  # fmt: skip
def test_names_that_are_one_on_some_systems_are_refused(tmp_path: Path, names) -> None:
    assert fault_of_names(names)
    files = {"case.toml": CASE, **dict.fromkeys((n for n in names if n != "case.toml"), b"")}
    if "manifest.json" not in names:
        refused(forged(tmp_path / "a.otwin", files))


def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    entry = {"name": "case.toml", "size": len(CASE), "sha256": "0" * 64}
    refused(forged(tmp_path / "a.otwin", manifest=told({}, files=[entry, entry])))


@pytest.mark.parametrize(
    "mode", [stat.S_IFLNK | 0o777, stat.S_IFDIR | 0o755, stat.S_IFCHR | 0o600, stat.S_IFIFO]
)
def test_links_folders_and_devices_are_refused(tmp_path: Path, mode: int) -> None:
    files = {"case.toml": CASE, "link": b"/etc/passwd"}
    error = refused(forged(tmp_path / "a.otwin", files, mode=mode))
    assert "link" in error.got


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    error = refused(forged(tmp_path / "a.otwin", {"case.toml": CASE, "big": bytes(1 << 20)}))
    assert "times the packed size" in error.expected


@pytest.mark.parametrize(
    "limits", [Limits(files=2), Limits(file=1000), Limits(total=2500), Limits(manifest=100)]
)
def test_more_than_the_limits_is_refused(tmp_path: Path, limits: Limits) -> None:
    draw = random.Random(0)
    files = {"case.toml": CASE, "a": draw.randbytes(1200), "b": draw.randbytes(1200)}
    archive = forged(tmp_path / "a.otwin", files)
    refused(archive, limits)
    assert unpack(archive, tmp_path / "fine").is_file()


def test_sizes_are_counted_and_not_believed(tmp_path: Path) -> None:
    """The table of contents says 10 bytes of what unpacks to a million."""
    archive = forged(tmp_path / "a.otwin", {"case.toml": CASE, "big": bytes(1 << 20)})
    content = archive.read_bytes().replace((1 << 20).to_bytes(4, "little"), b"\x0a\0\0\0")
    archive.write_bytes(content)
    refused(archive)
    small = told({"case.toml": CASE, "big": bytes(10)})
    archive = forged(tmp_path / "a.otwin", {"case.toml": CASE, "big": bytes(1 << 20)},
                     manifest=small)  # fmt: skip
    archive.write_bytes(archive.read_bytes().replace((1 << 20).to_bytes(4, "little"),
                                                     b"\x0a\0\0\0"))  # fmt: skip
    refused(archive)


def test_another_content_than_the_manifest_tells_is_refused(tmp_path: Path) -> None:
    other = CASE.replace(b"60", b"61")
    error = refused(forged(tmp_path / "a.otwin", raw={"case.toml": other}))
    assert error.got == "another content"


def test_files_that_the_manifest_does_not_tell_are_refused(tmp_path: Path) -> None:
    refused(forged(tmp_path / "a.otwin", raw={"more": b"x"}))
    refused(forged(tmp_path / "a.otwin", manifest=told({"case.toml": CASE, "more": b"x"})))


@pytest.mark.parametrize(
    "changes",
    [{"version": 2}, {"version": True}, {"format": "zip"}, {"case": "none.toml"}, {"case": 7},
     {"files": []}, {"files": {}}, {"files": [1]}, {"files": [{}]}, {"more": 1},
     {"files": [{"name": "case.toml", "size": -1, "sha256": "0" * 64}]},
     {"files": [{"name": "case.toml", "size": True, "sha256": "0" * 64}]},
     {"files": [{"name": "case.toml", "size": 1e400, "sha256": "0" * 64}]},
     {"files": [{"name": "case.toml", "size": 9, "sha256": "Z" * 64}]},
     {"files": [{"name": 1, "size": 9, "sha256": "0" * 64}]}],
)  # fmt: skip
def test_a_manifest_of_another_form_is_refused(tmp_path: Path, changes) -> None:
    refused(forged(tmp_path / "a.otwin", manifest=told({"case.toml": CASE}, **changes)))


@pytest.mark.parametrize(
    "manifest", [b"", b"\xff\xfe", b"[" * 100_000, b'{"a":1,"a":2}', b"1" * 5000, b"[]", b"null"]
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, manifest: bytes) -> None:
    refused(forged(tmp_path / "a.otwin", manifest=manifest, method=zipfile.ZIP_STORED))


def test_a_newer_archive_says_what_to_do(tmp_path: Path) -> None:
    archive = forged(tmp_path / "a.otwin", manifest=told({"case.toml": CASE}, version=2))
    assert "newer" in refused(archive).remedy


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive", b"PK\5\6" + bytes(18)])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.otwin").write_bytes(content)
    refused(tmp_path / "a.otwin")


def test_an_absent_archive_is_told(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "a.otwin").got


def test_bytes_before_between_or_after_are_refused(tmp_path: Path) -> None:
    whole = forged(tmp_path / "a.otwin").read_bytes()
    for content in (b"#!/bin/sh\n" + whole, whole + b"\0", whole.replace(b"PK\1\2", b"xPK\1\2", 1)):
        (tmp_path / "a.otwin").write_bytes(content)
        refused(tmp_path / "a.otwin")
    refused(forged(tmp_path / "b.otwin", comment=b"hello"))
    refused(forged(tmp_path / "c.otwin", flags=1))
    refused(forged(tmp_path / "d.otwin", flags=8))


@pytest.mark.parametrize(
    "said",
    ['[[waveform]]\nfile = "../secret.csv"\n', '[[waveform]]\nfile = "/etc/secret.csv"\n',
     '[[waveform]]\nfile = "pydicom:../../secret.dcm"\n', '[heart]\nfiles = ["../lv.stl"]\n',
     '[heart]\nfiles = ["a.nhdr"]\n', '[heart]\nfiles = ["a.stl"]\nlabels = "../m.toml"\n',
     '[[waveform]]\nfile = "two.hea"\n', '[[waveform]]\nfile = "absent.csv"\n', "oh = no"],
)  # fmt: skip
def test_a_case_that_leads_out_of_its_folder_is_refused(tmp_path: Path, said: str) -> None:
    (tmp_path / "secret.csv").write_text("II\n1\n")
    files = {
        "case.toml": (HEAD + MEASURED + said).encode(), "a.stl": b"solid",
        "a.nhdr": b"NRRD0004\ndata file: ../../secret.csv\n\n",
        "two.hea": b"two 1 500 2\n../secret.csv 16 1000/mV 16 0 0 0 0 II\n",
    }  # fmt: skip
    assert refused(forged(tmp_path / "a.otwin", files)).field.startswith("case.toml")


def test_a_folder_that_is_there_is_never_written_into(tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    (target / "kept").write_text("kept")
    archive = forged(tmp_path / "a.otwin")
    with pytest.raises(RecordError, match="nothing is written over"):
        unpack(archive, target)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(RecordError, match="nothing is written over"):
        unpack(archive, link)
    assert [p.name for p in target.iterdir()] == ["kept"]


class Armed:
    """Fires when it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


def test_archives_and_pickles_inside_stay_closed(tmp_path: Path) -> None:
    inner = forged(tmp_path / "inner.otwin", {"case.toml": CASE, "../evil": b"x"}).read_bytes()
    files = {"case.toml": CASE, "inner.otwin": inner, "x.pkl": pickle.dumps(Armed())}
    case = unpack(forged(tmp_path / "a.otwin", files), tmp_path / "out" / "case")
    assert (case.parent / "inner.otwin").read_bytes() == inner
    assert sorted(p.name for p in (tmp_path / "out").rglob("*")) == [
        "case", "case.toml", "inner.otwin", "x.pkl",
    ]  # fmt: skip


def test_nothing_in_the_program_unpickles() -> None:
    unsafe = re.compile(r"\bimport (c?[pP]ickle|dill|shelve|marshal)\b|allow_pickle=True")
    sources = (ROOT / "organtwin").rglob("*.py")
    assert not [p for p in sources if unsafe.search(p.read_text("utf-8"))]


def damaged(whole: bytes, draw: random.Random) -> bytes:
    """One variant: bits, a cut, moved pieces, random headers, other sizes."""
    content = bytearray(whole)
    kind = draw.randrange(6)
    if kind == 0:
        for _ in range(draw.randint(1, 8)):
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    elif kind == 1:
        del content[draw.randrange(len(content)) :]
    elif kind == 2:
        a, b = sorted(draw.sample(range(len(content)), 2))
        content = content[:a] + content[b:] + content[a:b]
    elif kind == 3:
        starts = [m.start() for m in re.finditer(rb"PK[\x01\x03\x05][\x02\x04\x06]", whole)]
        start = draw.choice(starts) + 4
        n = draw.randint(1, 40)
        content[start : start + n] = draw.randbytes(n)
    elif kind == 4:
        members = re.split(rb"(?=PK\x03\x04)", whole)
        draw.shuffle(members)
        content = bytearray(b"".join(members))
    else:
        place = draw.randrange(len(content) - 4)
        content[place : place + 4] = draw.choice([b"\xff" * 4, bytes(4), b"\0\0\0\x80", b"../x"])
    return bytes(content)


def test_of_a_thousand_damaged_archives_none_does_more_than_be_refused(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "case.toml").write_text(
        HEAD + MEASURED + '[heart]\nfiles = ["a.stl", "b/c.stl"]\n', encoding="utf-8"
    )
    (source / "b").mkdir()
    for name in ("a.stl", "b/c.stl"):
        (source / name).write_bytes(random.Random(1).randbytes(300))
    pack(source / "case.toml", tmp_path / "whole.otwin")
    whole = (tmp_path / "whole.otwin").read_bytes()
    draw, place = random.Random(11), tmp_path / "place"
    place.mkdir()
    honest = {"case.toml", "a.stl", "b", "b/c.stl"}
    contents = {name: (source / name).read_bytes() for name in honest - {"b"}}
    archive, target = place / "a.otwin", place / "in" / "case"
    taken = 0
    for _ in range(VARIANTS):
        archive.write_bytes(damaged(whole, draw))
        try:
            unpack(archive, target)
        except RecordError:
            assert not target.exists()
        else:
            taken += 1
            inside = {p.relative_to(target).as_posix() for p in target.rglob("*")}
            assert inside == honest
            assert all((target / name).read_bytes() == data for name, data in contents.items())
            shutil.rmtree(target)
        assert {p.name for p in place.iterdir()} <= {"a.otwin", "in"}
        assert not (place / "in").exists() or not list((place / "in").iterdir())
    assert {p.name for p in tmp_path.iterdir()} == {"source", "whole.otwin", "place"}
    # A bit of a time stamp, or shuffled members that came to lie as before, harm nothing.
    assert taken < 0.2 * VARIANTS
