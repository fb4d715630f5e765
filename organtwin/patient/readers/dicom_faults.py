"""What pydicom raises on a malformed file, as one kind of message."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager

from organtwin.errors import RecordError


@contextmanager
def dicom_explained(source: str, what: str) -> Iterator[None]:
    """Turn what reading a malformed DICOM file raises into a ``RecordError``.

    Parameters
    ----------
    source
        The file, for the message.
    what
        What it should be, such as ``DICOM waveform``.
    """
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        yield
    except RecordError:
        raise
    except InvalidDicomError as error:
        raise RecordError(
            source, "file", expected="a DICOM file", got="a file without the DICOM mark",
            remedy="Choose a DICOM file, or name the right `reader` in the case file.",
        ) from error  # fmt: skip
    except (
        ValueError, LookupError, TypeError, AttributeError, OSError, ArithmeticError,
        NotImplementedError, BytesLengthException, struct.error, RecursionError,
    ) as error:  # fmt: skip
        raise RecordError(
            source, "DICOM data set", expected=f"a complete {what}",
            got=f"{type(error).__name__}: {error}", remedy="Copy or export the file again.",
        ) from error  # fmt: skip
