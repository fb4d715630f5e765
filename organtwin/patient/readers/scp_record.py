"""Structure of an SCP-ECG record (EN 1064, ISO 11073-91064): checked sections, patient, marks.

A record is a CRC, its length, and sections of 16 bytes of header and a body; section 0 lists the
others. Numbers are little-endian and positions count from 1. Every CRC is that of CCITT
(polynomial 0x1021, started at 0xFFFF) over what follows it.
"""

import struct
from binascii import crc_hqx
from collections.abc import Iterator, Mapping
from datetime import datetime

from organtwin.errors import RecordError

_HEADER = 16
_LONGEST_LIST = 65536
"""[bytes] of section 0: more than six thousand sections; the format knows twelve."""
_UNDEFINED = (0, 29999, 0xFFFF)
"""Values that stand for "not measured" (EN 1064 5.10)."""
_SEXES = {1: "male", 2: "female"}
_AGES = {1: "years", 2: "months", 3: "weeks", 4: "days"}
_METRES = {1: 0.01, 2: 0.0254, 3: 0.001}
_KILOGRAMS = {1: 1.0, 2: 0.001, 3: 0.45359237, 4: 0.028349523125}


def is_scp(beginning: bytes) -> bool:
    """Whether a file begins like an SCP-ECG record: section 0 at byte 7, which lists itself."""
    if len(beginning) < 32:
        return False
    number, length = struct.unpack_from("<HI", beginning, 8)
    listed, _, position = struct.unpack_from("<HII", beginning, 22)
    return (number, listed, position) == (0, 0, 7) and bool(26 <= length <= _LONGEST_LIST)


def sections(content: bytes, source: str) -> Mapping[int, bytes]:
    """Bodies of the sections of a record by their number, each with its CRC checked.

    Raises
    ------
    RecordError
        It is no SCP-ECG record, it is cut off, or a CRC is wrong.
    """
    if not is_scp(content):
        raise RecordError(
            source, "section 0", expected="the list of sections of an SCP-ECG record",
            got="something else", remedy="Choose an SCP-ECG file, or copy this one again.",
        )  # fmt: skip
    (stated,) = struct.unpack_from("<I", content, 2)
    if stated != len(content):
        state = "truncated" if stated > len(content) else "longer than it says"
        raise RecordError(
            source, "record length", expected=f"{stated} bytes as the record states",
            got=f"{len(content)} bytes: the file is {state}", remedy="Copy the file again.",
        )  # fmt: skip
    _check_crc(content, source, "CRC of the record")
    found = {}
    for number, length, position in _pointers(content):
        if length:
            found[number] = _section(content, (number, length, position), source)
    return found


def _pointers(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Number, length and position of each section that section 0 lists."""
    (length,) = struct.unpack_from("<I", content, 10)
    yield from struct.iter_unpack(
        "<HII", content[6 + _HEADER : 6 + _HEADER + (length - 16) // 10 * 10]
    )


def _section(content: bytes, pointer: tuple[int, int, int], source: str) -> bytes:
    number, length, position = pointer
    field = f"section {number}"
    whole = content[position - 1 : position - 1 + length]
    if position < 7 or length < _HEADER or len(whole) < length:
        raise RecordError(
            source, field, expected=f"{length} bytes from byte {position}",
            got=f"a record of {len(content)} bytes", remedy="Copy or export the file again.",
        )  # fmt: skip
    said, size = struct.unpack_from("<HI", whole, 2)
    if (said, size) != (number, length):
        raise RecordError(
            source, field, expected=f"section {number} of {length} bytes, as section 0 lists it",
            got=f"section {said} of {size} bytes", remedy="Copy or export the file again.",
        )  # fmt: skip
    _check_crc(whole, source, f"CRC of section {number}")
    return whole[_HEADER:]


def _check_crc(content: bytes, source: str, field: str) -> None:
    (stated,) = struct.unpack_from("<H", content)
    computed = crc_hqx(content[2:], 0xFFFF)
    if stated != computed:
        raise RecordError(
            source, field, expected=f"{stated:#06x} as stated",
            got=f"{computed:#06x} from the bytes",
            remedy="The file was altered or damaged: copy or export it again.",
        )  # fmt: skip


def patient_facts(body: bytes) -> tuple[dict[str, str], datetime | None]:
    """What section 1 tells of patient and recorder, and when the recording began, if it tells.

    Names and numbers of the patient are left alone; a date that does not exist is left out.
    """
    facts: dict[str, str] = {}
    tags = dict(_tags(body))
    if len(tags.get(8, b"")) >= 1 and tags[8][0] in _SEXES:
        facts["sex"] = _SEXES[tags[8][0]]
    age = _scaled(tags.get(4, b""))
    if age and age[1] in _AGES:
        facts["age"] = f"{age[0]} {_AGES[age[1]]}"
    for tag, name, units in ((6, "height [m]", _METRES), (7, "weight [kg]", _KILOGRAMS)):
        size = _scaled(tags.get(tag, b""))
        if size and size[1] in units:
            facts[name] = f"{size[0] * units[size[1]]:.6g}"
    if len(tags.get(14, b"")) >= 14:
        facts["recorder"] = tags[14][8:14].split(b"\0")[0].decode("latin-1")
    began = _began(tags.get(25, b""), tags.get(26, b""))
    if began is not None:
        facts["date"], facts["time"] = began.strftime("%Y%m%d"), began.strftime("%H:%M:%S")
    return facts, began


def _tags(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Fields of section 1: tag, length in two bytes, value; 255 ends them."""
    place = 0
    while place + 3 <= len(body) and body[place] != 255:
        tag, length = struct.unpack_from("<BH", body, place)
        yield tag, body[place + 3 : place + 3 + length]
        place += 3 + length


def _scaled(value: bytes) -> tuple[int, int] | None:
    """Number and code of its unit; zero means "not stated"."""
    if len(value) < 3:
        return None
    number, unit = struct.unpack_from("<HB", value)
    return (number, unit) if number else None


def _began(day: bytes, clock: bytes) -> datetime | None:
    if len(day) < 4 or len(clock) < 3:
        return None
    try:
        return datetime(*struct.unpack_from("<HBB", day), *clock[:3])
    except ValueError:
        return None


def interval_marks(body: bytes) -> dict[str, float]:
    """RR, PR, QRS and QT [s] of section 7: its first block is that of the reference beat.

    The block marks begin and end of P, of QRS and the end of T [ms].
    """
    blocks, _, rr = struct.unpack_from("<BBH", body)
    found = {} if rr in _UNDEFINED else {"rr_interval": 1e-3 * rr}
    if not blocks:
        return found
    p_begin, _, qrs_begin, qrs_end, t_end = struct.unpack_from("<5H", body, 6)
    spans = {
        "pr_interval": (p_begin, qrs_begin),
        "qrs_duration": (qrs_begin, qrs_end),
        "qt_interval": (qrs_begin, t_end),
    }
    for name, (begin, end) in spans.items():
        if begin not in _UNDEFINED and end not in _UNDEFINED:
            found[name] = 1e-3 * (end - begin)
    return found


def statements(body: bytes) -> str:
    """The texts of section 8, joined."""
    place, said = 9, []
    for _ in range(body[8]):
        _, length = struct.unpack_from("<BH", body, place)
        said.append(body[place + 3 : place + 3 + length].rstrip(b"\0").decode("latin-1").strip())
        place += 3 + length
    return "; ".join(filter(None, said))
