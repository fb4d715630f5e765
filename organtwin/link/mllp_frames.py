"""The framing of HL7 over a stream of bytes (MLLP, release 1): 0x0b, message, 0x1c 0x0d."""

from dataclasses import dataclass

START, END = b"\x0b", b"\x1c\r"
LARGEST = 4_000_000
"""Bytes of one message: 10 s of 40 waveforms at 500 Hz printed with seven digits are 1.6 MB."""
_KEPT = 2_000
"""Bytes of a refused frame that are kept; its header, by which the refusal is answered."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A message, or the beginning of one and the ``fault`` for which it is not taken."""

    content: bytes
    fault: str = ""


class Frames:
    """Cuts what arrives into frames, however the network has split it.

    Bytes between two frames mean nothing in MLLP; they are skipped and counted in ``garbage``.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._buffer = bytearray()
        self._inside, self._scanned = False, 0
        self._refused: bytes | None = None
        self.garbage = 0

    def feed(self, data: bytes) -> list[Frame]:
        """Take in bytes; the frames that they complete."""
        self._buffer += data
        found: list[Frame] = []
        while self._buffer:
            if not self._inside and not self._began():
                break
            frame = self._next()
            if frame is None:
                break
            found.append(frame)
        return found

    def _began(self) -> bool:
        at = self._buffer.find(START)
        self.garbage += len(self._buffer) if at < 0 else at
        del self._buffer[: len(self._buffer) if at < 0 else at + 1]
        self._inside, self._scanned = at >= 0, 0
        return self._inside

    def _next(self) -> Frame | None:
        buffer = self._buffer
        end = buffer.find(END, max(self._scanned - 1, 0))
        again = buffer.find(START, self._scanned)
        if again >= 0 and (end < 0 or again < end):
            return self._close(again, again, "its end was lost: the next message began inside it")
        if end >= 0:
            fault = "" if end <= self._largest else self._too_long()
            return self._close(end, end + len(END), fault)
        if self._refused is not None or len(buffer) > self._largest:
            if self._refused is None:
                self._refused = bytes(buffer[:_KEPT])
            del buffer[:-1]  # a last 0x1c may be half of the end
        self._scanned = len(buffer)
        return None

    def _close(self, end: int, after: int, fault: str) -> Frame:
        content = bytes(self._buffer[:end])
        if self._refused is not None:
            content, fault = self._refused, fault or self._too_long()
        del self._buffer[:after]
        self._inside, self._scanned, self._refused = False, 0, None
        return Frame(content[:_KEPT] if fault else content, fault)

    def _too_long(self) -> str:
        return f"longer than {self._largest} bytes"


def framed(content: bytes) -> bytes:
    return START + content + END
