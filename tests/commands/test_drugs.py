"""``organtwin drugs``."""

from organtwin.commands.line import run
from organtwin.resources import asset


def test_a_drug_file_that_can_be_read_is_told_what_it_says(capsys):
    assert run(["drugs", "check", str(asset("drugs/dobutamine.toml"))]) == 0
    out = capsys.readouterr().out
    assert "Dobutamine: 0 to 20 ug/kg/min, evidence derived" in out
    assert "can be read completely" in out


def test_a_drug_file_with_a_mistake_is_refused_by_its_place(tmp_path, capsys):
    path = tmp_path / "mine.toml"
    text = (
        asset("drugs/dobutamine.toml").read_text("utf-8").replace("maximum = 1.6", "maximum = -2.0")
    )
    path.write_text(text, "utf-8")
    assert run(["drugs", "check", str(path)]) == 1
    assert "mine.toml: effect[1].maximum: expected" in capsys.readouterr().err
