"""What of the electrical model can be drawn: its conduction system, and the body around the heart.

Both are made when they are first asked for, some tenths of a second each. What the model does not
have is not drawn: its Purkinje network beyond the fascicles is a fast layer of the endocardium, of
which the ends of the branches show where it is entered, and its ribs are an even cage.
"""

from functools import cached_property

import numpy as np
from scipy.ndimage import gaussian_filter, label
from scipy.spatial import cKDTree

from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.strands import Line, Strands, tied_strands
from organtwin.anatomy.surroundings import Filling, Shell, Surroundings
from organtwin.anatomy.template_sizes import sized
from organtwin.arrays import BoolArray, FloatArray, IntArray
from organtwin.physiology.electrophysiology.activation.conduction import BLOCKED
from organtwin.physiology.electrophysiology.activation.network import ATRIAL_TRACTS, Branch
from organtwin.physiology.electrophysiology.torso.body import NECK, TrunkSizes, on_skin, skin
from organtwin.physiology.electrophysiology.torso.electrodes import electrode_places
from organtwin.physiology.electrophysiology.torso.organs import Organ, organs_at
from organtwin.physiology.electrophysiology.torso.placement import Seat, seat
from organtwin.simulation.electric_model import ElectricBeat, ElectricModel

SINUS_NODE = len(Branch)
"""Number of the sinus node among the branches; in the model it is a single place."""

SINUS_LENGTH = 13e-3
"""Along the terminal crest, as drawn [m]: the node is a spindle 13.5 mm long (Sanchez-Quintana et
al., Heart 91:189, 2005)."""

_RADII: dict[int, float] = {
    SINUS_NODE: 2.2e-3, Branch.AV_NODE: 2.4e-3, Branch.HIS_BUNDLE: 1.3e-3,
    Branch.LEFT_BUNDLE: 1.2e-3, Branch.RIGHT_BUNDLE: 0.9e-3,
}  # fmt: skip
_THIN, _TRACT, _BULB = 0.75e-3, 0.65e-3, 1.8
"""Radii of fascicles and atrial tracts [m], and what a branch swells by where it enters muscle.
All are drawn thicker than real ones, which would be lines."""

_GRID, _RIM = 5e-3, 6e-3
"""Step of the grid that organs are outlined on, and how near to the heart's surface no lung is
[m]: more than a step, so that thin walls close."""

_RINGS, _SPOKES = 72, 96
_SHOWN = {"lungs": (Organ.LUNG,), "bones": (Organ.BONE,)}


class ElectricDrawing:
    """The drawable parts of one beat of the electrical model of a heart."""

    def __init__(self, model: ElectricModel, beat: ElectricBeat, anatomy: Anatomy) -> None:
        self._network, self._activation = model.heart.network, beat.activation
        delays = beat.state.conduction.delays
        self._severed = {int(branch) for branch, factor in delays.items() if factor == BLOCKED}
        self._sizes, self._anatomy, self._size = model.sizes, anatomy, model.heart.size
        self._electrodes = model.electrodes(beat.state.electrodes_up)
        self._pose = beat.state.pose

    @cached_property
    def strands(self) -> Strands:
        """The conduction system, tied to the tissue of the heart's anatomy."""
        network = self._network
        times = self._activation.cable_times
        return tied_strands(self._anatomy.tissue, network.places, self._lines(), times=times)

    def _lines(self) -> list[Line]:
        """Runs of cables of one branch, and the sinus node on the beginning of its crest."""
        network, found = self._network, list[Line]()
        run: list[int] = []
        for cable, ((a, b), branch) in enumerate(
            zip(network.cables.tolist(), network.branches.tolist(), strict=True)
        ):
            if not run:
                run = [a]
            run.append(b)
            last = cable + 1 == len(network.cables)
            if last or network.cables[cable + 1, 0] != b or network.branches[cable + 1] != branch:
                found.append(self._line(np.array(run, np.int32), branch))
                run = []
        crests = [line for line in found if line.branch == Branch.TERMINAL_CREST]
        if network.sinus_node >= 0 and crests:
            crest = crests[0].points
            gaps = np.linalg.norm(np.diff(network.places[crest], axis=0), axis=1)
            count = int(np.searchsorted(np.cumsum(gaps), SINUS_LENGTH)) + 2
            found.append(self._line(crest[:count], SINUS_NODE))
        return found

    def _line(self, points: IntArray, branch: int) -> Line:
        network = self._network
        reached = np.isfinite(self._activation.cable_times[points]).all()
        tract = branch in ATRIAL_TRACTS
        radii = np.full(len(points), _TRACT if tract else _RADII.get(branch, _THIN))
        if branch in (SINUS_NODE, Branch.AV_NODE):
            radii *= _spindle(len(points))
        elif not tract:
            radii[np.isin(points, network.junction_places)] *= _BULB
        return Line(points, radii, branch, branch in self._severed or not bool(reached))

    @cached_property
    def surroundings(self) -> Surroundings:
        """Skin, lungs, bones and electrodes, in the frame of the heart's anatomy.

        A heart that is meant larger than it is drawn lies in a body drawn as much smaller.
        """
        own = seat(sized(self._anatomy, self._size), self._sizes, pose=self._pose)
        places = electrode_places(self._electrodes, self._sizes)
        feet = own.in_anatomy(places)
        ends = own.in_anatomy(places + _outward(self._sizes, places))
        shell = _skin_shell(self._sizes, own, self._size)
        return Surroundings(
            shell, _organs(self._anatomy, self._sizes, own, shell.points, self._size),
            tuple(self._electrodes), feet / self._size, (ends - feet) / self._size,
        )  # fmt: skip


def _spindle(count: int) -> FloatArray:
    """Thickness along a node, thinner at its ends."""
    place = np.linspace(-1.0, 1.0, count + 2)[1:-1]
    return np.asarray(np.sqrt(1.0 - 0.85 * place**2))


def _outward(sizes: TrunkSizes, places: FloatArray) -> FloatArray:
    """Unit vectors ``(k, 3)`` out of the skin at places ``(k, 3)`` [m]."""
    step = 1e-3
    slopes = np.stack([
        skin(sizes, places + step * axis) - skin(sizes, places - step * axis) for axis in np.eye(3)
    ], axis=1)  # fmt: skip
    return np.asarray(slopes / np.linalg.norm(slopes, axis=1, keepdims=True))


def _skin_shell(sizes: TrunkSizes, own: Seat, size: float) -> Shell:
    """Rings from the lower end to the neck; both ends stay open, as the body goes on."""
    heights = np.linspace(-sizes.length, NECK * sizes.length, _RINGS)
    angles = np.linspace(0.0, 2.0 * np.pi, _SPOKES, endpoint=False)
    z, turn = (grid.ravel() for grid in np.meshgrid(heights, angles, indexing="ij"))
    number = np.arange(_RINGS * _SPOKES).reshape(_RINGS, _SPOKES)
    a, b = number[:-1], np.roll(number, -1, axis=1)[:-1]
    c, d = number[1:], np.roll(number, -1, axis=1)[1:]
    triangles = np.concatenate([np.stack([a, b, d], -1), np.stack([a, d, c], -1)]).reshape(-1, 3)
    points = own.in_anatomy(on_skin(sizes, turn, z)) / size
    return Shell(points, triangles.astype(np.int32))


def _organs(
    anatomy: Anatomy, sizes: TrunkSizes, own: Seat, skin_points: FloatArray, size: float
) -> dict[str, Filling]:
    """Organs as the volume conductor has them, blurred by one step of the grid."""
    lower = skin_points.min(axis=0)
    axes = [np.arange(a, b, _GRID) for a, b in zip(lower, skin_points.max(axis=0), strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    points = grid.reshape(-1, 3)
    organs, _ = organs_at(own.in_trunk(points * size), sizes, heart=None, seat=None)
    organs[_beside_heart(anatomy, points) & (organs == Organ.LUNG)] = Organ.REST
    shares = {
        name: np.isin(organs, kinds).reshape(grid.shape[:3]) for name, kinds in _SHOWN.items()
    }
    shares["lungs"] = _without_islands(shares["lungs"])
    place = (float(lower[0]), float(lower[1]), float(lower[2]))
    return {
        name: Filling(gaussian_filter(inside.astype(np.float32), 1.0), place, _GRID)
        for name, inside in shares.items() if inside.any()
    }  # fmt: skip


def _beside_heart(anatomy: Anatomy, points: FloatArray) -> BoolArray:
    """Whether each point lies in or near a wall of the heart, where no lung is."""
    walls = cKDTree(anatomy.surface.points)
    return np.asarray(np.isfinite(walls.query(points, distance_upper_bound=_RIM)[0]))


def _without_islands(inside: BoolArray) -> BoolArray:
    """The two largest parts: what the walls of the heart enclose is no lung."""
    parts, _ = label(inside)
    sizes = np.bincount(parts.ravel())[1:]
    return np.asarray(np.isin(parts, 1 + np.argsort(sizes)[-2:]))
