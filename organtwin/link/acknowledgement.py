"""The answer that MLLP asks of a receiver (HL7 v2.5.1, chapters 2.9 and 2.15.8).

AA: taken. AE: read, but something in it could not be used, which the answer names. AR: not taken;
no result message, or one that cannot be read.
"""

from datetime import UTC, datetime

from organtwin.errors import RecordError
from organtwin.patient.readers.hl7_message import Segment, message_of

_ESCAPES = {
    "\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\r": " ", "\n": " ",
}  # fmt: skip
_LONGEST = 500
"""Characters of a reason; the rest of many is counted."""


def acknowledgement(header: Segment | None, code: str, reasons: tuple[str, ...] = ()) -> bytes:
    """The answer to the message with this ``MSH``; without one, to nobody by name."""

    def part(field: int) -> str:
        return "" if header is None else _written(header.text(field))

    now = datetime.now(UTC)
    stamp = now.strftime("%Y%m%d%H%M%S+0000")
    trigger = "" if header is None else _written(header.text(9, 2))
    control = part(10)
    kind = "^".join(filter(None, ("ACK", trigger, "ACK")))
    lines = [
        f"MSH|^~\\&|{part(5)}|{part(6)}|{part(3)}|{part(4)}|{stamp}||{kind}"
        f"|{now:%H%M%S%f}|{part(11) or 'P'}|{part(12) or '2.6'}||||||UNICODE UTF-8",
        f"MSA|{code}|{control}",
    ]
    if reasons:
        number = "207^Application internal error^HL70357" if code == "AE" else (
            "200^Unsupported message type^HL70357"
        )  # fmt: skip
        text = _written("; ".join(reasons)[:_LONGEST])
        lines.append(f"ERR|||{number}|E||||{text}")
    return ("\r".join(lines) + "\r").encode()


def header_in(beginning: bytes) -> Segment | None:
    """The ``MSH`` at the beginning of a message that cannot be read as a whole, if there is one."""
    line = beginning.split(b"\r")[0].split(b"\n")[0]
    try:
        return message_of(line, "").header
    except RecordError:
        return None


def _written(text: str) -> str:
    return "".join(_ESCAPES.get(sign, sign) for sign in text)
