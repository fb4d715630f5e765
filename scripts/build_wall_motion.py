"""Build the reduced wall mechanics of the bundled template into ``assets/anatomy``.

Run from the repository root after ``build_template_heart.py``: ``python
scripts/build_wall_motion.py``. Solves the beats of the bundled cases and some variants in full,
takes about ten minutes and writes the same modes for the same template.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse

from organtwin.anatomy.embedding import embedding
from organtwin.anatomy.mesh import Anatomy, Tissue
from organtwin.anatomy.regions import Cavity, Region
from organtwin.anatomy.template_file import load_template
from organtwin.arrays import FloatArray
from organtwin.patient.case_file import load_case
from organtwin.physiology.interface import PatchLayout, Wall
from organtwin.physiology.mechanics import wall_training as training
from organtwin.physiology.mechanics.deformation_reference import (
    attached,
    modes_at,
    personalisation,
)
from organtwin.physiology.mechanics.wall_beat import ASSET, reference_volumes
from organtwin.physiology.mechanics.wall_body import Body, Cavities, rest_shape, weighted_volume
from organtwin.physiology.mechanics.wall_modes import WallModes
from organtwin.physiology.mechanics.wall_stretch import WallFrames, stretches, wanted_strain
from organtwin.physiology.mechanics.wall_template import (
    mechanics_tissue,
    springs,
    stiffness,
    wall_frames,
)
from organtwin.twin.building import fitting

ASSETS = Path(__file__).resolve().parents[1] / "assets"
CASES = (
    "default", "hfref_lbbb", "aortic_stenosis", "hfpef", "hfref_decompensated",
    "pulmonary_hypertension",
)  # fmt: skip
FRAMES = 12
MODES, SAMPLE = 32, 700
LAYOUT = PatchLayout()


class Course(NamedTuple):
    """One training beat: cavity volumes ``(n, 4)`` [m3] and patch strains ``(n, n_patches)``."""

    name: str
    volumes: FloatArray
    strain: FloatArray


def courses() -> Iterator[Course]:
    """Beats of the cases, each also with a late and with a scarred lateral wall."""
    for case in CASES:
        twin = next(s.twin for s in fitting(load_case(case), members=0) if s.twin is not None)
        beat = twin.baseline.beat
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


def solved(template: Template) -> Iterator[State]:
    """All training states."""
    walls = atrial_walls(template.tissue)
    for course in courses():
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--modes", type=int, default=MODES)
    parser.add_argument("--sample", type=int, default=SAMPLE)
    arguments = parser.parse_args()
    template = prepared()
    states = list(solved(template))
    model = reduced(template, states, arguments.modes, arguments.sample)
    path = ASSETS / ASSET
    model.save(path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
