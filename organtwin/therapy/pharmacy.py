"""The drugs there are: those that ship with the program and those in the user's own folder.

A file of the user that cannot be read is not offered, and is not lost either: ``own_drugs`` tells
it with the reason.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from organtwin.errors import DrugError
from organtwin.resources import asset, user_data
from organtwin.therapy.drug import Drug
from organtwin.therapy.drug_file import FAMILIES, DosedDrug, read_drug
from organtwin.therapy.kind import TherapyKind

OWN = "drugs"
"""Name of the user's folder."""


@dataclass(frozen=True, slots=True)
class OwnDrugs:
    """The user's drugs by name, and the files that were refused, each with its reason."""

    drugs: dict[str, DosedDrug]
    refused: tuple[DrugError, ...] = ()


@cache
def bundled_drugs() -> dict[str, DosedDrug]:
    """Drugs that ship with the program, by name, in the order of their families and labels."""
    found = [read_drug(path) for path in asset("drugs").glob("*.toml")]
    found.sort(key=lambda dosed: (FAMILIES.index(dosed.drug.family), dosed.drug.label))
    return {dosed.drug.name: dosed for dosed in found}


def own_drugs(folder: Path | None = None, *, taken: frozenset[str] = frozenset()) -> OwnDrugs:
    """Drugs of a folder, by default the user's.

    ``taken`` are names of other therapies: a drug of the user never takes the place of another.
    """
    folder = user_data(OWN) if folder is None else folder
    drugs: dict[str, DosedDrug] = {}
    refused: list[DrugError] = []
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        try:
            drugs[path.stem] = _own_drug(path, taken | set(bundled_drugs()))
        except DrugError as error:
            refused.append(error)
    return OwnDrugs(drugs, tuple(refused))


def _own_drug(path: Path, taken: Collection[str]) -> DosedDrug:
    if path.stem in taken:
        raise DrugError(
            path.name, "file name", expected="a name that no other therapy has",
            got=path.stem, remedy=f"Rename it, for example to my_{path.stem}.toml.",
        )  # fmt: skip
    return read_drug(path)


def kind_of(dosed: DosedDrug) -> TherapyKind:
    """The drug as a therapy of the catalogue."""
    drug = dosed.drug
    return TherapyKind(
        name=drug.name,
        label=drug.label,
        family=drug.family,
        unit=drug.unit,
        whole=drug.whole,
        lower=dosed.lower,
        upper=dosed.upper,
        default=dosed.default,
        step=dosed.step,
        decimals=dosed.decimals,
        equation="\n".join(_equations(drug)),
        source="\n".join(_sources(drug)),
        evidence=drug.evidence,
        population=drug.population,
        limits=drug.limits,
        acute=drug.acute,
        drug=drug,
    )


def _equations(drug: Drug) -> list[str]:
    lines = [effect.equation(drug.exposure_unit) for effect in drug.effects]
    for channel in drug.channels:
        used = "" if channel.in_use is None else f" ({channel.in_use:g} in use)"
        lines.append(
            f"{channel.current} x 1/(1 + (C/{channel.half_blocking:g}{used})^{channel.hill:g}), "
            "C free in nmol/L"
        )
    if (block := drug.recovering_block) is not None:
        lines.append(
            f"I_Na: {block.blocked_per_beat:.0%} of open channels blocked by each beat, recovery "
            f"in {block.recovery_time * 1e3:g} ms"
        )
    if drug.longer_action_potential:
        lines.append(f"action potentials x {1.0 + drug.longer_action_potential:g}")
    return lines


def _sources(drug: Drug) -> list[str]:
    lines = [
        f"{e.target.replace('_', ' ')} ({e.evidence}, reflex "
        f"{'included' if e.reflex_included else 'excluded'}): {e.source}"
        for e in drug.effects
    ]
    lines += [f"{c.current} ({c.evidence}): {c.source}" for c in drug.channels]
    if drug.recovering_block is not None:
        lines.append(f"I_Na ({drug.recovering_block.evidence}): {drug.recovering_block.source}")
    lines += [f"between patients, {v}: {v.source}" for v in drug.variations]
    if drug.kinetics is not None:
        lines.append(f"kinetics ({drug.kinetics.evidence}): {drug.kinetics.source}")
    return lines
