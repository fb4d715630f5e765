"""EDF files written by the format's description: fixed fields of text, then data records."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

LIMIT = 32767
"""Digital limits are -32767 and 32767, physical ones as many microvolt: one step is 1 uV."""


def annotations(seconds: float, text: str, samples: int) -> np.ndarray:
    """The list that tells when a record begins, and one text."""
    lists = f"+{seconds:g}\x14\x14\0" + (f"+{seconds:g}\x15{1}\x14{text}\x14\0" if text else "")
    return np.frombuffer(lists.encode().ljust(2 * samples, b"\0"), "<i2")


def write_edf(
    folder: Path, leads: Mapping[str, np.ndarray], rates: Mapping[str, int], *, unit: str = "uV",
    onsets: tuple[float, ...] = (), kind: str = "", patient: str = "X F 02-AUG-1951 X",
) -> Path:  # fmt: skip
    """Whole seconds of whole numbers of microvolt, in records of one second."""
    seconds = len(next(iter(leads.values()))) // next(iter(rates.values()))
    names = [*leads] + (["EDF Annotations"] if onsets else [])
    counts = [rates[name] for name in leads] + ([30] if onsets else [])
    fields = [
        (16, names), (80, [""] * len(names)), (8, [unit] * len(names)),
        (8, [-LIMIT] * len(names)), (8, [LIMIT] * len(names)), (8, [-LIMIT] * len(names)),
        (8, [LIMIT] * len(names)), (80, [""] * len(names)), (8, counts), (32, [""] * len(names)),
    ]  # fmt: skip
    head = f"{'0':8}{patient:80}{'Startdate 13-MAY-2019':80}13.05.1914.05.09"
    head += f"{256 * (len(names) + 1):<8}{kind:44}{seconds:<8}{1:<8}{len(names):<4}"
    head += "".join(f"{value!s:{width}}" for width, values in fields for value in values)
    content = head.encode("latin-1")
    for second in range(seconds):
        for name, signal in leads.items():
            part = signal[second * rates[name] : (second + 1) * rates[name]]
            content += part.astype("<i2").tobytes()
        if onsets:
            content += annotations(onsets[second], f"mark {second}", 30).tobytes()
    path = folder / "a.edf"
    path.write_bytes(content)
    return path
