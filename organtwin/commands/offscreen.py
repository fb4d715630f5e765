"""The main job on a machine without a display: the window's case, drawn and told into a folder."""

import json
import sys
from pathlib import Path

from organtwin.commands.tables import fit_text, twin_json
from organtwin.commands.twins import fitted_twin, own_heart
from organtwin.errors import InputError
from organtwin.scene.offscreen import Look, render_png
from organtwin.twin.beating import beating
from organtwin.twin.twin import Twin


def draw_everything(case: str | None, folder: Path, *, as_json: bool) -> int:
    """Fit a case and write ``heart.png``, ``heart_systole.png``, ``fit.txt``, ``twin.json``."""
    _make(folder)
    twin = fitted_twin(case)
    motion = beating(twin.baseline.beat, own_heart(twin), twin)
    diastole, systole = _phases(twin)
    numbers = twin.numbers
    caption = (
        f"{twin.record.title}\nHR {60 * numbers['heart_rate']:.0f}/min, EF {numbers['lv_ef']:.0%}"
    )
    look = Look(caption=caption, markings=twin.record.markings)
    render_png(motion, folder / "heart.png", look, phase=diastole)
    render_png(motion, folder / "heart_systole.png", look, phase=systole)
    facts, table = json.dumps(twin_json(twin), indent=2), fit_text(twin)
    (folder / "twin.json").write_text(facts + "\n", encoding="utf-8")
    (folder / "fit.txt").write_text(table, encoding="utf-8")
    print(facts if as_json else table)
    print(f"written to {folder}: heart.png, heart_systole.png, fit.txt, twin.json", file=sys.stderr)
    return 0


def _phases(twin: Twin) -> tuple[float, float]:
    volume = twin.baseline.beat.traces["lv_volume"]
    return float(volume.argmax()) / len(volume), float(volume.argmin()) / len(volume)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-test"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(
            "organtwin", "--out", expected="a folder that can be written", got=str(folder),
            remedy=f"Name another folder ({error.strerror}).",
        ) from error  # fmt: skip
