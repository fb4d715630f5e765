"""Files that this program does not read: what they are, and how to make them into what it reads."""

from pathlib import Path

from organtwin.errors import RecordError

READ = (
    ".toml or .json (a case), .hea, .dat or .mat (a WFDB recording), .dcm or .dicom (a DICOM one), "
    ".xml (HL7 aECG, Philips, GE MUSE), .scp (SCP-ECG), .edf, "
    ".csv (a table with a .csv.toml that tells what is in it)"
)
_TOOLKIT = (
    "Convert it to DICOM or WFDB first, for example with the ECG Toolkit, "
    "or export DICOM from the archive."
)
_FOREIGN = {
    ".xml": ("an XML file", _TOOLKIT),
    ".ecg": ("a recording in a format of one maker", _TOOLKIT),
    ".bdf": ("a BDF recording", "Convert it to WFDB first, for example with `edf2mit`."),
    ".txt": ("a text", "Convert a signal to WFDB, for example with `wrsamp`; write single values "
             "into a case file."),
    ".pdf": ("a printed report", "Ask for the signal as DICOM or WFDB: a picture has no samples."),
    ".yaml": ("a YAML file", "Write the case as TOML or JSON; see FORMAT.md."),
}  # fmt: skip


def unread(path: Path) -> RecordError:
    """Why ``path``, which is neither a case file nor a recording by its name, is not opened."""
    if path.is_dir():
        return _error(path, "a folder", f"Name a file in it{_inside(path)}.")
    if not path.exists():
        header = path.with_name(f"{path.name}.hea")
        remedy = f"Did you mean {header}?" if header.is_file() else "Check the path."
        return _error(path, "no such file", remedy)
    what, remedy = foreign(path) or (
        "another format" if path.suffix else "a name without an ending",
        "Give the name the ending of its format; see FORMAT.md for what is read.",
    )
    return _error(path, f"{path.suffix!r}, {what}" if path.suffix else what, remedy)


def foreign(path: Path) -> tuple[str, str] | None:
    """What a file of a known other format is, and how to convert it."""
    return _FOREIGN.get(path.suffix.lower())


def _error(path: Path, got: str, remedy: str) -> RecordError:
    field = "file" if path.is_dir() or not path.exists() else "extension"
    return RecordError(str(path), field, expected=READ, got=got, remedy=remedy)


def _inside(folder: Path) -> str:
    endings = (".toml", ".json", ".hea", ".dcm", ".scp", ".edf")
    found = sorted(entry.name for entry in folder.iterdir() if entry.suffix.lower() in endings)
    return f", such as {', '.join(found[:3])}" if found else "; none there can be read"
