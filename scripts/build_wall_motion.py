"""Build the reduced wall mechanics of the bundled template into ``assets/anatomy``.

Run from the repository root after ``build_template_heart.py``: ``python
scripts/build_wall_motion.py``. Solves the beats of the bundled cases and some variants in full,
then mends the tissue that turns over in them when it rides on the reduced mechanics. Takes about
ten minutes and writes the same modes for the same template.
"""

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse

from organtwin.anatomy.embedding import embedding
from organtwin.anatomy.mesh import Anatomy, Tissue
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.stuffing import volumes
from organtwin.anatomy.template_file import load_template
from organtwin.arrays import FloatArray
from organtwin.patient.case_file import load_case
from organtwin.physiology.interface import PatchLayout, Wall
from organtwin.physiology.mechanics import wall_training as training
from organtwin.physiology.mechanics.deformation import HeartMotion
from organtwin.physiology.mechanics.deformation_reference import (
    attached,
    modes_at,
    personalisation,
)
from organtwin.physiology.mechanics.wall_beat import ASSET, reference_volumes
from organtwin.physiology.mechanics.wall_body import Body, Cavities, rest_shape, weighted_volume
from organtwin.physiology.mechanics.wall_modes import WallModes
from organtwin.physiology.mechanics.wall_riding import riders, wall_modes
from organtwin.physiology.mechanics.wall_stretch import WallFrames, stretches, wanted_strain
from organtwin.physiology.mechanics.wall_template import (
    mechanics_tissue,
    springs,
    stiffness,
    wall_frames,
)
from organtwin.physiology.mechanics.wall_tissue import ASSET as FREED_ASSET
from organtwin.physiology.mechanics.wall_tissue import (
    LEAST_RATIO,
    Example,
    FreedNodes,
    least_ratios,
    repaired,
)
from organtwin.simulation.beat import Beat
from organtwin.simulation.motion import beat_motion
from organtwin.twin.building import fitting

ASSETS = Path(__file__).resolve().parents[1] / "assets"
CASES = (
    "default", "hfref_lbbb", "aortic_stenosis", "hfpef", "hfref_decompensated",
    "pulmonary_hypertension",
)  # fmt: skip
FRAMES = 12
FULL, EVERY = 60, 2
"""Frames of a beat in the reduced mechanics; every how many the tissue is mended for."""
MODES, SAMPLE = 32, 700
LAYOUT = PatchLayout()


class Course(NamedTuple):
    """One training beat: cavity volumes ``(n, 4)`` [m3] and patch strains ``(n, n_patches)``."""

    name: str
    volumes: FloatArray
    strain: FloatArray


def fitted(case: str) -> Beat:
    """The beat of a bundled case."""
    twin = next(s.twin for s in fitting(load_case(case), members=0) if s.twin is not None)
    return twin.baseline.beat


def courses(beats: Mapping[str, Beat]) -> Iterator[Course]:
    """Beats of the cases, some also with a late and with a scarred lateral wall."""
    for case, beat in beats.items():
        volumes = np.column_stack([beat.traces[f"{c.name.lower()}_volume"] for c in Cavity])
        first = int(np.argmax(volumes[:, Cavity.LV]))
        index = (first + np.linspace(0, len(volumes), FRAMES, endpoint=False).astype(int)) % len(
            volumes
        )
        strain = beat.patch_strain - beat.patch_strain[first]
        yield Course(case, volumes[index], strain[index])
        lateral = np.arange(LAYOUT.slice(Wall.LV).stop - 4, LAYOUT.slice(Wall.LV).stop)
        if case in ("default", "hfref_decompensated"):
            late, scar = strain.copy(), strain.copy()
            shift = int(0.08 / beat.duration * len(strain))
            late[:, lateral] = np.roll(strain[:, lateral], shift, axis=0)
            scar[:, lateral] = -0.4 * strain[:, lateral]
            yield Course(f"{case}, late", volumes[index], late[index])
            yield Course(f"{case}, scar", volumes[index], scar[index])


class Template(NamedTuple):
    """The template prepared for the wall mechanics."""

    anatomy: Anatomy
    tissue: Tissue
    frames: WallFrames
    stiffness: FloatArray
    follow: sparse.csr_array

    def body(self, reference: FloatArray) -> tuple[Body, WallFrames]:
        """The template brought to cavity volumes ``(4,)`` [m3]."""
        own, tissue = attached(self.anatomy), self.tissue
        personal = personalisation(own, reference)
        nodes = personal.carried(tissue.nodes, modes_at(tissue.nodes).astype(np.float64))
        moved = Tissue(nodes, tissue.tets, tissue.regions)
        inverse, volumes = rest_shape(tissue)
        corners = nodes[tissue.tets]
        edges = np.swapaxes(corners[:, 1:] - corners[:, :1], 1, 2)
        frames = self.frames.carried(edges @ inverse)
        starts = own.point_starts
        cavities = Cavities(
            personal.carried(own.cavity_points, own.cavity_basis),
            self.follow,
            tuple(self.anatomy.cavities[c].triangles for c in Cavity),
            starts,
        )
        return Body(
            moved, self.stiffness, frames.metrics(), springs(tissue, volumes), cavities
        ), frames


def prepared() -> Template:
    anatomy = load_template()
    tissue = mechanics_tissue()
    follow = sparse.vstack([embedding(tissue, anatomy.cavities[c]) for c in Cavity]).tocsr()
    return Template(anatomy, tissue, wall_frames(tissue, anatomy), stiffness(tissue), follow)


def atrial_walls(tissue: Tissue) -> FloatArray:
    """Volume of the walls of LA and RA [m3]."""
    volumes = rest_shape(tissue)[1]
    return np.array([volumes[tissue.regions == r].sum() for r in (Region.LA, Region.RA)])


class State(NamedTuple):
    """A solved frame: its body, what was wanted, and the displacement."""

    body: Body
    wanted: FloatArray
    u: FloatArray


def solved(template: Template, beats: Mapping[str, Beat]) -> Iterator[State]:
    """All training states."""
    walls = atrial_walls(template.tissue)
    for course in courses(beats):
        start = time.perf_counter()
        reference = reference_volumes(course.volumes)
        body, frames = template.body(reference)
        strain = wanted_strain(course.strain, LAYOUT, course.volumes, reference, walls)
        strains = strain @ frames.patch_weights(LAYOUT).T
        tensors, worst = frames.strain_tensors(), np.inf
        for i, u in enumerate(training.beat_displacements(body, frames, strains, course.volumes)):
            moved = Tissue(body.tissue.nodes + u, body.tissue.tets, body.tissue.regions)
            worst = min(worst, float((rest_shape(moved)[1] / body.volumes).min()))
            yield State(body, stretches(tensors, strains[i]), u)
        print(
            f"{course.name}: least reference volume {body.volumes.min() * 1e9:.2f} mm3, least "
            f"volume ratio {worst:.2f}, {time.perf_counter() - start:.0f} s",
            flush=True,
        )


def reduced(template: Template, states: list[State], count: int, size: int) -> WallModes:
    """Modes and sample from the training states."""
    tissue = template.tissue
    volumes = rest_shape(tissue)[1]
    mass = np.zeros(len(tissue.nodes))
    np.add.at(mass, tissue.tets.ravel(), np.repeat(volumes / 4.0, 4))
    modes = training.principal_modes([s.u for s in states], mass, count)
    chance = np.random.default_rng(0)
    chosen = np.sort(chance.choice(len(tissue.tets), training.CANDIDATES, replace=False)).astype(
        np.int32
    )
    rows, goals, gap = [], [], 0.0
    for state in states[::4]:
        near = np.einsum("nki,k->ni", modes, training.amplitudes_of(state.u, modes, mass))
        gap = max(gap, float(np.linalg.norm(near - state.u, axis=1).max()))
        everything = training.element_forces(
            state.body, near, state.wanted, modes, np.arange(len(tissue.tets), dtype=np.int32)
        )
        rows.append(everything[:, chosen])
        goals.append(everything.sum(axis=1))
    share = weighted_volume(volumes)[chosen]
    size_row = np.linalg.norm(np.concatenate(goals)) / share.sum()
    table = np.concatenate([*rows, size_row * share[None]])
    goal = np.concatenate([*goals, [size_row * weighted_volume(volumes).sum()]])
    picked, factors, misfit = training.sampled(table, goal, size)
    sample = chosen[picked]
    print(f"{len(sample)} elements, force misfit {misfit:.1%}, modes to {gap * 1e3:.2f} mm")
    held = springs(tissue, volumes)
    pull = np.stack([held.force(m) for m in modes.transpose(1, 0, 2).astype(float)])
    frames = template.frames
    return WallModes(
        tissue.nodes,
        tissue.tets,
        tissue.regions,
        modes,
        sample,
        template.stiffness[sample] * (factors * weighted_volume(volumes)[sample])[:, None],
        WallFrames(
            frames.along[sample],
            frames.outward[sample],
            frames.regions[sample],
            training.muscle_of(frames.muscle, sample),
        ),
        np.einsum("kni,nmi->km", pull, modes),
        atrial_walls(tissue),
    )


def mended(model: WallModes, motions: Sequence[HeartMotion]) -> WallModes:
    """The model without those elements outside the sample that turn over in a beat.

    Slivers in corners: they carry nothing, and the modes are too few to keep them.
    """
    keep = np.ones(len(model.tets), bool)
    for motion in motions:
        rest = volumes(motion.placement.mechanics, model.tets)
        for frame in range(FULL):
            now = volumes(motion.mechanics_nodes(frame / FULL), model.tets)
            keep &= now > LEAST_RATIO * rest
    keep[model.sample] = True
    print(f"{np.count_nonzero(~keep)} slivers dropped")
    return replace(
        model,
        tets=model.tets[keep],
        regions=model.regions[keep],
        sample=(np.cumsum(keep) - 1)[model.sample].astype(np.int32),
    )


def freed(anatomy: Anatomy, motions: Sequence[HeartMotion]) -> FreedNodes:
    """The tissue nodes that must leave their elements in the beats of the cases."""
    values, apart = riders(anatomy).followed
    examples = [Example(m.placement.tissue, m.amplitudes[::EVERY]) for m in motions]
    found = repaired(anatomy.tissue, values, apart, examples)
    modes = values.reshape(len(values), 3, -1).copy()
    modes[found.nodes] = found.modes
    left = np.count_nonzero(least_ratios(anatomy.tissue.tets, modes, examples) <= 0.0)
    print(f"{len(found.nodes)} of {found.n_tissue} tissue nodes freed, {left} elements turn over")
    return found


def moved(model: WallModes, beats: Mapping[str, Beat], anatomy: Anatomy) -> list[HeartMotion]:
    """The beats of the cases in the reduced mechanics, which are written to be ridden on."""
    model.save(ASSETS / ASSET)
    wall_modes.cache_clear()
    riders.cache_clear()
    return [beat_motion(anatomy, beat, FULL) for beat in beats.values()]


def written(model: WallModes, beats: Mapping[str, Beat], anatomy: Anatomy) -> None:
    """Write both assets."""
    mended(model, moved(model, beats, anatomy)).save(ASSETS / ASSET)
    freed(anatomy, moved(WallModes.load(ASSETS / ASSET), beats, anatomy)).save(ASSETS / FREED_ASSET)
    for name in (ASSET, FREED_ASSET):
        print(f"{name}: {(ASSETS / name).stat().st_size / 1e6:.2f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--modes", type=int, default=MODES)
    parser.add_argument("--sample", type=int, default=SAMPLE)
    arguments = parser.parse_args()
    template = prepared()
    beats = {case: fitted(case) for case in CASES}
    states = list(solved(template, beats))
    written(reduced(template, states, arguments.modes, arguments.sample), beats, template.anatomy)


if __name__ == "__main__":
    main()
