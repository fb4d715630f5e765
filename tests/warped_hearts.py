"""Hearts of a known shape, the contours an image would give of them, and real contour files."""

import numpy as np

from organtwin.anatomy.mesh import enclosed_volume
from organtwin.anatomy.regions import Cavity
from organtwin.anatomy.warping import warped
from organtwin.anatomy.warping_field import Lattice
from organtwin.anatomy.warping_map import Warp
from organtwin.anatomy.warping_parts import Part, Piece, parts
from organtwin.anatomy.warping_targets import Target, Targets
from organtwin.twin.contour_targets import PARTS as CONTOUR_PARTS


def last(steps):
    """What a generator of steps ends with."""
    return list(steps)[-1]


def fitted(template, targets, *levels):
    step = last(warped(template, targets, *levels))
    return step.warp, step.report


def hidden_warp(seed):
    """A heart that the fit does not know: turned, stretched, 15 % larger, bent by 8 mm or so."""
    rng = np.random.default_rng(seed)
    lattice = Lattice.around(np.array([-0.1, -0.1, -0.1]), np.array([0.08, 0.09, 0.12]), 60e-3)
    x, y, z = rng.normal(0.0, 0.15, 3)
    turn = np.linalg.qr(np.eye(3) + np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]))[0]
    turn *= np.sign(np.diag(turn))
    linear = 1.15 * turn @ np.diag(1.0 + rng.normal(0.0, 0.08, 3))
    steps = (
        lattice.step(np.clip(rng.normal(0.0, 8e-3, (lattice.size, 3)), -0.02, 0.02))
        for _ in range(2)
    )
    return Warp(linear, rng.normal(0.0, 0.03, 3), tuple(steps))


def carried_parts(template, warp):
    return {part: Piece(warp.carried(p.points), p.triangles) for part, p in parts(template).items()}


def contours(pieces, *, noise, seed, gap=8e-3, shift=0.0):
    """Short-axis slices ``gap`` apart and three long-axis ones, with noise and shifted slices."""
    rng = np.random.default_rng(seed)
    base, up, right, back, planes = image_planes(pieces, gap)
    short_axis = len(planes) - 3
    drawn = {}
    for number, (origin, normal) in enumerate(planes):
        short = number < short_axis
        moved = rng.normal(0.0, shift, 2) @ np.array([right, back]) if short else np.zeros(3)
        for part in (Part.LV_ENDOCARDIUM, Part.RV_ENDOCARDIUM, Part.EPICARDIUM):
            points = cut(pieces[part], origin, normal)
            points = points[(points - base) @ up < 2e-3]
            points = points + moved + rng.normal(0.0, noise, points.shape)
            drawn.setdefault(part, []).append((points, number))
        if not short:
            for part in (Part.MITRAL_RING, Part.TRICUSPID_RING, Part.AORTIC_RING):
                ring = pieces[part].points
                points = ring[np.argsort(np.abs((ring - origin) @ normal))[:2]]
                drawn.setdefault(part, []).append((points, number))
    return Targets(
        {
            part: Target(
                np.concatenate([points for points, _ in own]),
                np.concatenate([np.full(len(points), n, np.int32) for points, n in own]),
            )
            for part, own in drawn.items()
        }
    )


def image_planes(pieces, gap):
    """Middle of the base, axes up, right and back, and origin and normal of every image."""
    base, apex = pieces[Part.MITRAL_RING].points.mean(axis=0), pieces[Part.APEX].points[0]
    middle = pieces[Part.LV_ENDOCARDIUM].points.mean(axis=0)
    length = np.linalg.norm(base - apex)
    up = (base - apex) / length
    right = pieces[Part.RV_SEPTUM].points.mean(axis=0) - middle
    right -= right @ up * up
    right /= np.linalg.norm(right)
    back = np.cross(up, right)
    planes = [(apex + up * height, up) for height in np.arange(4e-3, length - 2e-3, gap)]
    turns = (0.0, np.pi / 3, 2 * np.pi / 3)
    planes += [(middle, np.cos(a) * back - np.sin(a) * right) for a in turns]
    return base, up, right, back, planes


def cut(piece, origin, normal):
    """Where a plane crosses the edges of a piece."""
    depth, found = (piece.points - origin) @ normal, []
    for i, j in ((0, 1), (1, 2), (2, 0)):
        a, b = piece.triangles[:, i], piece.triangles[:, j]
        crossed = (depth[a] < 0) != (depth[b] < 0)
        a, b = a[crossed], b[crossed]
        t = (depth[a] / (depth[a] - depth[b]))[:, None]
        found.append(piece.points[a] + t * (piece.points[b] - piece.points[a]))
    return np.concatenate(found)


def volumes_ml(anatomy):
    return {cavity: enclosed_volume(anatomy.cavities[cavity]) * 1e6 for cavity in Cavity}


def guide_points(path, frame):
    """Targets of one frame of a guide-point file: x y z label slice weight frame, in mm."""
    rows = [line.split() for line in path.read_text().splitlines()]
    rows = [r for r in rows if r and r[0] != "x" and int(r[6]) == frame and r[3] in CONTOUR_PARTS]
    points = np.array([[float(value) for value in row[:3]] for row in rows]) * 1e-3
    slices = np.array([int(row[4]) for row in rows], np.int32)
    part = np.array([CONTOUR_PARTS[row[3]] for row in rows])
    return Targets(
        {Part(int(p)): Target(points[part == p], slices[part == p]) for p in np.unique(part)},
        source=path.name,
    )


def mean_distance(heart, one, other, part):
    """How far a part lies in one warp from where it lies in the other [m]."""
    piece = parts(heart)[part]
    moved = Piece(one.carried(piece.points), piece.triangles)
    return moved.distances(other.carried(piece.points)).mean()
