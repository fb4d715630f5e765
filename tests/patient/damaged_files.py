"""Damage done to good files on purpose: cut off, and with bytes changed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from organtwin.errors import RecordError
from organtwin.patient.readers import read_recording

DAMAGES = 200
"""Per reader: half of them cut off, half with up to four changed bytes."""


def assert_damage_is_explained(
    path: Path, reader: str, *, seed: int, signed: Callable[[bytes], bytes] = bytes
) -> int:
    """Read ``DAMAGES`` damaged copies of ``path``; any error but ``RecordError`` passes through.

    ``signed`` mends checksums after the damage, so that it gets past them. Returns how many copies
    were refused.
    """
    good = path.read_bytes()
    told: list[tuple[str, ...]] = []
    random = np.random.default_rng(seed)
    damaged = path.with_name(f"damaged{path.suffix}")
    for number in range(DAMAGES):
        content = bytearray(good)
        if number % 2:
            del content[int(random.integers(0, len(good))) :]
        else:
            for place in random.integers(0, len(good), int(random.integers(1, 5))):
                content[place] = int(random.integers(0, 256))
        damaged.write_bytes(signed(bytes(content)))
        try:
            read_recording(damaged, reader=reader)
        except RecordError as error:
            told.append((error.field, error.expected, error.got, error.remedy))
    assert all(all(parts) for parts in told)
    return len(told)
