"""Drug files: one drug in TOML, read completely or refused; see ``assets/drugs/FORMAT.md``."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from organtwin.errors import DrugError, OrganTwinError, UnknownNameError
from organtwin.patient.conditions import condition_named
from organtwin.therapy.checked import NOBODY, CheckedRange, read_checked
from organtwin.therapy.drug import (
    ASSUMED_SENSITIVITY,
    ASSUMED_SIZE,
    GRADES,
    TARGETS,
    ChannelEffect,
    Contraindication,
    Drug,
    Effect,
    Kinetics,
    RecoveringBlock,
    Spread,
)
from organtwin.therapy.drug_table import DrugTable
from organtwin.units import si_factor

CURRENTS = ("I_Na", "I_NaL", "I_to", "I_CaL", "I_Kr", "I_Ks", "I_K1")
"""Currents that a drug may block: all that the tables of pore block name."""
ROUTES = ("infusion", "bolus", "oral", "chronic", "inhaled")
FAMILIES = (
    "inotrope", "pressor", "vasodilator", "pulmonary vasodilator", "beta blocker",
    "calcium channel blocker", "antiarrhythmic", "heart failure", "diuretic", "fluid", "other",
)  # fmt: skip
LARGEST_FILE = 200_000
"""Bytes; the longest of ours has 4 000."""
LARGEST_SPREAD = 1.0
"""Of a logarithm, between patients: beyond it one in six has the effect threefold or a third."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True)
class DosedDrug:
    """A drug and the doses it is offered in."""

    drug: Drug
    lower: float
    upper: float
    default: float
    step: float
    decimals: int


def read_drug(path: Path, *, check_unit: bool = False) -> DosedDrug:
    """Read a drug file; its name is that of the file.

    ``check_unit`` also has the unit of the dose parsed, which takes half a second the first time.

    Raises
    ------
    DrugError
        The file cannot be read, something in it is missing, unknown, of the wrong kind or out of
        range, or a dose would make a target negative.
    """
    name = path.stem
    if not _NAME.fullmatch(name):
        raise DrugError(
            path.name, "file name", expected="small letters, digits and _, such as my_drug.toml",
            got=path.name, remedy="Rename the file: it becomes the name of the therapy.",
        )  # fmt: skip
    table = DrugTable(path.name, _document(path))
    found = _dosed(table, name)
    table.finish()
    if check_unit:
        _check_unit(table, found.drug.unit)
    return found


def _document(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise DrugError(
                path.name, "size", expected=f"at most {LARGEST_FILE} bytes",
                got=f"{path.stat().st_size} bytes", remedy="Choose a drug file.",
            )  # fmt: skip
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DrugError(
            path.name, "file", expected="a file that can be read", got=str(error.strerror or error),
            remedy="Check the path and its permissions.",
        ) from error  # fmt: skip
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DrugError(
            path.name, "text", expected="TOML in UTF-8", got=str(error),
            remedy="Correct the line that is named, or start from a copy of a bundled drug.",
        ) from error  # fmt: skip


def _dosed(table: DrugTable, name: str) -> DosedDrug:
    lower = table.number("lower", lowest=0.0)
    upper = table.number("upper", above=lower)
    drug = _drug(table, name)
    for number, effect in enumerate(drug.effects, start=1):
        for failing in (False, True):
            factor = effect.factor(drug.exposure(upper), heart_failure=failing)
            if not factor > 0.0:
                raise table.refused(
                    f"effect[{number}]", expected="a target that stays above 0 at every dose",
                    got=f"factor {factor:g} at {upper:g} {drug.unit}",
                    remedy="Make the upper dose or the effect smaller.",
                )  # fmt: skip
    return DosedDrug(
        drug=drug,
        lower=lower,
        upper=upper,
        default=table.number("default", lowest=lower, highest=upper),
        step=table.number("step", above=0.0),
        decimals=int(table.number("decimals", lowest=0.0, highest=6.0)),
    )


def _drug(table: DrugTable, name: str) -> Drug:
    drug = Drug(
        name=name,
        label=table.text("label"),
        family=table.choice("family", FAMILIES),
        mechanism=table.text("mechanism"),
        unit=table.text("unit"),
        whole=table.text("whole", ""),
        route=table.choice("route", ROUTES),
        acute=table.flag("acute", True),
        exposure_unit=table.text("exposure_unit", table.text("unit")),
        exposure_per_dose=table.number("exposure_per_dose", 1.0, above=0.0),
        concentration_per_dose=table.number("concentration_per_dose", 0.0, lowest=0.0),
        population=table.text("population"),
        limits=table.text("limits"),
        effects=tuple(_effect(row) for row in table.tables("effect")),
        channels=tuple(_channel(row) for row in table.tables("channel")),
        recovering_block=_recovering(table),
        longer_action_potential=table.number("longer_action_potential", 0.0, above=-0.9, highest=2),
        kinetics=_kinetics(table),
        contraindications=tuple(_reason(row) for row in table.tables("contraindication")),
        **_spreads(table),
        checked=_checked(table),
        measured_from=_measured_from(table),
    )
    if not (drug.effects or drug.electric):
        raise table.refused(
            "effect", expected="at least one [[effect]] or [[channel]]", got="none",
            remedy="Say what the drug does.",
        )  # fmt: skip
    if drug.channels and drug.concentration_per_dose == 0.0:
        raise table.refused(
            "concentration_per_dose", expected="free nmol/L per unit of dose", got="nothing",
            remedy="Channels are blocked by the free plasma concentration: say how the dose "
            "becomes one.",
        )  # fmt: skip
    return drug


def _checked(table: DrugTable) -> CheckedRange:
    if not table.has("checked"):
        return NOBODY
    offered = table.number("lower"), table.number("upper")
    return read_checked(table.table("checked"), *offered)


def _measured_from(table: DrugTable) -> float:
    """In the exposure's unit; without the key the usual dose, without one the highest."""
    upper = table.number("upper")
    usual = table.number("default", lowest=table.number("lower"), highest=upper) or upper
    dose = table.number("measured_from", usual, above=0.0, highest=upper)
    return dose * table.number("exposure_per_dose", 1.0)


def _graded(row: DrugTable) -> tuple[str, str]:
    return row.choice("evidence", GRADES), row.text("source")


def _effect(row: DrugTable) -> Effect:
    linear = row.has("per_exposure")
    evidence, source = _graded(row)
    effect = Effect(
        target=row.choice("target", tuple(TARGETS)),
        maximum=row.number("per_exposure") if linear else row.number("maximum", above=-1.0),
        half=0.0 if linear else row.number("half", above=0.0),
        hill=1.0 if linear else row.number("hill", above=0.0, highest=10.0),
        in_heart_failure=row.number("in_heart_failure", 1.0, lowest=0.0, highest=10.0),
        reflex_included=row.choice("reflex", ("included", "excluded")) == "included",
        evidence=evidence,
        source=source,
        receptor=row.text("receptor", ""),
        antagonist=row.flag("antagonist", False),
    )
    row.finish()
    if effect.antagonist and (linear or not effect.receptor):
        raise row.refused(
            "antagonist", expected="a receptor and a curve with half and hill",
            got="no receptor" if not linear else "a straight line",
            remedy="Name the receptor, or leave antagonist out.",
        )  # fmt: skip
    return effect


def _channel(row: DrugTable) -> ChannelEffect:
    evidence, source = _graded(row)
    half = row.number("half_blocking", above=0.0)
    channel = ChannelEffect(
        current=row.choice("current", CURRENTS),
        half_blocking=half,
        hill=row.number("hill", above=0.0, highest=10.0),
        evidence=evidence,
        source=source,
        in_use=row.number("half_blocking_in_use", above=0.0, highest=half)
        if row.has("half_blocking_in_use")
        else None,
    )
    row.finish()
    return channel


def _recovering(table: DrugTable) -> RecoveringBlock | None:
    if not table.has("recovering_block"):
        return None
    row = table.table("recovering_block")
    evidence, source = _graded(row)
    block = RecoveringBlock(
        blocked_per_beat=row.number("blocked_per_beat", above=0.0, highest=1.0),
        recovery_time=row.number("recovery_time_ms", above=0.0) * 1e-3,
        evidence=evidence,
        source=source,
    )
    row.finish()
    return block


def _spreads(table: DrugTable) -> dict[str, Spread]:
    found: dict[str, Spread] = {}
    for row in table.tables("variability"):
        feature = row.choice("feature", ("size", "sensitivity"))
        if feature in found:
            raise row.refused(
                "feature", expected="one table for each feature", got=f"{feature} twice",
                remedy="Remove one of them.",
            )  # fmt: skip
        evidence, source = _graded(row)
        found[feature] = Spread(row.number("sd", lowest=0.0, highest=LARGEST_SPREAD),
                                evidence, source)  # fmt: skip
        row.finish()
    return {"size": ASSUMED_SIZE, "sensitivity": ASSUMED_SENSITIVITY, **found}


def _kinetics(table: DrugTable) -> Kinetics | None:
    if not table.has("kinetics"):
        return None
    row = table.table("kinetics")
    evidence, source = _graded(row)
    seconds = _SECONDS[row.choice("half_life_unit", tuple(_SECONDS))]
    kinetics = Kinetics(row.number("half_life", above=0.0) * seconds, evidence, source)
    row.finish()
    return kinetics


def _reason(row: DrugTable) -> Contraindication:
    name, limits = row.limits("above", "below") if row.has("quantity") else ("", {})
    reason = Contraindication(
        text=row.text("text"),
        evidence=row.choice("evidence", GRADES),
        others=row.names("with"),
        quantity=name,
        above=limits.get("above", float("inf")),
        below=limits.get("below", float("-inf")),
        caution=row.flag("caution", False),
        conditions=_conditions(row),
    )
    row.finish()
    return reason


def _conditions(row: DrugTable) -> frozenset[str]:
    try:
        return frozenset(condition_named(name) for name in row.names("conditions"))
    except UnknownNameError as error:
        raise row.refused(
            "conditions", expected="names of assets/codes/conditions.toml", got=str(error),
            remedy="Write one of these.",
        ) from error  # fmt: skip


def _check_unit(table: DrugTable, unit: str) -> None:
    try:
        si_factor(unit, unit)
    except OrganTwinError as error:
        raise table.refused(
            "unit", expected="a unit such as ug/kg/min", got=unit, remedy=str(error)
        ) from error
