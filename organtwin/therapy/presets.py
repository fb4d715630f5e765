"""Presets: usual starting plans by disease, from ``assets/presets/presets.toml`` (see FORMAT.md).

A preset says what the patient must be like, and ``misfits`` why one is not.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from organtwin.errors import InputError
from organtwin.quantities import quantity
from organtwin.resources import asset
from organtwin.therapy.catalogue import parse_therapy
from organtwin.therapy.kind import Therapy
from organtwin.therapy.plan import TherapyPlan
from organtwin.units import to_si

EVIDENCE = ("guideline", "teaching")
_KEYS = {"name", "disease", "label", "text", "therapies", "evidence", "source", "needs"}
_NEEDS = (
    {"quantity", "above", "unit"}, {"quantity", "below", "unit"}, {"conduction"}, {"rhythm"},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that the patient must be like: a quantity beyond a limit [SI], or a word."""

    quantity: str = ""
    above: float | None = None
    below: float | None = None
    conduction: str = ""
    rhythm: str = ""

    def misfit(self, quantities: Mapping[str, float], conduction: str, rhythm: str) -> str:
        """Why the patient is not like that; empty if so."""
        if self.conduction:
            fits = conduction == self.conduction
            return "" if fits else f"conduction is {conduction}, not {self.conduction}"
        if self.rhythm:
            fits = self.rhythm in rhythm.lower()
            return "" if fits else f"no {self.rhythm} is known (rhythm: {rhythm or 'not told'})"
        return self._out_of_limit(quantities.get(self.quantity))

    def _out_of_limit(self, value: float | None) -> str:
        row = quantity(self.quantity)
        limit = self.above if self.above is not None else self.below
        if limit is None:  # unreachable: the reader asks for one of them
            raise ValueError(self.quantity)
        side = "above" if self.above is not None else "below"
        meant = f"{side} {row.from_si(limit):g} {row.unit}"
        if value is None:
            return f"{row.label} is not known; meant for {row.label} {meant}"
        fits = value > limit if self.above is not None else value < limit
        return "" if fits else f"{row.label} is {row.text(value)}; meant for {row.label} {meant}"


@dataclass(frozen=True, slots=True)
class Preset:
    """A usual starting plan. ``evidence``: one of ``EVIDENCE``."""

    name: str
    disease: str
    label: str
    text: str
    therapies: tuple[Therapy, ...]
    evidence: str
    source: str
    needs: tuple[Need, ...]

    def misfits(
        self, quantities: Mapping[str, float], conduction: str, rhythm: str
    ) -> tuple[str, ...]:
        """Why it does not fit a patient of whom ``quantities`` (SI) are known, if so."""
        found = (need.misfit(quantities, conduction, rhythm) for need in self.needs)
        return tuple(reason for reason in found if reason)


def bundled_presets() -> tuple[Preset, ...]:
    """The presets that come with the program."""
    return read_presets(asset("presets/presets.toml"))


def read_presets(path: Path) -> tuple[Preset, ...]:
    """Read a file of presets, completely or not at all.

    Raises
    ------
    InputError
        It cannot be read; a key is missing or unknown; a therapy is unknown, out of its range or
        contradicts another; a name is given twice.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(path, "file", "a readable TOML file", str(error)) from error
    entries = document.get("preset")
    if set(document) != {"preset"} or not isinstance(entries, list):
        raise _refused(path, "file", "tables [[preset]] alone", ", ".join(document))
    presets = tuple(_preset(path, place, entry) for place, entry in enumerate(entries))
    names = [preset.name for preset in presets]
    if twice := {name for name in names if names.count(name) > 1}:
        raise _refused(path, "name", "each name once", ", ".join(sorted(twice)))
    return presets


def _preset(path: Path, place: int, entry: object) -> Preset:
    where = f"preset[{place}]"
    if not isinstance(entry, dict) or set(entry) != _KEYS:
        got = sorted(entry) if isinstance(entry, dict) else entry
        raise _refused(path, where, f"the keys {', '.join(sorted(_KEYS))}", str(got))
    texts = {
        key: _text(path, f"{where}.{key}", entry[key]) for key in _KEYS - {"therapies", "needs"}
    }
    if texts["evidence"] not in EVIDENCE:
        raise _refused(path, f"{where}.evidence", " or ".join(EVIDENCE), texts["evidence"])
    written, needs = entry["therapies"], entry["needs"]
    if not isinstance(written, list) or not written or not isinstance(needs, list):
        raise _refused(path, where, "lists of therapies and needs", f"{written!r}, {needs!r}")
    try:
        therapies = tuple(parse_therapy(_text(path, where, text)) for text in written)
    except InputError as error:
        raise _refused(path, f"{where}.therapies", error.expected, error.got) from error
    _check_together(path, where, therapies)
    return Preset(
        **texts, therapies=therapies,
        needs=tuple(_need(path, f"{where}.needs", need) for need in needs),
    )  # fmt: skip


def _check_together(path: Path, where: str, therapies: tuple[Therapy, ...]) -> None:
    plan = TherapyPlan()
    for therapy in therapies:
        others = plan.therapies
        if any(therapy.name == o.name or therapy.contradicts(o) for o in others):
            raise _refused(
                path, f"{where}.therapies", "no two that exclude each other", str(therapy)
            )
        plan = plan.with_(therapy)


def _need(path: Path, where: str, entry: object) -> Need:
    if not isinstance(entry, dict) or set(entry) not in _NEEDS:
        expected = "quantity, above or below, unit; or conduction; or rhythm"
        raise _refused(path, where, expected, str(entry))
    if "quantity" not in entry:
        words = {key: _text(path, where, value) for key, value in entry.items()}
        return Need(conduction=words.get("conduction", ""), rhythm=words.get("rhythm", ""))
    name, unit = _text(path, where, entry["quantity"]), _text(path, where, entry["unit"])
    side = "above" if "above" in entry else "below"
    limit = entry[side]
    if unit != quantity(name).unit or not isinstance(limit, int | float):
        expected = f"a number in {quantity(name).unit}"
        raise _refused(path, f"{where}.{name}", expected, f"{limit!r} {unit}")
    si = to_si(float(limit), unit)
    return Need(name, above=si) if side == "above" else Need(name, below=si)


def _text(path: Path, where: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _refused(path, where, "text", repr(value))
    return value


def _refused(path: Path, field: str, expected: str, got: str) -> InputError:
    return InputError(
        path.name, field, expected=expected, got=got, remedy="Correct the file of presets."
    )


def diseases(presets: Iterable[Preset]) -> Mapping[str, tuple[Preset, ...]]:
    """Presets by disease, in their order."""
    found: dict[str, tuple[Preset, ...]] = {}
    for preset in presets:
        found[preset.disease] = (*found.get(preset.disease, ()), preset)
    return found
