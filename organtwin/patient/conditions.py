"""Diagnoses and other conditions of a patient, as words of one vocabulary.

What a case states is looked up here: in any spelling and order of words, by another name or by its
SNOMED CT code. A word that is not known is an error that offers the nearest names; what the
vocabulary lacks is told as one of ``UNLISTED``, so that nothing is passed over. Free text is only
searched, to ask about what it mentions. ``twin.checked_conditions`` says what follows.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from organtwin.errors import UnknownNameError
from organtwin.resources import asset

VOCABULARY = "codes/conditions.toml"
UNLISTED = ("other disease of heart or vessels", "other disease, not of heart or vessels")
"""What to tell of a disease that the vocabulary lacks; the first declines every prediction."""
DENIED = re.compile(
    r"\b(no|not|without|never|former|waiting for|excluded|ruled out)\b[^,;.]{0,40}$"
)
"""What stands before a word that is denied, in the same clause."""
_SMALL_WORDS = frozenset(("of", "the", "a", "an", "with", "in", "by", "and", "s"))
_SHORT_NAME = re.compile(r"[A-Z][A-Za-z-]{0,4}[A-Z]")
"""In free text HIT is a diagnosis and a hit is none: such names count as they are written only."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry: its ``words`` are other names, ``codes`` SNOMED CT.

    ``traits`` are those of ``therapy.traits`` that it makes of a patient, ``outside`` says what is
    not predicted (see the vocabulary's head), ``why`` and ``source`` are told with it.
    """

    name: str
    why: str
    evidence: str
    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    source: str = ""

    @property
    def bears(self) -> bool:
        """Whether any prediction depends on it."""
        return bool(self.traits or self.outside)


@cache
def vocabulary() -> Mapping[str, Condition]:
    """Every condition by its name, in the order of the file."""
    rows = tomllib.loads(asset(VOCABULARY).read_text("utf-8"))["condition"]
    return {row["name"]: _condition(row) for row in rows}


def condition_named(text: str) -> str:
    """The name of the condition that a text names, or its code.

    Raises
    ------
    UnknownNameError
        None is called so; the nearest names are offered.
    """
    found = _named().get(_key(text)) or _coded().get(text.strip())
    if found is None:
        labels = {word: name for name, known in vocabulary().items() for word in known.words}
        raise UnknownNameError("condition", text, tuple(vocabulary()), labels)
    return found


def conditions_of_codes(codes: Iterable[str]) -> tuple[str, ...]:
    """Names of the conditions that SNOMED CT codes mean, those that are known."""
    return tuple(dict.fromkeys(_coded()[code] for code in codes if code in _coded()))


def mentioned(text: str) -> tuple[str, ...]:
    """Conditions on which predictions depend that a free text names, unless it denies them."""
    found: dict[str, None] = {}
    plain = _spelled(text)
    for pattern, searched in ((_phrases(), plain), (_short_names(), text)):
        for at in pattern.finditer(searched):
            name = _named().get(_key(at[0]))
            denied = DENIED.search(searched[: at.start()].lower())
            if name is not None and not denied and vocabulary()[name].bears:
                found[name] = None
    return tuple(found)


def words_found(text: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """What of ``known``, meanings by pattern, a text names, unless its clause denies it before."""
    low = text.lower()
    return tuple(
        meaning
        for pattern, meaning in known.items()
        if any(not DENIED.search(low[: at.start()]) for at in re.finditer(pattern, low))
    )


def _condition(row: Mapping[str, Any]) -> Condition:
    lists = {key: tuple(row.get(key, ())) for key in ("words", "traits", "outside")}
    return Condition(
        row["name"], row["why"], row["evidence"], codes=tuple(row.get("sct", ())),
        source=row.get("source", ""), **lists,
    )  # fmt: skip


@cache
def _named() -> Mapping[frozenset[str], str]:
    return {
        _key(word): name
        for name, condition in vocabulary().items()
        for word in (name, *condition.words)
    }


@cache
def _coded() -> Mapping[str, str]:
    return {code: name for name, known in vocabulary().items() for code in known.codes}


def _key(text: str) -> frozenset[str]:
    """The words of a name, without order, small words and differences of spelling."""
    return frozenset(re.findall(r"[a-z0-9]+", _spelled(text))) - _SMALL_WORDS


def _spelled(text: str) -> str:
    """Lower case, American spelling, no hyphens; as long as it has to be, not as the text."""
    low = text.lower().replace("tumour", "tumor").replace("ae", "e").replace("oe", "e")
    return re.sub(r"[-/]", " ", low).replace("'", "")


@cache
def _phrases() -> re.Pattern[str]:
    """Every name of two letters or more that is no abbreviation; the longest is found first."""
    names = [word for known in vocabulary().values() for word in (known.name, *known.words)]
    plain = {_spelled(name) for name in names if not _SHORT_NAME.fullmatch(name)}
    return re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(plain, key=_longest))) + r")\b")


@cache
def _short_names() -> re.Pattern[str]:
    names = [word for known in vocabulary().values() for word in known.words]
    short = [name for name in names if _SHORT_NAME.fullmatch(name)]
    return re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(short, key=_longest))) + r")\b")


def _longest(word: str) -> tuple[int, str]:
    return -len(word), word
