"""Activation times against fim-python on the same meshes, in one process, interleaved.

    ./scripts/benchmark eikonal

Prints two ratios and the largest difference (asked: 100 times, 0.02 ms) on 52 000 and 190 000
tetrahedra, both with linear fronts, which are the peer's problem. The first is of wall clock with
the peer as it is installed, on all cores. Its many small products gain nothing from threads and
lose much by waiting for each other, so the second is of processor time with one thread for both.
Then what curved fronts take;
how time grows up to 900 000 (asked: exponent 1.15), what the numbering of nodes changes (asked:
1e-3 ms), and the error against the exact time of a point source (asked: half of linear fronts').
"""

import statistics
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter, process_time

import numpy as np

from organtwin.arrays import FloatArray, IntArray
from organtwin.physiology.electrophysiology.eikonal import Medium, Speeds, prepared

SPEED = (0.6, 0.4, 0.2)
LENGTHS = (0.040, 0.026, 0.018)
"""A box about as thick as a wall [m]."""


def box(spacing: float, seed: int = 1) -> Medium:
    """Cubes cut in six, nodes jittered, fibres turning through the box."""
    shape = [round(length / spacing) for length in LENGTHS]
    index = np.arange(np.prod([n + 1 for n in shape])).reshape([n + 1 for n in shape])
    nodes = np.indices(index.shape).reshape(3, -1).T.astype(float)
    inner = ((nodes > 0) & (nodes < shape)).all(axis=1)
    generator = np.random.default_rng(seed)
    nodes = (nodes + inner[:, None] * generator.uniform(-0.2, 0.2, nodes.shape)) * spacing
    tets = []
    for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        corner, corners = np.zeros(3, int), [index[: shape[0], : shape[1], : shape[2]]]
        for axis in order:
            corner[axis] = 1
            x, y, z = corner
            corners.append(index[x : shape[0] + x, y : shape[1] + y, z : shape[2] + z])
        tets.append(np.stack([c.ravel() for c in corners], axis=1))
    elements = np.concatenate(tets).astype(np.int32)
    edges = nodes[elements[:, 1:]] - nodes[elements[:, :1]]
    turned = np.linalg.det(edges) < 0
    elements[turned] = elements[turned][:, [0, 2, 1, 3]]
    angle = 2.0 * nodes[elements].mean(axis=1)[:, 2] / LENGTHS[2]
    fibers = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(len(angle))])
    sheets = np.column_stack([-np.sin(angle), np.cos(angle), np.zeros(len(angle))])
    return Medium(
        nodes, elements, fibers, sheets, np.zeros(len(elements), np.int32),
        np.zeros((0, 3), np.int32), np.zeros(0, np.int32), np.zeros((0, 2), np.int32),
    )  # fmt: skip


def speeds() -> Speeds:
    return Speeds(np.array([SPEED]), np.zeros(0), np.zeros((0, 2)))


def metrics(medium: Medium) -> FloatArray:
    """Velocity tensors [mm2/ms2] for the peer."""
    normal = np.cross(medium.fibers, medium.sheets)
    axes = np.stack([medium.fibers, medium.sheets, normal], axis=2)
    return np.einsum("mia,a,mja->mij", axes, np.square(SPEED), axes)


def times(run: object, repeats: int, clock: Callable[[], float] = process_time) -> float:
    """Median seconds."""
    found = []
    for _ in range(repeats):
        begin = clock()
        run()  # type: ignore[operator]
        found.append(clock() - begin)
    return statistics.median(found)


def race(spacing: float) -> None:
    """Ratio and difference on one mesh."""
    from fimpy.solver import create_fim_solver
    from threadpoolctl import threadpool_limits

    medium, start = box(spacing), np.array([0], np.int32)
    ours, curved = prepared(medium, curved=False), prepared(medium)
    peer = create_fim_solver(medium.places * 1e3, medium.tets, metrics(medium), device="cpu")
    for solver in (ours, curved):
        solver.arrival(speeds(), start, np.zeros(1))
    theirs = peer.comp_fim(start, np.zeros(1))
    bent: list[float] = []
    ratios: list[float] = []
    for threads, clock in ((None, perf_counter), (1, process_time)):
        mine, other = [], []
        for _ in range(3):
            mine.append(times(lambda: ours.arrival(speeds(), start, np.zeros(1)), 3, clock))
            bent.append(times(lambda: curved.arrival(speeds(), start, np.zeros(1)), 3))
            with threadpool_limits(threads):
                other.append(times(lambda: peer.comp_fim(start, np.zeros(1)), 1, clock))
        ratios.append(statistics.median(other) / statistics.median(mine))
    gap = np.abs(ours.arrival(speeds(), start, np.zeros(1)) * 1e3 - theirs).max()
    print(
        f"{len(medium.tets):7d} tetrahedra: {1e3 * statistics.median(mine):6.1f} ms, "
        f"{ratios[0]:5.0f} x fim-python, {ratios[1]:.0f} x on one thread, "
        f"largest difference {gap:.1e} ms; "
        f"curved fronts {1e3 * statistics.median(bent):6.1f} ms"
    )


def timed(spacing: float) -> tuple[int, float]:
    """Number of tetrahedra and seconds."""
    medium, start = box(spacing), (np.array([0], np.int32), np.zeros(1))
    ours = prepared(medium)
    ours.arrival(speeds(), *start)
    return len(medium.tets), times(lambda: ours.arrival(speeds(), *start), 7)


def growth() -> None:
    """How time grows with the mesh."""
    (few, short), (many, long) = timed(1.3e-3), timed(0.5e-3)
    print(f"from {few} to {many}: exponent {np.log(long / short) / np.log(many / few):.2f}")


def numbering() -> None:
    """What another numbering of the nodes changes."""
    medium = box(1.0e-3)
    order = np.random.default_rng(2).permutation(len(medium.places))
    rank: IntArray = np.argsort(order).astype(np.int32)
    shuffled = Medium(
        medium.places[order], rank[medium.tets], medium.fibers, medium.sheets,
        medium.tissue_kinds, medium.faces, medium.face_kinds, medium.cables,
    )  # fmt: skip
    first = prepared(medium).arrival(speeds(), np.array([0], np.int32), np.zeros(1))
    second = prepared(shuffled).arrival(speeds(), rank[:1], np.zeros(1))
    print(f"another numbering: {1e3 * np.abs(first - second[rank]).max():.1e} ms")


def exactness() -> None:
    """Mean error of a point source in a uniform box, linear and curved fronts."""
    medium = box(1.0e-3)
    along = np.tile([1.0, 0.0, 0.0], (len(medium.tets), 1))
    across = np.tile([0.0, 1.0, 0.0], (len(medium.tets), 1))
    medium = replace(medium, fibers=along, sheets=across)
    away = np.linalg.norm(medium.places - medium.places.max(axis=0) / 2, axis=1)
    source = np.array([np.argmin(away)], np.int32)
    exact = np.linalg.norm((medium.places - medium.places[source]) / SPEED, axis=1)
    for curved in (False, True):
        found = prepared(medium, curved=curved).arrival(speeds(), source, np.zeros(1))
        error = 1e3 * np.abs(found - exact)
        name = "curved" if curved else "linear"
        print(f"{name} fronts: mean error {error.mean():.2f} ms, largest {error.max():.2f} ms")


def main() -> None:
    for spacing in (1.29e-3, 0.84e-3):
        race(spacing)
    growth()
    numbering()
    exactness()


if __name__ == "__main__":
    main()
