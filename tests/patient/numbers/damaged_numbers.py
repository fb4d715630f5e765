"""Damage done to good files of numbers on purpose: cut off, and with bytes changed."""

from pathlib import Path

import numpy as np

from organtwin.errors import RecordError
from organtwin.patient.numbers import read_numbers

DAMAGES = 200
"""Per reader: half of them cut off, half with three changed bytes."""


def refusals(path: Path, *, seed: int, spared: int) -> list[RecordError]:
    """Read damaged copies of ``path``; any error but ``RecordError`` passes through.

    ``spared`` bytes at the beginning stay, so that the format is still told.
    """
    good = path.read_bytes()
    random = np.random.default_rng(seed)
    damaged = path.with_name(f"damaged{path.suffix}")
    told = []
    for number in range(DAMAGES):
        content = bytearray(good)
        if number % 2:
            del content[int(random.integers(spared, len(good))) :]
        else:
            for place in random.integers(spared, len(good), 3):
                content[place] = int(random.integers(0, 256))
        damaged.write_bytes(content)
        try:
            read_numbers(damaged)
        except RecordError as error:
            told.append(error)
    assert all(all((e.field, e.expected, e.got, e.remedy)) for e in told)
    return told
