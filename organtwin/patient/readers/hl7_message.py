"""HL7 version 2 messages: segments, fields, repetitions, components and subcomponents, unescaped.

Only the grammar, in the classic encoding with delimiters (HL7 v2.5.1, chapter 2): what a segment
means is said by whoever asks it. Fields are numbered as in the standard, from 1; ``MSH-1`` is the
field separator itself. ``""`` (two quotation marks) is HL7's own word for "delete this value" and
is handed on as it stands; an empty text says that nothing was sent.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from organtwin.errors import RecordError

LARGEST = 50_000_000
"""Bytes of one message; a day of numerics has less than a tenth of it."""
_DEFAULT_ENCODING = "^~\\&"
_CHARACTER_SETS = {
    "": "utf-8", "ASCII": "ascii", "UNICODE UTF-8": "utf-8", "UNICODE": "utf-8", "UTF-8": "utf-8",
    **{f"8859/{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
}  # fmt: skip
"""``MSH-18`` (HL7 table 0211) as Python says it. Nothing sent means ASCII, of which UTF-8 is a
superset that fails on anything else."""
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_ENDS = re.compile(r"\r\n|\r|\n")
_BATCH = ("FHS", "BHS", "BTS", "FTS")
"""Envelopes of a batch file (chapter 2.10.3); they carry no results."""
_MOMENT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)?(?P<day>\d\d)?(?P<hour>\d\d)?(?P<minute>\d\d)?"
    r"(?P<second>\d\d)?(?P<fraction>\.\d+)?(?P<zone>[+-]\d{4})?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The signs that a message chose in ``MSH-1`` and ``MSH-2``; an empty one is not in use."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str

    def parts(self, text: str, sign: str) -> list[str]:
        return text.split(sign) if sign else [text]

    def unescaped(self, text: str) -> str:
        r"""Escapes (chapter 2.7) replaced: delimiters, ``\.br\`` and hexadecimal bytes.

        Marks of highlighting are dropped, since they change no word. An escape that is not known
        stays as written, so that nothing is lost.
        """
        if not self.escape or self.escape not in text:
            return text
        sign = re.escape(self.escape)
        return re.sub(f"{sign}([^{sign}]*){sign}", lambda found: self._meant(found), text)

    def _meant(self, found: re.Match[str]) -> str:
        code = found[1]
        simple = {
            "F": self.field, "S": self.component, "R": self.repetition, "E": self.escape,
            "T": self.subcomponent, "H": "", "N": "", ".br": "\n", ".sp": "\n",
        }  # fmt: skip
        if code in simple:
            return simple[code]
        if code.startswith("X") and re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", code):
            return bytes.fromhex(code[1:]).decode("utf-8", "backslashreplace")
        return found[0]


@dataclass(frozen=True, slots=True)
class Segment:
    """One line of a message; ``fields[0]`` is field 1, as it stands in the message."""

    name: str
    fields: tuple[str, ...]
    delimiters: Delimiters

    def raw(self, field: int) -> str:
        """Field ``field`` with its delimiters and escapes; empty where none was sent."""
        return self.fields[field - 1] if 1 <= field <= len(self.fields) else ""

    def text(
        self, field: int, component: int = 1, *, subcomponent: int = 1, repetition: int = 1
    ) -> str:
        """One unescaped part of a field without outer blanks, each counted from 1; empty if absent.

        Without its sign a part has one part: the first component of ``120`` is ``120``.
        """
        signs = self.delimiters
        part = self.raw(field)
        for sign, number in (
            (signs.repetition, repetition),
            (signs.component, component),
            (signs.subcomponent, subcomponent),
        ):
            parts = signs.parts(part, sign)
            if not 1 <= number <= len(parts):
                return ""
            part = parts[number - 1]
        return signs.unescaped(part).strip()

    def components(self, field: int, repetition: int = 1) -> tuple[str, ...]:
        """All unescaped components of one repetition of a field; none for an empty field."""
        every = self.repetitions(field)
        return every[repetition - 1] if 1 <= repetition <= len(every) else ()

    def repetitions(self, field: int) -> tuple[tuple[str, ...], ...]:
        """A field as repetitions of unescaped components; none for an empty field."""
        raw, signs = self.raw(field), self.delimiters
        if not raw:
            return ()
        return tuple(
            tuple(signs.unescaped(part).strip() for part in signs.parts(text, signs.component))
            for text in signs.parts(raw, signs.repetition)
        )


@dataclass(frozen=True, slots=True)
class Message:
    """One message, its segments in order; ``source`` is the file or sender, for messages."""

    source: str
    segments: tuple[Segment, ...]

    @property
    def header(self) -> Segment:
        """Its ``MSH``."""
        return self.segments[0]

    @property
    def kind(self) -> str:
        """``ORU^R01``: message code and trigger event."""
        return "^".join(filter(None, (self.header.text(9, 1), self.header.text(9, 2))))

    @property
    def control_id(self) -> str:
        """``MSH-10``, by which an answer names this message."""
        return self.header.text(10)

    def first(self, name: str) -> Segment | None:
        return next((segment for segment in self.segments if segment.name == name), None)

    def every(self, name: str) -> tuple[Segment, ...]:
        return tuple(segment for segment in self.segments if segment.name == name)


def is_hl7(beginning: bytes) -> bool:
    """Whether a file begins like an HL7 version 2 message or a batch of them."""
    start = beginning.lstrip(b"\xef\xbb\xbf\x0b\r\n \t")
    return bool(re.match(rb"(?:MSH|FHS|BHS)([^\w\s])[^\w\s]{1,5}\1", start))


def message_of(content: bytes, source: str) -> Message:
    """The one message in ``content``.

    Raises
    ------
    RecordError
        It is none, more than one, or in another character set than it says.
    """
    messages = messages_of(content, source)
    if len(messages) != 1:
        raise RecordError(
            source, "MSH", expected="one message", got=f"{len(messages)} messages",
            remedy="Send each message in a frame of its own.",
        )  # fmt: skip
    return messages[0]


def messages_of(content: bytes, source: str) -> tuple[Message, ...]:
    """All messages of a file or a batch, in order; MLLP frames around them are taken off.

    Raises
    ------
    RecordError
        There is none, one is malformed (the line is named), or it is in another character set than
        it says.
    """
    if len(content) > LARGEST:
        raise RecordError(
            source, "length", expected=f"at most {LARGEST} bytes", got=f"{len(content)} bytes",
            remedy="Send or export fewer results at a time.",
        )  # fmt: skip
    lines = _ENDS.split(_decoded(content, source))
    groups: list[list[tuple[int, str]]] = []
    for number, line in enumerate(lines, start=1):
        words = line.strip("\x0b\x1c\ufeff \t")
        if not words or words[:3] in _BATCH:
            continue
        if words.startswith("MSH"):
            groups.append([])
        if not groups:
            raise _malformed(source, number, "MSH, with which a message begins", words[:20])
        groups[-1].append((number, words))
    if not groups:
        raise RecordError(
            source, "MSH", expected="an HL7 version 2 message", got="no MSH segment",
            remedy="Send or export the results again as HL7 version 2.",
        )  # fmt: skip
    return tuple(_message(group, source) for group in groups)


def moment_of(text: str, source: str, field: str) -> datetime:
    """A time of HL7 (``YYYY[MM[DD[HH[MM[SS[.S]]]]]][+ZZZZ]``); aware only if it has a zone.

    Parts that were not sent are the earliest.

    Raises
    ------
    RecordError
        It is no time.
    """
    found = _MOMENT.fullmatch(text.strip())
    try:
        if found is None or (found["fraction"] and not found["second"]):
            raise ValueError(text)  # noqa: TRY301
        day = [int(found[name] or "1") for name in ("year", "month", "day")]
        clock = [int(found[name] or "0") for name in ("hour", "minute", "second")]
        at = datetime(*day, *clock)  # type: ignore[arg-type]
        at += timedelta(seconds=float(found["fraction"] or 0.0))
        return at if found["zone"] is None else at.replace(tzinfo=_zone(found["zone"]))
    except (ValueError, OverflowError) as error:
        raise RecordError(
            source, field, expected="a time such as 20240131120500.250+0100", got=text or "nothing",
            remedy="Correct the clock or the format of the sending system.",
        ) from error  # fmt: skip


def _zone(text: str) -> timezone:
    hours, minutes = int(text[1:3]), int(text[3:5])
    if hours > 14 or minutes > 59:
        raise ValueError(text)
    shift = timedelta(hours=hours, minutes=minutes)
    return timezone(-shift if text[0] == "-" else shift) if shift else UTC


def _decoded(content: bytes, source: str) -> str:
    """The text in the character set that the first header names."""
    header = re.search(rb"MSH([^\r\n])[^\r\n]*", content)
    fields = header[0].split(header[1]) if header else []
    named = fields[17].decode("ascii", "replace").strip() if len(fields) > 17 else ""
    first = re.split(r"[~^]", named)[0].strip().upper()
    if first not in _CHARACTER_SETS:
        raise RecordError(
            source, "MSH-18 (character set)", expected="UNICODE UTF-8, ASCII or 8859/1 to 8859/15",
            got=first, remedy="Let the sending system use UNICODE UTF-8.",
        )  # fmt: skip
    try:
        return content.decode(_CHARACTER_SETS[first])
    except UnicodeDecodeError as error:
        raise RecordError(
            source, "MSH-18 (character set)", expected=f"text in {first or 'ASCII or UTF-8'}",
            got=f"byte 0x{content[error.start]:02x} at {error.start}",
            remedy="Let the sending system name the character set that it uses in MSH-18.",
        ) from error  # fmt: skip


def _message(lines: list[tuple[int, str]], source: str) -> Message:
    number, header = lines[0]
    signs = _delimiters(header, number, source)
    # MSH-1 is the separator itself, so that fields count from it.
    msh = Segment("MSH", (signs.field, *header[4:].split(signs.field)), signs)
    segments = [msh]
    for number, line in lines[1:]:
        name, *fields = line.split(signs.field)
        if not _NAME.fullmatch(name):
            raise _malformed(source, number, "a segment such as OBX", name[:20])
        segments.append(Segment(name, tuple(fields), signs))
    return Message(source, tuple(segments))


def _delimiters(header: str, number: int, source: str) -> Delimiters:
    separator = header[3:4]
    encoding = header[4:].split(separator)[0] if separator else ""
    signs = separator + encoding
    fine = 1 <= len(encoding) <= 5 and len(set(signs)) == len(signs)
    if not fine or any(sign.isalnum() or sign.isspace() for sign in signs):
        raise _malformed(source, number, f"MSH|{_DEFAULT_ENCODING} or other signs", header[:12])
    return Delimiters(separator, *(encoding[place : place + 1] for place in range(4)))


def _malformed(source: str, line: int, expected: str, got: str) -> RecordError:
    return RecordError(
        source, f"line {line}", expected=expected, got=got or "nothing",
        remedy="Send or export the message again: it is damaged or no HL7 version 2.",
    )  # fmt: skip
