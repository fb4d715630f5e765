"""Archives made by hand, well-formed or hostile."""

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

HEAD = 'format = "organtwin-case"\nversion = 1\nid = "p"\ntitle = "t"\ndiagnosis = "d"\n'
MEASURED = '[[measurement]]\nname = "lv_ef"\nvalue = 60\nunit = "%"\nsource = "echo"\n'
CASE = (HEAD + MEASURED).encode()


def told(contents: Mapping[str, bytes], **changes: object) -> bytes:
    """A manifest that tells the truth about files, but for some changes."""
    content: dict[str, object] = {
        "format": "organtwin-archive", "version": 1, "program": "0", "case": "case.toml",
        "record": "0" * 64,
        "files": [
            {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in contents.items()
        ],
    }  # fmt: skip
    return json.dumps(content | changes).encode()


def forged(
    path: Path, files: Mapping[str, bytes] | None = None, *, manifest: bytes | None = None,
    raw: Mapping[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED, mode: int = 0,
    comment: bytes = b"", flags: int = 0,
) -> Path:  # fmt: skip
    """An archive byte by byte; ``raw`` puts other bytes under a name than the manifest tells."""
    files = {"case.toml": CASE} if files is None else files
    members = {"manifest.json": told(files) if manifest is None else manifest, **files}
    members |= raw or {}
    body, contents = b"", b""
    for name, data in members.items():
        squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = squeezer.compress(data) + squeezer.flush()
        packed = data if method == zipfile.ZIP_STORED else packed
        label = name.encode("utf-8", "surrogatepass")
        flag = flags | (0 if name.isascii() else 0x800)
        facts = (20, flag, method, 0, 33, zlib.crc32(data), len(packed), len(data), len(label))
        header = struct.pack("<4s5H3L2H", b"PK\3\4", *facts, 0) + label
        contents += (
            struct.pack(
                "<4s6H3L5H2L", b"PK\1\2", 3 << 8 | 20, *facts, 0, 0, 0, 0, mode << 16, len(body)
            )
            + label
        )
        body += header + packed
    count = len(members)
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(contents), len(body), len(comment)
    )
    path.write_bytes(body + contents + end + comment)
    return path
