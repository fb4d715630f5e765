"""One recording in every format that can hold it: the readers must not differ."""

from pathlib import Path

import numpy as np
import pytest

from organtwin.patient.readers import read_recording
from tests.patient.written_edf import write_edf
from tests.patient.written_recordings import ecg_steps, write_wfdb
from tests.patient.written_scp import write_scp
from tests.patient.written_xml_ecg import twelve, write_muse, write_philips

BEATS = np.arange(0.4, 4.0, 0.8)
LEADS = twelve(*(20 * ecg_steps(BEATS, seconds=4.0, height=height) for height in (6.0, 14.0)))
NAMES = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


@pytest.mark.parametrize("kind", ["edf", "scp", "muse", "philips", "csv"])
def test_a_recording_is_the_same_in_wfdb_and_in(tmp_path: Path, kind: str) -> None:
    """Samples are whole steps of each format; WFDB holds them as microvolt."""
    step = {"scp": 2.5, "muse": 4.88, "philips": 5.0}.get(kind, 1.0)
    stored = {name: LEADS[name] for name in NAMES}
    per_unit = f"{1000.0 / step:.17g}(0)/mV"
    truth = read_recording(write_wfdb(tmp_path, "w", LEADS, gain=per_unit)).waveforms
    if kind == "edf":
        path = write_edf(tmp_path, LEADS, dict.fromkeys(LEADS, 500))
    elif kind == "scp":
        path = write_scp(tmp_path, dict(enumerate(stored.values(), start=1)))
    elif kind == "muse":
        path = write_muse(tmp_path, stored)
    elif kind == "philips":
        path = write_philips(tmp_path, LEADS)
    else:
        path = tmp_path / "a.csv"
        table = np.column_stack(list(LEADS.values()))
        np.savetxt(path, table, fmt="%d", delimiter=",", header=",".join(LEADS), comments="")
        channels = "".join(f'{name} = {{ column = "{name}", unit = "uV" }}\n' for name in LEADS)
        path.with_name("a.csv.toml").write_text(f"rate = 500\n[channels]\n{channels}")
    found = read_recording(path).waveforms
    assert set(found) == set(truth)
    for name, wave in found.items():
        assert wave.sampling_rate == pytest.approx(500.0)
        # Derived leads differ by the half step to which the others are rounded.
        assert wave.values == pytest.approx(truth[name].values, abs=0.51e-6 * step)
