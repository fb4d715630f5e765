"""Recordings from files. One function; the format is told by the extension or by its name."""

from pathlib import Path

from organtwin.errors import RecordError, UnknownNameError
from organtwin.patient.channels import canonical_channel
from organtwin.patient.readers.foreign import foreign, is_aecg
from organtwin.patient.recording import Recording

READERS = ("wfdb", "dicom", "aecg")
_BY_EXTENSION = {".hea": "wfdb", ".dat": "wfdb", ".mat": "wfdb", "": "wfdb",
                 ".dcm": "dicom", ".dicom": "dicom"}  # fmt: skip
_SHIPPED = "pydicom:"


def reader_for(file: str | Path) -> str:
    """Name of the reader for a file, by extension: ``wfdb``, ``dicom``; an aECG by its beginning.

    Raises
    ------
    RecordError
        The extension belongs to no reader.
    """
    extension = Path(str(file).removeprefix(_SHIPPED)).suffix.lower()
    if is_aecg(Path(file)):
        return "aecg"
    if extension not in _BY_EXTENSION:
        known = ", ".join(sorted(filter(None, _BY_EXTENSION)))
        what, remedy = foreign(Path(file)) or (
            "another format", 'Name the format in the case file: `reader = "wfdb"` or `"dicom"`.'
        )  # fmt: skip
        raise RecordError(
            str(file),
            "extension",
            expected=f"one of {known}",
            got=f"{extension!r}, {what}",
            remedy=remedy,
        )
    return _BY_EXTENSION[extension]


def read_recording(
    file: str | Path, *, reader: str | None = None, leads: tuple[str, ...] = ()
) -> Recording:
    """Read a recording completely, or refuse it.

    Parameters
    ----------
    file
        Path of a WFDB header or signal file, a DICOM file or an HL7 aECG file;
        ``pydicom:<file>`` names a file that ships inside the pydicom package.
    reader
        ``wfdb``, ``dicom`` or ``aecg``; told by the extension when left out.
    leads
        The channels wanted; all when empty. Others are then not looked at.

    Raises
    ------
    RecordError
        Naming file, field, expected, got and remedy.
    """
    chosen = reader_for(file) if reader is None else reader
    if chosen not in READERS:
        raise RecordError(
            str(file), "reader", expected="'wfdb', 'dicom' or 'aecg'",
            got=str(UnknownNameError("reader", chosen, READERS)),
            remedy="Leave the reader out to have it told by the extension.",
        )  # fmt: skip
    path = _shipped(str(file)) if str(file).startswith(_SHIPPED) else Path(file)
    if path.is_dir():
        raise RecordError(
            str(path), "file", expected="a recording", got="a folder",
            remedy="Name the .hea or .dcm file in it.",
        )  # fmt: skip
    wanted = tuple(canonical_channel(lead, str(path)) for lead in leads)
    recording = _read(chosen, path, wanted)
    missing = [lead for lead in wanted if lead not in recording.waveforms]
    if missing:
        held = ", ".join(recording.waveforms) or "nothing"
        raise RecordError(
            str(path), f"lead {missing[0]}", expected="a lead of this recording",
            got="a recording without it",
            remedy=f"Leave it out of `leads`. Of those asked for, the file has: {held}.",
        )  # fmt: skip
    return recording


def _read(reader: str, path: Path, leads: tuple[str, ...]) -> Recording:
    if reader == "wfdb":
        from organtwin.patient.readers.wfdb_reader import read_wfdb

        return read_wfdb(path, leads)
    if reader == "aecg":
        from organtwin.patient.readers.aecg_reader import read_aecg

        return read_aecg(path, leads)
    from organtwin.patient.readers.dicom_reader import read_dicom

    return read_dicom(path, leads)


def _shipped(file: str) -> Path:
    """Path of a file inside the installed pydicom package; the network is never asked."""
    from pydicom.data import get_testdata_file

    name = file.removeprefix(_SHIPPED)
    path = get_testdata_file(name, download=False)
    if path is None:
        raise RecordError(
            file, "file", expected="a file that ships in the pydicom package", got=repr(name),
            remedy="Check the name, e.g. pydicom:waveform_ecg.dcm, or reinstall pydicom.",
        )  # fmt: skip
    return Path(str(path))
