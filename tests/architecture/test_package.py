"""What ``pip install`` delivers."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_carries_every_asset_where_resources_looks_for_it(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        capture_output=True, check=True, cwd=ROOT,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    contents = set(zipfile.ZipFile(wheel).namelist())
    assets = [path for path in (ROOT / "assets").rglob("*") if path.is_file()]
    expected = {
        f"organtwin/_assets/{path.relative_to(ROOT / 'assets').as_posix()}" for path in assets
    }
    assert expected
    assert expected <= contents
