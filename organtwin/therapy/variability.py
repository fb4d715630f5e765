"""How much patients differ in their response to one and the same therapy.

Each feature of a response (its size on one target, how much of the drug it takes, the area that an
operator reaches) has a factor with median 1 whose logarithm is normal with a stated standard
deviation. A member of an ensemble draws its own factors by its place and the names of therapy and
feature alone: the same member answers alike under every plan and at every dose, so plans can be
compared member by member, and a moved slider moves no dice.

Draws are stratified: among each hundred members every hundredth of the normal distribution comes
once, in an order of its own for each feature.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import TypeAlias

import numpy as np

STRATA = 100
"""Members that share out the normal distribution among them."""
SENSITIVITY = "sensitivity"
"""The feature of a drug that moves the exposure of half effect."""

Response: TypeAlias = Mapping[str, float]
"""Factors by name of feature; what is not named is 1."""
Responses: TypeAlias = Mapping[str, Response]
"""Responses by name of therapy."""


@dataclass(frozen=True, slots=True)
class Variation:
    """One feature of a response that differs between patients.

    ``sd`` is that of the logarithm of its factor; ``label`` says what varies, for people.
    """

    feature: str
    label: str
    sd: float
    evidence: str
    source: str

    def factor(self, score: float) -> float:
        """The factor of a patient ``score`` standard deviations from the middle one."""
        return math.exp(self.sd * score)

    def __str__(self) -> str:
        return f"{self.label}: x/ {math.exp(self.sd):.2f} in two of three ({self.evidence})"


def score(member: int, therapy: str, feature: str) -> float:
    """How far [sd] the member at a place (from 0) lies from the middle patient."""
    block, place = divmod(member, STRATA)
    return _scores(therapy, feature, block)[place]


@lru_cache(maxsize=1024)
def _scores(therapy: str, feature: str, block: int) -> tuple[float, ...]:
    seed = hashlib.sha256(f"{therapy}/{feature}/{block}".encode()).digest()[:8]
    order = np.random.default_rng(int.from_bytes(seed, "big")).permutation(STRATA)
    normal = NormalDist()
    return tuple(normal.inv_cdf((int(stratum) + 0.5) / STRATA) for stratum in order)


def drawn(member: int, therapy: str, variations: Iterable[Variation]) -> Response:
    """The response of the member at a place (from 0) to one therapy."""
    return {v.feature: v.factor(score(member, therapy, v.feature)) for v in variations}
