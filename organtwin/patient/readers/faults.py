"""One kind of message for whatever goes wrong inside a file of a foreign format."""

import binascii
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from organtwin.errors import RecordError, UnitError

_MALFORMED = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, OSError, struct.error,
    binascii.Error,
)  # fmt: skip


@contextmanager
def explained(source: str, kind: str) -> Iterator[None]:
    """Turn what reading a malformed file raises into a ``RecordError``; ``kind`` names the format.

    Raises
    ------
    RecordError
        In place of any error of parsing, decoding or arithmetic; those already explained pass.
    """
    try:
        yield
    except RecordError:
        raise
    except UnitError as error:
        raise RecordError(
            source, error.field, expected=error.expected, got=error.got, remedy=error.remedy
        ) from error
    except (expat.ExpatError, ParseError) as error:
        raise RecordError(
            source, "XML", expected="a complete XML document", got=f"{error}",
            remedy="Copy or export the file again: it is damaged or cut off.",
        ) from error  # fmt: skip
    except _MALFORMED as error:
        raise RecordError(
            source, kind, expected=f"a complete {kind} file",
            got=f"{type(error).__name__}: {error}", remedy="Copy or export the file again.",
        ) from error  # fmt: skip


def content_of(path: Path) -> bytes:
    """All bytes of the file at ``path``.

    Raises
    ------
    RecordError
        There is no such file, or it holds nothing.
    """
    if not path.is_file():
        raise RecordError(
            str(path), "file", expected="a recording", got="no such file",
            remedy="Check the path in the case file; it is relative to the case file.",
        )  # fmt: skip
    content = path.read_bytes()
    if not content:
        raise RecordError(
            str(path), "file", expected="a recording", got="an empty file",
            remedy="Copy or export the file again.",
        )  # fmt: skip
    return content
