"""The evidence of one therapy: what is known of its response, and how the tests of it last ended.

Context of use and risk follow ASME V&V 40, the eight kinds of evidence FDA's guidance of November
2023; what there is of each, and what is absent, stands in ``assets/evidence/credibility.toml``.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from organtwin.errors import RecordError
from organtwin.resources import asset
from organtwin.store.evidence_results import RunResult, known_results
from organtwin.therapy.checked import CheckedRange
from organtwin.therapy.kind import TherapyKind
from organtwin.therapy.model_error import model_error
from organtwin.twin.checked_range import checked_range

LEVELS = ("low", "medium", "high")
NOT_RUN = "not run here yet"
DRUGS, CHANNELS = "drugs acting on the circulation", "drugs acting on ion channels"
TAUGHT = "volume, pericardium and lesions to teach"
_FAMILIES: Mapping[str, str] = MappingProxyType({
    "pacing": "pacing", "valve": "valves", "machine": "machines",
    "septal reduction": "septal reduction", "provocation": "exercise",
})  # fmt: skip
"""Group of each family of what is no drug; all others are taught."""
_DRUG_FAMILIES: Mapping[str, str] = MappingProxyType({
    "pulmonary vasodilator": "pulmonary vasodilators",
})  # fmt: skip
"""Groups of families of drugs that have one of their own."""


@dataclass(frozen=True, slots=True)
class Item:
    """A test or script, and its last run on this machine."""

    name: str
    result: RunResult | None

    @property
    def told(self) -> str:
        return NOT_RUN if self.result is None else str(self.result)

    @property
    def level(self) -> str:
        """``good``, ``bad``, or ``watch`` for what did not run to its end here."""
        if self.result is None or self.result.partly:
            return "watch"
        return {"passed": "good", "failed": "bad"}.get(self.result.verdict, "watch")


@dataclass(frozen=True, slots=True)
class KindOfEvidence:
    """One of the eight; without items ``absent`` says what is missing."""

    title: str
    items: tuple[Item, ...]
    absent: str


@dataclass(frozen=True, slots=True)
class EvidenceCard:
    """Everything a user should know before believing a response."""

    label: str
    grade: str
    checked: CheckedRange
    unit: str
    equation: str
    source: str
    context: str
    influence: str
    consequence: str
    kinds: tuple[KindOfEvidence, ...]
    model_error: str = ""
    """How far published means lie from predicted ones, which every band holds."""
    problem: str = ""
    """Why results of this machine cannot be shown."""

    @property
    def risk(self) -> str:
        """Influence times consequence: the middle of both levels, rounded up."""
        both = sorted(LEVELS.index(level) for level in (self.influence, self.consequence))
        return LEVELS[(sum(both) + 1) // 2]

    @property
    def badge(self) -> str:
        return f"{self.grade} · {self.risk} risk"

    @property
    def present(self) -> int:
        """Of the eight kinds, how many have a test or script at all."""
        return sum(bool(kind.items) for kind in self.kinds)

    @property
    def range_text(self) -> str:
        """The checked range in words."""
        checked = self.checked
        if checked.in_nobody:
            return f"nobody: {checked.source}"
        doses = f"{checked.lowest:g} to {checked.highest:g} {self.unit}"
        without = f"; not with {', '.join(checked.excludes)}" if checked.excludes else ""
        return f"{checked.patients}, {doses}{without}"


def evidence_card(kind: TherapyKind) -> EvidenceCard:
    """The card of a therapy, with the results of this machine."""
    kinds, groups = _credibility()
    group, problem = groups[_group_of(kind)], ""
    try:
        results = known_results()
    except RecordError as error:
        results, problem = {}, str(error)
    return EvidenceCard(
        label=kind.label, grade=kind.evidence, checked=checked_range(kind), unit=kind.unit,
        equation=kind.equation, source=kind.source, context=group["context"],
        influence=group["influence"], consequence=group["consequence"],
        kinds=tuple(
            KindOfEvidence(
                title,
                tuple(_item(text, kind, results) for text in group[name].get("items", ())),
                group[name].get("absent", ""),
            )
            for name, title in kinds.items()
        ),
        model_error=model_error().summary,
        problem=problem,
    )  # fmt: skip


def referenced_files() -> frozenset[str]:
    """Tests and scripts that any card names."""
    kinds, groups = _credibility()
    return frozenset(
        item.split("#")[0]
        for group in groups.values()
        for name in kinds
        for item in group[name].get("items", ())
    )


def _group_of(kind: TherapyKind) -> str:
    if kind.drug is not None:
        return _DRUG_FAMILIES.get(kind.family, DRUGS if kind.drug.effects else CHANNELS)
    return _FAMILIES.get(kind.family, TAUGHT)


def _item(text: str, kind: TherapyKind, results: Mapping[str, RunResult]) -> Item:
    name = text.format(therapy=kind.name)
    return Item(name, results.get(name))


@cache
def _credibility() -> tuple[Mapping[str, str], Mapping[str, Mapping[str, Any]]]:
    document = tomllib.loads(asset("evidence/credibility.toml").read_text(encoding="utf-8"))
    kinds = {row["name"]: row["title"] for row in document["kind"]}
    return kinds, {row["name"]: row for row in document["group"]}
