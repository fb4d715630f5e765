"""The command line as a user types it: output, JSON, exit status, messages."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from organtwin import __version__
from organtwin.__main__ import main
from organtwin.commands import offscreen, pictures, twins
from organtwin.scene import offscreen as drawing
from organtwin.scene.layers import CONDUCTION, HIDDEN_AT_FIRST, TORSO

_fitted_once = cache(twins.fitted_twin)


@pytest.fixture(autouse=True)
def each_case_is_fitted_once(monkeypatch):
    for module in (twins, pictures, offscreen):  # each has its own name for it
        monkeypatch.setattr(module, "fitted_twin", _fitted_once)


def run(capsys, *arguments):
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_cases_are_listed_with_the_default_marked(capsys):
    status, out, _ = run(capsys, "cases")
    assert status == 0
    assert "default *" in out
    status, out, _ = run(capsys, "cases", "--json")
    rows = json.loads(out)
    assert {row["name"] for row in rows} >= {"default", "hfref_lbbb", "aortic_stenosis", "hfpef"}
    assert sum(row["default"] for row in rows) == 1


def test_therapies_are_listed_with_unit_and_evidence(capsys):
    status, out, _ = run(capsys, "therapies", "--json")
    assert status == 0
    rows = {row["name"]: row for row in json.loads(out)}
    assert rows["dobutamine"]["unit"] == "ug/kg/min"
    assert rows["norepinephrine"]["evidence"] == "assumed"


def test_fit_prints_a_table_or_json(capsys):
    status, out, _ = run(capsys, "fit", "default")
    assert status == 0
    assert "within 2 sd" in out
    assert "LVEDV" in out
    status, out, _ = run(capsys, "fit", "default", "--json")
    facts = json.loads(out)
    assert facts["program"]["version"] == __version__
    assert facts["within_two_sd"] == facts["targets"]
    edv = next(row for row in facts["fit"] if row["name"] == "lv_edv")
    assert edv["unit"] == "mL"
    assert edv["twin"] == pytest.approx(edv["measured"], abs=2 * edv["sd"])


def test_fit_tells_what_the_data_tell_when_asked(capsys):
    status, out, _ = run(capsys, "fit", "default", "--identifiability")
    assert status == 0
    assert "without it" in out
    assert "measure next" in out
    _, out, _ = run(capsys, "fit", "default", "--json")
    assert "identifiability" not in json.loads(out)
    _, out, _ = run(capsys, "fit", "default", "--identifiability", "--json")
    told = json.loads(out)["identifiability"]
    verdicts = {row["name"]: row["determined"] for row in told["parameters"]}
    assert verdicts["systemic_resistance"] == "determined"
    assert verdicts["pulmonary_stiffness"] == "not"
    assert told["measure_next"][0]["sd"] > 0.0


def test_predict_takes_several_therapies(capsys):
    arguments = ("predict", "default", "--therapy", "dobutamine 5 ug/kg/min",
                 "--therapy", "heart_rate 90 1/min", "--json")  # fmt: skip
    status, out, _ = run(capsys, *arguments)
    facts = json.loads(out)
    assert status == 0
    assert facts["outcome"] == "STEADY"
    assert facts["after"]["heart_rate"]["value"] == pytest.approx(90)
    assert facts["after"]["cardiac_output"]["value"] > facts["before"]["cardiac_output"]["value"]
    low, high = facts["bands"]["cardiac_output"]["90"]
    assert low < facts["after"]["cardiac_output"]["value"] < high


def test_predict_prints_before_after_and_change(capsys):
    status, out, _ = run(capsys, "predict", "default", "--therapy", "fluid 500 mL")
    assert status == 0
    for word in ("before", "after", "change", "90 % band", "LVEDP", "evidence"):
        assert word in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fit", "nosuchcase"), ("nosuchcase", "Bundled")),
        (("fit", "missing.toml"), ("missing.toml",)),
        (("render", "default", "--out", "no/such/folder/heart.png"), ("folder",)),
        (("render", "default", "--out", "/proc/heart.png"), ("/proc/heart.png", "can be written")),
        (("render", "default", "--movie", "/proc/beat.mp4"), ("--movie", "can be written")),
    ],
)
def test_what_cannot_be_done_gets_status_one_and_a_remedy(capsys, arguments, words):
    status, out, err = run(capsys, *arguments)
    assert status == 1
    assert not out
    assert_told(err, words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("predict", "default", "--therapy", "dobutamin 5 ug"), ("did you mean 'dobutamine'",)),
        (("predict", "default", "--therapy", "dobutamine 5"), ("Write for example",)),
        (("predict", "default", "--therapy", "dobutamine 99 ug/kg/min"), ("0 to 20",)),
        (("predict", "default", "--therapy", "dobutamine 5 9**9**9**9"), ("dobutamine", "unit")),
        (("render", "default"), ("--out", "--movie")),
        (("render", "default", "--out", "heart.jpg"), (".png",)),
        (("render", "default", "--export", "heart.obj"), (".stl", ".vtu")),
        (("render", "default", "--out", ""), ("--out", "got nothing")),
        (("render", "default", "--out", "h.png", "--view", "top"), ("--view", "AP")),
        (("render", "default", "--out", "h.png", "--field", "color"), ("--field", "strain")),
        (("render", "default", "--out", "h.png", "--size", "big"), ("--size", "1920x1080")),
        (("render", "default", "--out", "h.png", "--size", "0x0"), ("--size", "1920x1080")),
        (("render", "default", "--out", "h.png", "--hide", "lungs"), ("--hide", "walls")),
        (("render", "default", "--out", "h.png", "--phase", "nan"), ("--phase",)),
        (("render", "default", "--out", "h.png", "--phase", "1.7"), ("--phase", "0 to 1")),
        (("render", "default", "--out", "h.png", "--phase", "1e308"), ("--phase", "1e+308")),
    ],
)
def test_a_wrong_option_gets_status_two_and_a_remedy(capsys, monkeypatch, arguments, words):
    for module in (twins, pictures):
        monkeypatch.setattr(module, "fitted_twin", lambda case: pytest.fail("fitted first"))
    status, out, err = run(capsys, *arguments)
    assert status == 2
    assert not out
    assert_told(err, words)


def assert_told(err, words):
    assert err.startswith("organtwin: ")
    assert "Traceback" not in err
    for word in words:
        assert word in err


@pytest.mark.parametrize(("option", "name"), [("--out", "dir.png"), ("--movie", "dir.mp4")])
def test_a_folder_is_no_picture(capsys, tmp_path, option, name):
    (tmp_path / name).mkdir()
    status, _, err = run(capsys, "render", "default", option, str(tmp_path / name))
    assert status == 1
    assert "which is a folder" in err
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_misspelt_command_brings_the_nearest(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["fti", "default"])
    assert caught.value.code == 2
    assert "unknown command 'fti'; did you mean 'fit'?" in capsys.readouterr().err


def test_an_error_is_json_too_when_json_was_asked_for(capsys):
    status, out, _ = run(capsys, "fit", "nosuchcase", "--json")
    error = json.loads(out)["error"]
    assert status == 1
    assert {"source", "field", "expected", "got", "remedy"} <= error.keys()


@pytest.mark.parametrize("arguments", [("fit",), ("predict", "default"), ("--nonsense",)])
def test_wrong_usage_gets_status_two(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_version_is_told(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert __version__ in capsys.readouterr().out


def test_an_interrupt_ends_quietly(capsys, monkeypatch):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("organtwin.commands.listings.bundled_cases", interrupted)
    assert main(["cases"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_without_a_display_the_main_job_is_drawn_into_a_folder(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys)
    assert status == 0
    assert "within 2 sd" in out
    assert "written to out" in err
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"heart.png", "heart_systole.png", "fit.txt", "twin.json"}
    assert (tmp_path / "out" / "heart.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert json.loads((tmp_path / "out" / "twin.json").read_text())["targets"] >= 5


def test_an_unwritable_folder_is_told_before_the_work(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    (tmp_path / "out").write_text("a file, not a folder")
    status, _, err = run(capsys, "window", "--out", str(tmp_path / "out"))
    assert status == 1
    assert "another folder" in err


def test_a_reader_that_leaves_early_is_no_failure():
    """As `| head -1` does; output to a pipe is written late, after the command has returned."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    process = subprocess.Popen(
        [sys.executable, "-m", "organtwin", "therapies"], cwd=Path(__file__).parents[2],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), told) == (0, b"")


def as_process(*arguments, stdout, **environment):
    return subprocess.run(
        [sys.executable, "-m", "organtwin", *arguments], cwd=Path(__file__).parents[2],
        env={**os.environ, **environment}, stdout=stdout, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device on this system")
@pytest.mark.parametrize("arguments", [("cases",), ("therapies", "--json")])
def test_a_full_disk_behind_the_output_is_told_in_one_line(arguments):
    with Path("/dev/full").open("wb") as full:
        ended = as_process(*arguments, stdout=full)
    assert ended.returncode == 1
    assert ended.stderr.decode().splitlines() == [
        "organtwin: standard output: No space left on device"
    ]


def test_a_title_that_the_terminal_cannot_show_is_written_with_escapes():
    code = (
        "from organtwin.__main__ import main; from organtwin.commands import listings;"
        "from organtwin.patient.case_file import CaseSummary;"
        "listings.bundled_cases = lambda: (CaseSummary('a', 'M\u00fcller \u2013 1', 'd', True),);"
        "raise SystemExit(main(['cases']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert rb"M\xfcller \u2013 1" in ended.stdout


def test_render_exports_a_model(capsys, tmp_path):
    path = tmp_path / "heart.glb"
    status, out, _ = run(capsys, "render", "default", "--export", str(path), "--beat", "--json")
    assert status == 0
    assert json.loads(out)["written"] == [str(path)]
    assert path.read_bytes()[:4] == b"glTF"


@pytest.mark.parametrize(
    ("options", "added"),
    [
        ((), set()),
        (("--torso",), {"torso"}),
        (("--show", "conduction"), {"conduction"}),
        (("--torso", "--show", "conduction"), {"conduction", "torso"}),
    ],
)
def test_render_shows_conduction_and_torso_with_the_electrics_they_need(
    capsys, tmp_path, monkeypatch, options, added
):
    drawn = []
    monkeypatch.setattr(pictures, "electrics", lambda *_: SimpleNamespace(surface="computed"))
    monkeypatch.setattr(
        drawing, "render_png", lambda motion, path, look, **_: drawn.append((motion, look))
    )
    status, _, _ = run(capsys, "render", "default", "--out", str(tmp_path / "h.png"), *options)
    motion, look = drawn[0]
    assert status == 0
    assert HIDDEN_AT_FIRST - look.hidden == added
    assert {CONDUCTION, TORSO} == pictures.ELECTRIC_LAYERS
    assert (motion.electrics == "computed") is bool(added)


def test_doubt_of_activation_without_a_recorded_ecg_is_refused(tmp_path, capsys):
    assert main(["render", "hfref_lbbb", "--field", "doubt", "--out", str(tmp_path / "x.png")]) == 1
    assert "a recorded ECG" in capsys.readouterr().err


def test_a_fit_tells_the_digests_by_which_it_can_be_replayed(capsys):
    _, out, _ = run(capsys, "fit", "default", "--json")
    replay = json.loads(out)["replay"]
    assert len(replay["case"]) == len(replay["answer"]) == 64
    _, out, _ = run(capsys, "fit", "default")
    assert f"case    {replay['case']}" in out
    assert f"answer  {replay['answer']}" in out
