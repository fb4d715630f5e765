"""WFDB recordings (PhysioNet): header with ``.dat`` or ``.mat`` signals, one segment or many."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from organtwin.arrays import FloatArray
from organtwin.errors import RecordError
from organtwin.patient.channels import Channel, canonical_channel, values_in_si
from organtwin.patient.readers.wfdb_header import check_header
from organtwin.patient.readers.wfdb_library import wfdb_module
from organtwin.patient.recording import Recording
from organtwin.patient.waveform import Waveform

_FACT = re.compile(r"<?([^:<>]+)>?:\s*(.*)")


def read_wfdb(path: Path, leads: tuple[str, ...] = ()) -> Recording:
    """Read the record that ``path`` (header or signal file) belongs to.

    Every signal is compared with the checksum in its header. A channel that was sampled several
    times per frame keeps its own, higher rate. Samples marked as missing become NaN.

    Raises
    ------
    RecordError
        Naming file, field, expected, got and remedy.
    """
    header = path.with_suffix(".hea")
    with _explained(header):
        check_header(header)
        record = _joined(header)
        _verify_checksums(header)
    waveforms: dict[str, Waveform] = {}
    for index, name_on_file in enumerate(record.sig_name):
        if leads and name_on_file not in leads and _known(name_on_file) not in leads:
            continue
        name = canonical_channel(name_on_file, str(header))
        if name in waveforms:
            raise RecordError(
                str(header), f"lead {name}", expected="each lead once", got="the lead twice",
                remedy="Correct the lead names in the header.",
            )  # fmt: skip
        rate = float(record.fs) * record.samps_per_frame[index]
        waveforms[name] = _waveform(
            Channel(str(header), f"lead {name}", name),
            np.asarray(record.e_p_signal[index], dtype=np.float64), rate, record.units[index],
        )  # fmt: skip
    return Recording(str(header), waveforms, facts=_facts(record.comments))


def _waveform(channel: Channel, samples: FloatArray, rate: float, unit: str) -> Waveform:
    gaps = int(np.count_nonzero(np.isnan(samples)))
    if gaps == len(samples):
        raise RecordError(
            channel.source, channel.field, expected="at least one sample",
            got=f"{gaps} samples, all marked as missing",
            remedy="Leave this lead out by listing the others under `leads` in the case file.",
        )  # fmt: skip
    values = values_in_si(samples, unit, channel, rate)
    return Waveform(
        channel.name, np.arange(len(samples)) / rate, values, unit, channel.source, gaps
    )


def _joined(header: Path) -> Any:
    """The record as one signal per lead.

    The package cannot join a fixed layout (every segment holds the same signals, no layout header)
    with a gap ``~`` in it; that is done here.
    """
    name = str(header.with_suffix(""))
    outline = wfdb_module().rdheader(name)
    if getattr(outline, "layout", "") != "fixed" or "~" not in outline.seg_name:
        return wfdb_module().rdrecord(name, smooth_frames=False)
    parts = wfdb_module().rdrecord(name, smooth_frames=False, m2s=False).segments
    joined = next(part for part in parts if part is not None)
    for part in parts:
        if part is not None and part.sig_name != joined.sig_name:
            raise RecordError(
                str(header), f"segment {part.record_name}",
                expected=f"the signals of the first: {', '.join(joined.sig_name)}",
                got=", ".join(part.sig_name), remedy="Begin the segments with a layout header.",
            )  # fmt: skip
    joined.comments = outline.comments
    joined.e_p_signal = [
        np.concatenate([
            np.full(length * per_frame, np.nan) if part is None else part.e_p_signal[index]
            for part, length in zip(parts, outline.seg_len, strict=True)
        ])
        for index, per_frame in enumerate(joined.samps_per_frame)
    ]  # fmt: skip
    return joined


def _verify_checksums(header: Path) -> None:
    """Compare the 16-bit sum of each signal, before time skew is taken out, with its header."""
    record = wfdb_module().rdrecord(
        str(header.with_suffix("")), physical=False, smooth_frames=False, m2s=False,
        ignore_skew=True,
    )  # fmt: skip
    for segment in getattr(record, "segments", None) or [record]:
        if segment is not None and segment.n_sig and segment.sig_len:
            _verify_segment(header, segment)


def _verify_segment(header: Path, segment: Any) -> None:
    for name, signal, stated in zip(
        segment.sig_name, segment.e_d_signal, segment.checksum, strict=True
    ):
        got = int(np.sum(np.asarray(signal, dtype=np.int64))) % 65536
        if stated is not None and stated % 65536 != got:
            raise RecordError(
                str(header.with_name(f"{segment.record_name}.hea")), f"checksum of lead {name}",
                expected=f"{stated % 65536} as the header states", got=f"{got} from the samples",
                remedy="The samples were altered or damaged: copy the record again.",
            )  # fmt: skip


def _known(name: str) -> str:
    """The canonical name, or the name as it stands where there is none."""
    try:
        return canonical_channel(name, "")
    except RecordError:
        return name


def _facts(comments: list[str]) -> Mapping[str, str]:
    """Header comments of the form ``# Age: 78`` by lower-case name; the rest is no fact."""
    pairs = (_FACT.fullmatch(comment.strip()) for comment in comments)
    return {
        match.group(1).strip().lower(): match.group(2).strip()
        for match in pairs
        if match and match.group(2).strip()
    }


@contextmanager
def _explained(header: Path) -> Iterator[None]:
    """Turn what the wfdb package raises on malformed input into one kind of message."""
    try:
        yield
    except RecordError:
        raise
    except (
        ValueError, LookupError, TypeError, AttributeError, OSError, ArithmeticError, RecursionError
    ) as error:  # fmt: skip
        raise RecordError(
            str(header), "record", expected="a WFDB record that can be decoded",
            got=f"{type(error).__name__}: {error}",
            remedy="Check the signal lines of the header, or copy the record again.",
        ) from error  # fmt: skip
