"""What a user has done and no case file holds yet, and how it is written down."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from organtwin.anatomy.anchor import Anchor, anchor_of
from organtwin.anatomy.marking import Marking, marking_of
from organtwin.errors import InputError, RecordError, UnknownNameError
from organtwin.patient.case_table import CaseTable
from organtwin.patient.conditions import condition_named
from organtwin.patient.geometry.source import HeartSource
from organtwin.simulation.electric_plan import (
    Ablation,
    AblationLine,
    ElectricPlan,
    PacedSite,
    Step,
)
from organtwin.store.pacemaker_entries import pacemaker_entry, pacemaker_of
from organtwin.therapy.catalogue import THERAPIES
from organtwin.therapy.kind import Therapy
from organtwin.therapy.times import Times

FORMAT, VERSION = "organtwin-unsaved", 2
_READ = (1, VERSION)
"""The first version held one plan, which had no letter."""
LETTERS = "ABCD"
"""Of the plans that a session can hold; a test compares them with the session's."""


@dataclass(frozen=True)
class KeptPlan:
    """A plan as it is written down."""

    letter: str
    name: str = ""
    therapies: tuple[Therapy, ...] = ()
    off: frozenset[str] = frozenset()
    electrics: ElectricPlan = field(default_factory=ElectricPlan)
    insist: bool = False
    """Predictions outside the checked range are shown."""
    times: tuple[tuple[str, Times], ...] = ()
    """When therapies are given that are not given all along."""


@dataclass(frozen=True)
class UnsavedWork:
    """The case that was open (its file, or the name of a bundled one) and what was done to it.

    ``plan`` lies on the table, ``others`` beside it.
    ``case_sha256`` is that of the case file, empty without one: it tells whether the file was
    changed meanwhile. ``lost`` names what was written down and this program cannot take up again.
    """

    case: str
    case_sha256: str = ""
    plan: KeptPlan = KeptPlan("A")
    others: tuple[KeptPlan, ...] = ()
    markings: tuple[Marking, ...] = ()
    heart: HeartSource | None = None
    lost: tuple[str, ...] = ()
    conditions: tuple[str, ...] | None = None
    """What is stated of the patient; ``None`` in works of earlier programs."""


def work_text(work: UnsavedWork, folder: Path, at: datetime) -> bytes:
    """The work as JSON; paths of a heart are relative to ``folder``."""
    content: dict[str, object] = {
        "format": FORMAT, "version": VERSION, "saved_at": at.isoformat(), "case": work.case,
        "case_sha256": work.case_sha256, **plan_entries(work.plan),
        "others": [plan_entries(plan) for plan in work.others],
        "markings": [marking.to_dict() for marking in work.markings],
    }  # fmt: skip
    if work.conditions is not None:
        content["conditions"] = list(work.conditions)
    if work.heart is not None:
        from organtwin.patient.case_heart import heart_entries

        content["heart"] = heart_entries(work.heart, folder)
    return json.dumps(content, ensure_ascii=False).encode()


def work_of(content: bytes, path: Path) -> tuple[UnsavedWork, datetime]:
    """The work that ``work_text`` wrote, and when.

    Raises
    ------
    RecordError
        It is damaged or of another version.
    """
    try:
        told = json.loads(content.decode())
        if told["format"] != FORMAT or told["version"] not in _READ:
            raise _unread(path, f"{told['format']!r} of version {told['version']!r}")
        saved_at = datetime.fromisoformat(told["saved_at"])
        if saved_at.tzinfo is None:
            raise _unread(path, "an instant without its offset from UTC")
        return _work(told, path), saved_at
    except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError) as error:
        if isinstance(error, RecordError):
            raise
        raise _unread(path, f"{type(error).__name__}: {error}") from error


def _unread(path: Path, got: str) -> RecordError:
    return RecordError(
        str(path), "unsaved work", expected=f"{FORMAT!r} of version {VERSION}", got=got,
        remedy="It was left as it is; delete it when it is of no more use.",
    )  # fmt: skip


def _work(told: Mapping[str, object], path: Path) -> UnsavedWork:
    lost: list[str] = []
    plan = _plan({"letter": "A", "name": "", **told}, path, lost)
    entries = _items(told, "others") if "others" in told else []
    others = tuple(_plan(entry, path, lost) for entry in entries)
    letters = [plan.letter, *(other.letter for other in others)]
    if len(set(letters)) < len(letters) or not set(letters) <= set(LETTERS):
        raise ValueError(f"plans under the letters {letters}")
    heart = _heart(told["heart"], path, lost) if "heart" in told else None
    conditions = _conditions(told["conditions"], lost) if "conditions" in told else None
    return UnsavedWork(
        case=_text(told["case"]), case_sha256=_text(told["case_sha256"]), plan=plan,
        others=others,
        markings=tuple(marking_of(entry, str(path)) for entry in _items(told, "markings")),
        heart=heart, lost=tuple(lost), conditions=conditions,
    )  # fmt: skip


def plan_entries(plan: KeptPlan) -> Mapping[str, object]:
    """A plan as values of JSON; times in s, doses in the unit of each therapy."""
    return {
        "letter": plan.letter, "name": plan.name,
        "therapies": [{"name": t.name, "dose": t.dose} for t in plan.therapies],
        "off": sorted(plan.off), "electrics": _electric_entries(plan.electrics),
        "insist": plan.insist,
        "times": [{"name": n, "start": t.start, "stop": t.stop} for n, t in plan.times],
    }  # fmt: skip


def _plan(told: Mapping[str, object], path: Path, lost: list[str]) -> KeptPlan:
    therapies = tuple(_therapies(_items(told, "therapies"), lost))
    return KeptPlan(
        _text(told["letter"]), _text(told["name"]), therapies,
        frozenset(_text(name) for name in _list(told["off"])),
        _electric_plan(told["electrics"], path), _flag(told.get("insist", False)),
        tuple(_times(told, therapies)),
    )  # fmt: skip


def _therapies(entries: list[Mapping[str, object]], lost: list[str]) -> Iterator[Therapy]:
    for entry in entries:
        name, dose = _text(entry["name"]), _number(entry["dose"])
        try:
            yield THERAPIES[name].at(dose)
        except KeyError:
            lost.append(f"therapy {name} {dose:g}: this program does not know it")
        except InputError as error:
            lost.append(f"therapy {name} {dose:g}: {error}")


def _conditions(entry: object, lost: list[str]) -> tuple[str, ...]:
    found = []
    for item in _list(entry):
        try:
            found.append(condition_named(_text(item)))
        except UnknownNameError as error:
            lost.append(f"condition: {error}")
    return tuple(found)


def _times(
    told: Mapping[str, object], therapies: tuple[Therapy, ...]
) -> Iterator[tuple[str, Times]]:
    """Of the therapies that are there; works of earlier programs have none."""
    for entry in _items(told, "times") if "times" in told else ():
        name, stop = _text(entry["name"]), entry["stop"]
        if any(therapy.name == name for therapy in therapies):
            yield name, Times(_number(entry["start"]), None if stop is None else _number(stop))


def _heart(entry: object, path: Path, lost: list[str]) -> HeartSource | None:
    from organtwin.patient.case_heart import HEART_KEYS, heart_source

    if not isinstance(entry, dict):
        raise TypeError(f"heart: {entry!r}")
    try:
        return heart_source(CaseTable(str(path), "heart", entry, HEART_KEYS), path.parent)
    except RecordError as error:  # a file was moved since
        lost.append(f"files of the heart: {error}")
        return None


def _electric_entries(plan: ElectricPlan) -> Mapping[str, object]:
    return {
        "conduction": plan.conduction, "delay": plan.delay, "blocked": sorted(plan.blocked),
        "steps": [_step_entry(step) for step in plan.steps],
        "pacemaker": pacemaker_entry(plan.pacemaker),
    }  # fmt: skip


def _step_entry(step: Step) -> Mapping[str, object]:
    if isinstance(step, AblationLine):
        return {
            "line": step.name, "stops": [stop.to_dict() for stop in step.stops],
            "radius": step.radius, "depth": step.depth, "closed": step.closed,
        }  # fmt: skip
    where = step.where.to_dict() if isinstance(step.where, Anchor) else step.where
    if isinstance(step, PacedSite):
        return {"paced": step.name, "where": where, "time": step.time}
    return {"ablated": step.name, "where": where, "radius": step.radius}


def _electric_plan(entry: object, path: Path) -> ElectricPlan:
    if not isinstance(entry, dict):
        raise TypeError(f"electrics: {entry!r}")
    return ElectricPlan(
        _text(entry["conduction"]), _number(entry["delay"]),
        frozenset(_text(name) for name in _list(entry["blocked"])),
        tuple(_step(step, path) for step in _items(entry, "steps")),
        pacemaker_of(entry.get("pacemaker"), str(path)),
    )  # fmt: skip


def _step(entry: Mapping[str, object], path: Path) -> Step:
    if "line" in entry:
        stops = tuple(_anchor(stop, path) for stop in _list(entry["stops"]))
        radius, depth = _number(entry["radius"]), _number(entry["depth"])
        return AblationLine(_text(entry["line"]), stops, radius, depth, entry["closed"] is True)
    where = entry["where"]
    if "paced" in entry:
        place = where if isinstance(where, str) else _anchor(where, path)
        return PacedSite(_text(entry["paced"]), place, _number(entry["time"]))
    return Ablation(_text(entry["ablated"]), _anchor(where, path), _number(entry["radius"]))


def _anchor(entry: object, path: Path) -> Anchor:
    if not isinstance(entry, dict):
        raise TypeError(f"where: {entry!r}")
    return anchor_of(entry, str(path))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, got {value!r}")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, got {value!r}")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {value!r}")
    return float(value)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, got {value!r}")
    return value


def _items(told: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    found: list[Mapping[str, object]] = []
    for item in _list(told[key]):
        if not isinstance(item, dict):
            raise TypeError(f"{key}: {item!r}")
        found.append(item)
    return found
