"""Recordings from files. One function; the format is told by content, extension or its name."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from organtwin.errors import RecordError, UnknownNameError
from organtwin.patient.channels import canonical_channel
from organtwin.patient.readers.foreign import foreign
from organtwin.patient.readers.formats import BY_EXTENSION, READERS, told_by_content
from organtwin.patient.recording import Recording

_MODULES = {
    "wfdb": ("wfdb_reader", "read_wfdb"), "dicom": ("dicom_reader", "read_dicom"),
    "aecg": ("aecg_reader", "read_aecg"), "scp": ("scp_reader", "read_scp"),
    "philips": ("philips_reader", "read_philips"), "muse": ("muse_reader", "read_muse"),
    "edf": ("edf_reader", "read_edf"), "csv": ("csv_reader", "read_csv"),
}  # fmt: skip
"""Module and function of each reader, imported when first needed."""
_SHIPPED = "pydicom:"


def reader_for(file: str | Path) -> str:
    """Name of the reader for a file: by what it begins with, else by its extension.

    Raises
    ------
    RecordError
        Neither content nor extension belongs to a reader.
    """
    if told := told_by_content(Path(file)):
        return told
    name = str(file).removeprefix(_SHIPPED).lower()
    extension = Path(name.removesuffix(".gz") if name.endswith(".csv.gz") else name).suffix
    if extension not in BY_EXTENSION:
        known = ", ".join(sorted(filter(None, BY_EXTENSION)))
        what, remedy = foreign(Path(file)) or (
            "another format", 'Name the format in the case file: `reader = "wfdb"` or another.'
        )  # fmt: skip
        raise RecordError(
            str(file),
            "extension",
            expected=f"one of {known}",
            got=f"{extension!r}, {what}",
            remedy=remedy,
        )
    return BY_EXTENSION[extension]


def read_recording(
    file: str | Path, *, reader: str | None = None, leads: tuple[str, ...] = ()
) -> Recording:
    """Read a recording completely, or refuse it.

    Parameters
    ----------
    file
        Path of a WFDB header or signal file, or of a file in another format of ``READERS``;
        ``pydicom:<file>`` names a file that ships inside the pydicom package.
    reader
        One of ``READERS``; told by the content or the extension when left out.
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
            str(file), "reader", expected=f"one of {', '.join(READERS)}",
            got=str(UnknownNameError("reader", chosen, READERS)),
            remedy="Leave the reader out to have it told.",
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
    module, function = _MODULES[reader]
    read: Callable[[Path, tuple[str, ...]], Recording] = getattr(
        import_module(f"{__name__}.{module}"), function
    )
    return read(path, leads)


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
