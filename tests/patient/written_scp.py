"""SCP-ECG records written byte by byte, by the format's description and not by the reader."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

NANOVOLTS, MICROSECONDS = 2500, 2000


def crc(content: bytes) -> int:
    """CRC of CCITT, bit by bit."""
    register = 0xFFFF
    for byte in content:
        register ^= byte << 8
        for _ in range(8):
            register = ((register << 1) ^ (0x1021 if register & 0x8000 else 0)) & 0xFFFF
    return register


def signed(content: bytes) -> bytes:
    """The record with all its CRC and its length put right, as far as its sections are found."""
    whole = bytearray(content)
    if len(whole) < 32:
        return bytes(whole)
    struct.pack_into("<I", whole, 2, len(whole))
    (length,) = struct.unpack_from("<I", whole, 10)
    for number in range(max(0, min(length - 16, 200)) // 10):
        if 22 + 10 * number + 10 > len(whole):
            break
        _, size, position = struct.unpack_from("<HII", whole, 22 + 10 * number)
        if size >= 16 and position >= 7 and position - 1 + size <= len(whole):
            begin = position - 1
            struct.pack_into("<H", whole, begin, crc(bytes(whole[begin + 2 : begin + size])))
    struct.pack_into("<H", whole, 0, crc(bytes(whole[2:])))
    return bytes(whole)


def huffman(values: Sequence[int]) -> bytes:
    """Values in the default table of EN 1064, annex C."""
    bits = ""
    for value in values:
        if value == 0:
            bits += "0"
        elif abs(value) <= 8:
            bits += "1" * abs(value) + "0" + ("1" if value < 0 else "0")
        elif -128 <= value < 128:
            bits += "1111111110" + f"{value & 0xFF:08b}"
        else:
            bits += "1111111111" + f"{value & 0xFFFF:016b}"
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def coded(signal: np.ndarray, order: int, *, packed: bool) -> bytes:
    steps = [*signal[:order], *np.diff(signal, order)] if order else list(signal)
    steps = [int(step) for step in steps]
    return huffman(steps) if packed else np.array(steps, "<i2").tobytes()


def signal_section(signals: Sequence[np.ndarray], order: int, *, packed: bool) -> bytes:
    parts = [coded(signal, order, packed=packed) for signal in signals]
    head = struct.pack("<HHBB", NANOVOLTS, MICROSECONDS, order, 0)
    return head + b"".join(struct.pack("<H", len(part)) for part in parts) + b"".join(parts)


def record(bodies: Mapping[int, bytes]) -> bytes:
    """A record of sections by number, in that order; section 0 is made here."""
    pointers, placed = [(0, 16 + 10 * (len(bodies) + 1), 7)], b""
    position = 7 + pointers[0][1]
    for number, body in bodies.items():
        pointers.append((number, 16 + len(body), position))
        placed += struct.pack("<HHIBB6x", 0, number, 16 + len(body), 20, 20) + body
        position += 16 + len(body)
    listed = b"".join(struct.pack("<HII", *pointer) for pointer in pointers)
    first = struct.pack("<HHIBB6s", 0, 0, 16 + len(listed), 20, 20, b"SCPECG") + listed
    return signed(struct.pack("<HI", 0, 0) + first + placed)


def patient() -> bytes:
    """A woman of 61 years, 13 May 2019, 14:05:09."""
    tags = {4: struct.pack("<HB", 61, 1), 8: b"\2", 25: struct.pack("<HBB", 2019, 5, 13),
            26: bytes((14, 5, 9)), 255: b""}  # fmt: skip
    return b"".join(struct.pack("<BH", tag, len(value)) + value for tag, value in tags.items())


def lead_section(numbers: Sequence[int], samples: int, *, subtracted: bool = False) -> bytes:
    rows = b"".join(struct.pack("<IIB", 1, samples, number) for number in numbers)
    return bytes((len(numbers), 4 | subtracted | len(numbers) << 3 & 0xFF)) + rows


def write_scp(
    folder: Path, leads: Mapping[int, np.ndarray], *, order: int = 2, packed: bool = True
) -> Path:
    """Signals by the number of their lead, in steps of 2.5 uV at 500 Hz."""
    samples = len(next(iter(leads.values())))
    bodies = {1: patient(), 3: lead_section(tuple(leads), samples)}
    if packed:
        bodies[2] = struct.pack("<H", 19999)
    bodies[6] = signal_section(tuple(leads.values()), order, packed=packed)
    bodies[7] = struct.pack("<BBHHHHHHHhhh", 1, 0, 820, 29999, 100, 190, 260, 352, 640, 0, 0, 0)
    path = folder / "a.scp"
    path.write_bytes(record(bodies))
    return path
