"""Recordings that several tests of this folder use."""

from pathlib import Path

import numpy as np
import pytest

from tests.patient.written_recordings import ecg_steps, write_wfdb


@pytest.fixture
def two_leads(tmp_path: Path) -> Path:
    """Header of a good record: leads I and II, 10 s at 500 Hz, one beat per second."""
    beats = np.arange(0.5, 10.0, 1.0)
    return write_wfdb(
        tmp_path, "two", {"I": ecg_steps(beats, height=600.0), "II": ecg_steps(beats)}
    )


@pytest.fixture
def shipped_ecg() -> Path:
    """The 12-lead ECG inside the pydicom package."""
    from pydicom.data import get_testdata_file

    return Path(str(get_testdata_file("waveform_ecg.dcm", download=False)))
