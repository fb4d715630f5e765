"""Codes of monitors in the words of this program: LOINC and MDC (ISO/IEEE 11073-10101), units.

A code that stands in none of these tables has no meaning here and is reported by whoever reads it.
An MDC number is sent together with its name; where both are known and disagree (messages exist
that call 131331, which is V1, lead III), neither is believed.
"""

import re
from collections.abc import Sequence

from organtwin.errors import RecordError, UnitError, UnknownNameError
from organtwin.quantities import QUANTITIES, quantity
from organtwin.units import si_factor

_LOINC = {
    "8867-4": "heart_rate", "8480-6": "systolic_pressure", "8462-4": "diastolic_pressure",
    "8478-0": "mean_arterial_pressure", "76215-3": "systolic_pressure",
    "76213-8": "diastolic_pressure", "76214-6": "mean_arterial_pressure",
    "8440-0": "pa_systolic", "8385-7": "pa_diastolic", "8414-5": "pa_mean",
    "60985-9": "ra_pressure", "8591-0": "ra_pressure", "8741-1": "cardiac_output",
    "20562-5": "stroke_volume", "10230-1": "lv_ef",
    "8633-0": "qrs_duration", "8625-6": "pr_interval", "8634-8": "qt_interval",
}  # fmt: skip

_GENERIC = ("8480-6", "8462-4", "8478-0")
"""Blood pressure of no named vessel: of the arm, unless a code beside it names another."""

_NUMBERS = {
    147842: ("MDC_ECG_HEART_RATE", "heart_rate"),
    150017: ("MDC_PRESS_BLD_SYS", ""), 150018: ("MDC_PRESS_BLD_DIA", ""),
    150019: ("MDC_PRESS_BLD_MEAN", ""),
    150021: ("MDC_PRESS_BLD_NONINV_SYS", "systolic_pressure"),
    150022: ("MDC_PRESS_BLD_NONINV_DIA", "diastolic_pressure"),
    150023: ("MDC_PRESS_BLD_NONINV_MEAN", "mean_arterial_pressure"),
    150301: ("MDC_PRESS_CUFF_SYS", "systolic_pressure"),
    150302: ("MDC_PRESS_CUFF_DIA", "diastolic_pressure"),
    150303: ("MDC_PRESS_CUFF_MEAN", "mean_arterial_pressure"),
    150033: ("MDC_PRESS_BLD_ART_SYS", "systolic_pressure"),
    150034: ("MDC_PRESS_BLD_ART_DIA", "diastolic_pressure"),
    150035: ("MDC_PRESS_BLD_ART_MEAN", "mean_arterial_pressure"),
    150037: ("MDC_PRESS_BLD_ART_ABP_SYS", "systolic_pressure"),
    150038: ("MDC_PRESS_BLD_ART_ABP_DIA", "diastolic_pressure"),
    150039: ("MDC_PRESS_BLD_ART_ABP_MEAN", "mean_arterial_pressure"),
    150045: ("MDC_PRESS_BLD_ART_PULM_SYS", "pa_systolic"),
    150046: ("MDC_PRESS_BLD_ART_PULM_DIA", "pa_diastolic"),
    150047: ("MDC_PRESS_BLD_ART_PULM_MEAN", "pa_mean"),
    150052: ("MDC_PRESS_BLD_ART_PULM_WEDGE", "pcwp"),
    150087: ("MDC_PRESS_BLD_VEN_CENT_MEAN", "ra_pressure"),
    150105: ("MDC_PRESS_BLD_VENT_RIGHT_SYS", "rv_systolic_pressure"),
    150276: ("MDC_OUTPUT_CARD", "cardiac_output"),
    150408: ("MDC_VOL_BLD_VENT_LEFT_STROKE", "stroke_volume"),
}  # fmt: skip
"""Number, name and quantity. Of a pressure on a line that nobody labelled (150017 to 150019) it
cannot be said what it is. A pulse rate is no heart rate: in atrial fibrillation beats are lost."""

_WAVES = {
    131329: ("MDC_ECG_ELEC_POTL_I", "I"), 131330: ("MDC_ECG_ELEC_POTL_II", "II"),
    131389: ("MDC_ECG_ELEC_POTL_III", "III"), 131390: ("MDC_ECG_ELEC_POTL_AVR", "aVR"),
    131391: ("MDC_ECG_ELEC_POTL_AVL", "aVL"), 131392: ("MDC_ECG_ELEC_POTL_AVF", "aVF"),
    **{131330 + n: (f"MDC_ECG_ELEC_POTL_V{n}", f"V{n}") for n in range(1, 7)},
    131395: ("MDC_ECG_ELEC_POTL_V", "V"),
    150028: ("MDC_PRESS_BLD_AORT", "AOP"), 150032: ("MDC_PRESS_BLD_ART", "ART"),
    150036: ("MDC_PRESS_BLD_ART_ABP", "ABP"), 150044: ("MDC_PRESS_BLD_ART_PULM", "PAP"),
    150064: ("MDC_PRESS_BLD_ATR_LEFT", "LAP"), 150068: ("MDC_PRESS_BLD_ATR_RIGHT", "RAP"),
    150084: ("MDC_PRESS_BLD_VEN_CENT", "CVP"), 150100: ("MDC_PRESS_BLD_VENT_LEFT", "LVP"),
    150104: ("MDC_PRESS_BLD_VENT_RIGHT", "RVP"), 149504: ("MDC_PULS_OXIM_PLETH", "PLETH"),
    150452: ("MDC_PULS_OXIM_PLETH", "PLETH"), 151780: ("MDC_IMPED_TTHOR", "RESP"),
}  # fmt: skip
"""Both numbers of the pleth are met: 150452 is that of the standard, 149504 that of the example in
the IHE waveform supplement."""

_UNITS = {
    262656: ("MDC_DIM_DIMLESS", "1"), 262688: ("MDC_DIM_PERCENT", "%"),
    263744: ("MDC_DIM_L", "L"), 263762: ("MDC_DIM_MILLI_L", "mL"),
    264320: ("MDC_DIM_SEC", "s"), 264338: ("MDC_DIM_MILLI_SEC", "ms"),
    264608: ("MDC_DIM_PER_SEC", "1/s"), 264864: ("MDC_DIM_BEAT_PER_MIN", "1/min"),
    264928: ("MDC_DIM_RESP_PER_MIN", "1/min"), 265216: ("MDC_DIM_L_PER_MIN", "L/min"),
    265986: ("MDC_DIM_HECTO_PASCAL", "hPa"), 265987: ("MDC_DIM_KILO_PASCAL", "kPa"),
    266016: ("MDC_DIM_MMHG", "mmHg"), 266048: ("MDC_DIM_CM_H2O", "cmH2O"),
    266400: ("MDC_DIM_VOLT", "V"), 266418: ("MDC_DIM_MILLI_VOLT", "mV"),
    266419: ("MDC_DIM_MICRO_VOLT", "uV"),
}  # fmt: skip

Identifier = tuple[str, str, str]
"""Code, text and coding system, as in OBX-3."""
_MDC_SYSTEMS, _LOINC_SYSTEMS = ("MDC", "ISO+", ""), ("LN", "LOINC", "")


def quantity_named(identifiers: Sequence[Identifier], source: str) -> str | None:
    """The quantity that one of the identifiers means, or ``None``.

    Raises
    ------
    RecordError
        They contradict each other.
    """
    special, generic, strange = set[str](), set[str](), False
    for code, text, system in identifiers:
        if system in _LOINC_SYSTEMS and code in _LOINC:
            (generic if code in _GENERIC else special).add(_LOINC[code])
        elif system in _MDC_SYSTEMS and (meaning := _mdc(_NUMBERS, code, text, source)):
            special.add(meaning)
        else:
            strange = strange or system in ("MDC", "LN")
    # Of another vessel than the arm, as a code says that is not in the tables.
    return None if strange and not special else _only(special or generic, identifiers, source)


def channel_named(identifiers: Sequence[Identifier], source: str) -> str | None:
    """The channel that one of the identifiers means, or ``None``.

    Raises
    ------
    RecordError
        They contradict each other.
    """
    found = {
        meaning
        for code, text, system in identifiers
        if system in _MDC_SYSTEMS and (meaning := _mdc(_WAVES, code, text, source))
    }
    return _only(found, identifiers, source)


def quantity_labelled(label: str) -> str | None:
    """The quantity whose own name, label (``HR``) or MDC name is ``label``; else ``None``."""
    words = label.strip()
    for name, known in QUANTITIES.items():
        if words.lower() in (name, known.label.lower()):
            return name
    return dict(_NUMBERS.values()).get(words) or None


def unit_named(code: str, text: str = "", system: str = "") -> str:
    """A unit of OBX-6, in MDC, UCUM or plain words, as ``units`` reads it; not yet checked."""
    by_name = dict(_UNITS.values())
    if (number := _number_of(code)) in _UNITS:
        return _UNITS[number][1]
    for word in (code, text):
        if word in by_name:
            return by_name[word]
    return plain_unit(code or text)


def plain_unit(ucum: str) -> str:
    """A UCUM unit as ``units`` reads it: without annotations in braces and brackets of names."""
    bare = re.sub(r"\{[^{}]*\}", "", ucum.strip())
    bare = re.sub(r"\[([A-Za-z0-9]+)\]", r"\1", bare)
    return bare.removesuffix("/").removesuffix(".") or "1"


def quantity_in_si(name: str, value: float, unit: str, source: str) -> float:
    """``value`` of quantity ``name`` in SI.

    Raises
    ------
    RecordError
        The unit measures something else, or no living adult has such a value.
    """
    known = quantity(name)
    try:
        factor = si_factor(unit, known.unit)
    except UnitError as error:
        raise RecordError(
            source, f"unit of {name}", expected=error.expected, got=error.got,
            remedy="Correct the unit that the device or interface sends.",
        ) from error  # fmt: skip
    inside = known.from_si(value * factor)
    if not known.lower <= inside <= known.upper:
        raise RecordError(
            source, name, expected=f"{known.lower:g} to {known.upper:g} {known.unit}",
            got=f"{value:g} {unit}", remedy="Check the device; the value was not used.",
        )  # fmt: skip
    return value * factor


def mdc_identifier(channel: str) -> str:
    """``131330^MDC_ECG_ELEC_POTL_II^MDC``: how a waveform channel is sent.

    Raises
    ------
    UnknownNameError
        No code of the table means this channel.
    """
    for code, (name, known) in _WAVES.items():
        if known == channel:
            return f"{code}^{name}^MDC"
    raise UnknownNameError(
        "channel with an MDC code", channel, tuple(r[1] for r in _WAVES.values())
    )


def _mdc(table: dict[int, tuple[str, str]], code: str, text: str, source: str) -> str:
    """What a number and its name mean by the table; empty for nothing."""
    name = text.strip().replace("MDC_ECG_LEAD_", "MDC_ECG_ELEC_POTL_")
    every = {**_NUMBERS, **_WAVES}
    by_number = every.get(_number_of(code))
    by_name = next((row for row in every.values() if row[0] == name), None)
    if by_number and by_name and by_number[0] != by_name[0]:
        raise RecordError(
            source, f"{code}^{text}", expected=f"{by_number[0]}, which {code} means",
            got=text, remedy="Correct the code table of the interface.",
        )  # fmt: skip
    row = by_number or by_name
    return row[1] if row is not None and row in table.values() else ""


def _number_of(code: str) -> int:
    """A code as a number; 0, which no table has, for anything else."""
    return int(code) if code.isdecimal() and len(code) <= 9 else 0


def _only(found: set[str], identifiers: Sequence[Identifier], source: str) -> str | None:
    if len(found) > 1:
        raise RecordError(
            source, "^".join(identifiers[0]), expected="identifiers that mean one thing",
            got=" and ".join(sorted(found)), remedy="Correct the code table of the interface.",
        )  # fmt: skip
    return next(iter(found), None)
