"""A beating heart of ellipsoids with an electrical model behind it that can be drawn."""

from dataclasses import dataclass, field

import numpy as np

from organtwin.anatomy.strands import Line, Strands, tied_strands
from organtwin.anatomy.surroundings import Filling, Shell, Surroundings
from tests.synthetic_heart import SolidMotion, filled_anatomy

HEART = filled_anatomy()
REACH = 0.2


def strands() -> Strands:
    """Two lines through the left ventricle, the second blocked."""
    middle = HEART.surface.points.mean(axis=0)
    along = np.linspace(-0.03, 0.03, 16)[:, None]
    points = np.concatenate([middle + along * [0, 0, 1], middle + 0.01 + along * [1, 0, 0]])
    halves = np.arange(16, dtype=np.int32), np.arange(16, 32, dtype=np.int32)
    times = np.concatenate([np.linspace(0.0, 0.3, 16), np.full(16, np.inf)])
    lines = [
        Line(half, np.full(16, 1e-3), branch, blocked)
        for half, branch, blocked in zip(halves, (3, 4), (False, True), strict=True)
    ]
    return tied_strands(HEART.tissue, points, lines, times=times)


def surroundings() -> Surroundings:
    """A cylinder around the heart with two electrodes on it."""
    turn = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    ring = np.stack([REACH * np.sin(turn), -REACH * np.cos(turn), np.full(24, -0.3)], 1)
    points = np.concatenate([ring, ring + np.array([0.0, 0.0, 0.6])])
    a = np.arange(24)
    b = np.roll(a, -1)
    triangles = np.concatenate([np.stack([a, b, b + 24], 1), np.stack([a, b + 24, a + 24], 1)])
    shares = np.zeros((12, 12, 12), np.float32)
    shares[3:9, 3:9, 3:9] = 1.0
    facing = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]])
    return Surroundings(
        Shell(points, triangles.astype(np.int32)),
        {"lungs": Filling(shares, (-0.15, -0.15, -0.15), 0.02)},
        ("V2", "V6"), REACH * facing, facing,
    )  # fmt: skip


class Model:
    """Counts how often its parts are asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._strands, self._surroundings = strands(), surroundings()

    @property
    def strands(self) -> Strands:
        self.asked.append("strands")
        return self._strands

    @property
    def surroundings(self) -> Surroundings:
        self.asked.append("surroundings")
        return self._surroundings


@dataclass
class Electrics:
    drawing: Model | None = field(default_factory=Model)


class ElectricMotion(SolidMotion):
    electrics: Electrics | None = None


def electric_motion(electrics: Electrics | None) -> ElectricMotion:
    made = ElectricMotion(HEART)
    object.__setattr__(made, "electrics", electrics)
    return made
