"""Where the program's own data files lie, and where it may keep what it can make again."""

import os
import secrets
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_SECRET = 32
"""Bytes of the user's key, as many as its hash has."""


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


def user_secret() -> bytes:
    """A random key of this user and computer, made when first needed; it is in no case.

    Raises
    ------
    OSError
        The user's folder of data cannot be written.
    """
    path = user_data("secret")
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        secret = b""
    if len(secret) != _SECRET:
        path.parent.mkdir(parents=True, exist_ok=True)
        secret = secrets.token_bytes(_SECRET)
        path.write_bytes(secret)
        path.chmod(0o600)
    return secret


def user_cache(kind: str) -> Path:
    """Folder, perhaps not made yet, for files that are only kept to save time."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(home))) / "organtwin" / kind
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "organtwin" / kind
    return Path(os.environ.get("XDG_CACHE_HOME", str(home / ".cache"))) / "organtwin" / kind


def user_data(name: str) -> Path:
    """Place, perhaps not made yet, of what the user would miss: the library, own drugs."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(home))) / "organtwin-data" / name
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "organtwin" / name
    share = os.environ.get("XDG_DATA_HOME", str(home / ".local" / "share"))
    return Path(share) / "organtwin" / name
