"""Where the program's own data files lie: beside the source, or inside the installed package."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def asset(relative: str) -> Path:
    """Path of a bundled file or folder, e.g. ``asset("parameters/circulation.toml")``.

    Raises
    ------
    FileNotFoundError
        The file is neither in ``assets/`` of the source tree nor in the installed package.
    """
    for root in (_PACKAGE / "_assets", _PACKAGE.parent / "assets"):
        path = root / relative
        if path.exists():
            return path
    raise FileNotFoundError(f"bundled file {relative!r} is missing; reinstall organtwin")
