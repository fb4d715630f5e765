"""``organtwin pack`` and ``organtwin unpack``."""

import json
from pathlib import Path

from organtwin.patient.case_file import DEFAULT_CASE
from organtwin.store.packing import pack
from organtwin.store.unpacking import unpack


def pack_case(case: str, archive: Path, *, as_json: bool) -> int:
    """Pack a case and say what is in the archive."""
    manifest = pack(case or DEFAULT_CASE, archive)
    total = sum(entry.size for entry in manifest.files)
    if as_json:
        files = [{"name": e.name, "size": e.size, "sha256": e.sha256} for e in manifest.files]
        facts = {"archive": str(archive), "case": manifest.case, "record": manifest.record}
        print(json.dumps({**facts, "files": files}, indent=2))
        return 0
    print(f"{archive}: {len(manifest.files)} files, {total} bytes, packed into "
          f"{archive.stat().st_size}")  # fmt: skip
    print(f"case {manifest.record}")
    return 0


def unpack_case(archive: Path, folder: Path, *, as_json: bool) -> int:
    """Unpack an archive and say where the case lies."""
    case = unpack(archive, folder)
    print(json.dumps({"case": str(case)}) if as_json else case)
    return 0
