"""The bytes of a file, complete or refused."""

import gzip
import zlib
from pathlib import Path

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import InputError

GZIP_MARK = b"\x1f\x8b"
COPY_AGAIN = "The file is damaged or incomplete: copy or export it again."


def file_bytes(path: Path) -> bytes:
    """All bytes of a file, unzipped when it is gzipped.

    Raises
    ------
    InputError
        The file is missing, empty, unreadable, or its compressed data end early.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            str(path), "file", expected="a file that can be read", got=_reason(error),
            remedy="Check the path and the permission.",
        ) from error  # fmt: skip
    if not content:
        raise InputError(str(path), "file", expected="content", got="0 bytes", remedy=COPY_AGAIN)
    return unzipped(content, path) if content[:2] == GZIP_MARK else content


def unzipped(content: bytes, path: Path) -> bytes:
    """The content of gzipped bytes."""
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            str(path), "compressed data", expected="a complete gzip stream",
            got=_reason(error), remedy=COPY_AGAIN,
        ) from error  # fmt: skip


def text_of(content: bytes, path: Path) -> str:
    """Bytes as text."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            str(path), "text", expected="readable text (UTF-8)",
            got=f"another byte at position {error.start}", remedy=COPY_AGAIN,
        ) from error  # fmt: skip


def numbers_of(words: list[str] | str, path: Path, field: str) -> FloatArray:
    """Words, or a text of words, as numbers."""
    listed = words.split() if isinstance(words, str) else words
    try:
        return np.array(listed, dtype=np.float64)
    except ValueError as error:
        raise InputError(
            str(path), field, expected="numbers", got=_reason(error), remedy=COPY_AGAIN
        ) from error


def too_short(path: Path, field: str, *, expected: int, got: int, what: str) -> InputError:
    """The file ends before what its header announces."""
    return InputError(
        str(path), field, expected=f"{expected} {what} as the header says",
        got=f"{got} {what}", remedy=COPY_AGAIN,
    )  # fmt: skip


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
