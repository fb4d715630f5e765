"""Codes that DICOM recorders use for leads and for annotated intervals.

Leads: DICOM PS3.16 context group 3001, in both codings met in practice: ISO/IEEE 11073 (``MDC``)
and SCP-ECG (``SCPECG``). The last number is the lead number of EN 1064 in either case.
"""

import re
from typing import Any

from organtwin.errors import RecordError
from organtwin.patient.channels import canonical_channel

LEAD_NUMBERS = {
    1: "I", 2: "II", 3: "V1", 4: "V2", 5: "V3", 6: "V4", 7: "V5", 8: "V6", 9: "V7", 11: "V3R",
    12: "V4R", 16: "VX", 17: "VY", 18: "VZ", 61: "III", 62: "aVR", 63: "aVL", 64: "aVF",
    66: "V8", 67: "V9",
}  # fmt: skip
"""Lead numbers of EN 1064 that this program knows; 16 to 18 are the orthogonal leads X, Y, Z."""
_LEAD_CODES = {"MDC": re.compile(r"2:(\d+)"), "SCPECG": re.compile(r"5\.6\.3-9-(\d+)")}
_IN_BRACKETS = re.compile(r"\s*\(.*\)")

INTERVALS = {
    "rr interval": "rr_interval",
    "pr interval": "pr_interval",
    "qrs duration": "qrs_duration",
    "qt interval": "qt_interval",
}
"""Code meaning, lower case, to the quantity of this program."""


def lead_name(channel: Any, source: str, field: str) -> str:
    """The lead of a channel definition, by its code and its meaning, which must not disagree.

    Raises
    ------
    RecordError
        The channel has no source, an unknown one, or code and meaning name different leads.
    """
    sources = channel.get("ChannelSourceSequence")
    code = sources[0] if sources else None
    meaning = _IN_BRACKETS.sub("", str(code.get("CodeMeaning", ""))) if code is not None else ""
    by_code = _by_code(code)
    if not by_code and not meaning:
        raise RecordError(
            source, f"{field}.ChannelSourceSequence", expected="a lead code or name",
            got="nothing", remedy="Export the recording again with lead names.",
        )  # fmt: skip
    if not by_code:
        return canonical_channel(meaning, source)
    if meaning and canonical_channel(meaning, source) != by_code:
        raise RecordError(
            source, f"{field}.ChannelSourceSequence", expected=f"lead {by_code}, as the code says",
            got=f"{meaning!r} as its meaning",
            remedy="Ask for a corrected export: the electrodes cannot be told apart.",
        )  # fmt: skip
    return by_code


def _by_code(code: Any) -> str:
    if code is None:
        return ""
    pattern = _LEAD_CODES.get(str(code.get("CodingSchemeDesignator", "")).strip())
    match = pattern.fullmatch(str(code.get("CodeValue", "")).strip()) if pattern else None
    return LEAD_NUMBERS.get(int(match.group(1)), "") if match else ""
