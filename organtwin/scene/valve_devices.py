"""Prostheses at a valve's ring, and the clip between mitral leaflets.

Sizes come from the ring of the heart that is drawn: a surgical prosthesis fills it; a transcatheter
frame has its nominal diameter, pressed to the ring where that is narrower, and opens above it.
Heights and wires are those of usual devices to the eye, from no maker's drawing.
"""

import numpy as np

from organtwin.anatomy.regions import Valve
from organtwin.anatomy.valve_sites import ValveSite
from organtwin.arrays import FloatArray, IntArray
from organtwin.scene.device_model import (
    CLOTH,
    DARK_STEEL,
    PERICARDIUM,
    STEEL,
    DeviceModel,
    Sheet,
    Tube,
    tube,
)
from organtwin.therapy.implants import Implant

ACROSS, ALONG = 17, 8
"""Points of a leaflet between commissures, and from attachment to free edge."""
_CELLS = 12
ROOT = 12e-3
"""Height above the ring [m] from which on a frame leans against the wall: below are the sinuses."""
_TURN = np.linspace(0.0, 2.0 * np.pi, 49)


class _Frame:
    """Places around a ring: radius and height to space; heights count with the flow.

    Above the ring it follows ``lumen``, as ``HeartPlaces.aortic_lumen``, where there is one.
    """

    def __init__(self, site: ValveSite, lumen: FloatArray | None = None) -> None:
        first, second, outward = site.axes()
        with_flow = site.valve in (Valve.AORTIC, Valve.PULMONARY)
        self._axes = np.stack([first, second, outward if with_flow else -outward])
        middles = np.stack([site.centre, site.centre + 1e-3 * self._axes[2]])
        if lumen is not None:
            middles = np.vstack([site.centre, lumen[1:, :3]])
        steps = np.linalg.norm(np.diff(middles, axis=0), axis=1)
        self._heights = np.concatenate([[0.0], np.cumsum(steps)])
        self._spine = np.column_stack([middles, *_led(self._axes, middles)])
        self._room = None if lumen is None else lumen[:, 3]

    def within(self, radii: FloatArray, heights: FloatArray) -> FloatArray:
        """Radii, pressed to the wall of the vessel where that is narrower."""
        if self._room is None:
            return radii
        room = np.interp(heights, self._heights, self._room)
        return np.where(heights > ROOT, np.minimum(radii, room), radii)

    def at(
        self, angle: FloatArray, radius: FloatArray | float, height: FloatArray | float
    ) -> FloatArray:
        angle, radius, height = np.broadcast_arrays(angle, radius, height)
        flat, top = height.ravel(), self._heights[-1]
        spine = np.column_stack([np.interp(flat, self._heights, x) for x in self._spine.T])
        middle, first, second, along = np.split(spine, 4, axis=1)
        beyond = np.minimum(flat, 0.0) + np.maximum(flat - top, 0.0)
        around = np.cos(angle.ravel())[:, None] * first + np.sin(angle.ravel())[:, None] * second
        found = middle + radius.ravel()[:, None] * around + beyond[:, None] * along
        return np.asarray(found.reshape(*height.shape, 3))


def _led(axes: FloatArray, middles: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Axes at each of the middles: those of the ring, turned as little as the way asks."""
    first, along = [axes[0]], [axes[2]]
    for tangent in np.gradient(middles, axis=0)[1:]:
        along.append(tangent / np.linalg.norm(tangent))
        flat = first[-1] - (first[-1] @ along[-1]) * along[-1]
        first.append(flat / np.linalg.norm(flat))
    side = np.sign(np.cross(axes[2], axes[0]) @ axes[1])
    return np.array(first), side * np.cross(along, first), np.array(along)


def bioprosthesis(implant: Implant, site: ValveSite) -> DeviceModel:
    """A surgical valve: sewing ring, three posts, three leaflets."""
    frame, valve = _Frame(site), site.valve
    outer = 0.5 * (implant.size or site.diameter)
    cuff = 0.13 * outer
    inner = outer - 1.6 * cuff
    post = 1.15 * inner
    rim = inner + 0.4 * cuff
    crown = frame.at(_TURN, rim, _crown(_TURN, post) + 0.2 * cuff)
    tubes = (
        tube(frame.at(_TURN, outer - 0.6 * cuff, 0.0), cuff, CLOTH, valve),
        tube(crown, 0.55 * cuff, CLOTH, valve),
    )
    return DeviceModel(tubes, _leaflets(frame, valve, inner, post, implant.area))


def balloon_expandable(
    implant: Implant, site: ValveSite, lumen: FloatArray | None = None
) -> DeviceModel:
    """A short frame of four rows of cells, cloth in its lower half, three leaflets."""
    nominal = 0.5 * (implant.size or 1.05 * site.diameter)
    pressed = min(nominal, 0.5 * site.diameter * 1.04)
    height = 0.85 * 2.0 * nominal
    rows = np.linspace(-0.25, 0.75, 5) * height
    radii = pressed + (nominal - pressed) * np.clip(np.abs(rows / height), 0.0, 0.5)
    return _frame_valve(implant, _Frame(site, lumen), site.valve, rows, radii, skirt=3)


def self_expanding(
    implant: Implant, site: ValveSite, lumen: FloatArray | None = None
) -> DeviceModel:
    """A tall waisted frame from below the ring into the aorta, leaflets above the ring."""
    nominal = 0.5 * (implant.size or 1.12 * site.diameter)
    pressed = min(nominal, 0.5 * site.diameter * 1.06)
    rows = np.linspace(-5e-3, 40e-3, 9)
    share = np.linspace(0.0, 1.0, 9)
    waist = 0.86 * pressed
    radii = np.interp(share, [0.0, 0.15, 0.45, 1.0], [pressed, pressed, waist, 1.12 * nominal])
    return _frame_valve(implant, _Frame(site, lumen), site.valve, rows, radii, skirt=4)


def _frame_valve(
    implant: Implant, frame: _Frame, valve: Valve, rows: FloatArray, radii: FloatArray, skirt: int
) -> DeviceModel:
    radii = frame.within(radii, rows)
    tubes = []
    for k in range(len(rows) - 1):
        step = 2 * _CELLS
        up = (np.arange(step + 1) + k) % 2
        angle = 2.0 * np.pi * np.arange(step + 1) / step
        zigzag = frame.at(angle, radii[k + up], rows[k + up])
        tubes.append(tube(zigzag, 0.38e-3, STEEL, valve))
    low = skirt // 2 if skirt == 4 else 1
    inner = 0.95 * float(radii[low : skirt + 1].min())
    base, post = rows[low], 0.9 * (rows[skirt] - rows[low]) + 2e-3
    sheets = _leaflets(frame, valve, inner, post, implant.area, base=base)
    cloth = _skirt(frame, valve, rows[: skirt + 1], 0.97 * radii[: skirt + 1])
    return DeviceModel(tuple(tubes), (*sheets, cloth))


def clip(site: ValveSite, toward: FloatArray | None) -> DeviceModel:
    """Two arms that hold the middles of both leaflets; ``toward`` the aortic valve's middle."""
    _, second, outward = site.axes()
    front = second if toward is None else toward - site.centre
    front = front - (front @ outward) * outward
    front /= np.linalg.norm(front)
    aside, middle = np.cross(outward, front), clip_place(site, toward)
    tubes: list[Tube] = []
    for side in (-1.0, 1.0):
        arm = np.array([[1.2, 4.0], [1.6, 0.0], [2.2, -5.0], [0.4, -7.0]]) * 1e-3
        for beside in (-1.2e-3, 0.0, 1.2e-3):
            line = middle + side * arm[:, :1] * front + arm[:, 1:] * outward + beside * aside
            tubes.append(tube(line, 0.9e-3, STEEL, Valve.MITRAL))
    stem = np.stack([middle + h * outward for h in (-6.5e-3, -8.5e-3, -10e-3)])
    tubes.append(tube(stem, 1.6e-3, DARK_STEEL, Valve.MITRAL))
    return DeviceModel(tuple(tubes))


def clip_place(site: ValveSite, toward: FloatArray | None) -> FloatArray:
    """Where leaflets meet: below the ring, behind its middle as the anterior one is longer."""
    behind = np.zeros(3)
    if toward is not None:
        behind = site.centre - toward
        behind = behind - (behind @ site.outward) * site.outward
        behind = behind / np.linalg.norm(behind)
    return np.asarray(
        site.centre - 0.2 * site.diameter * site.outward + 0.07 * site.diameter * behind
    )


def _crown(angle: FloatArray, post: float) -> FloatArray:
    """Height of the line of attachment: three arches between three posts."""
    return post * np.abs(np.cos(1.5 * angle)) ** 2.2


def _leaflets(
    frame: _Frame, valve: Valve, radius: float, post: float, area: float, base: float = 0.0
) -> tuple[Sheet, ...]:
    """Three leaflets hung on a crown; open, they leave the effective orifice free if told."""
    free = min(np.sqrt(area / np.pi), 0.92 * radius) if area > 0.0 else 0.85 * radius
    s, t = np.linspace(-1.0, 1.0, ACROSS), np.linspace(0.0, 1.0, ALONG)
    found = []
    for number in range(3):
        angle = 2.0 * np.pi * (number + 0.5 * (1.0 + s)) / 3.0
        attached = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        low = _crown(angle, post)
        # Closed: the free edge runs along two radii to the middle, two thirds up the posts.
        tips = np.where(s < 0.0, angle[0], angle[-1])
        meet = 0.02 * radius + 0.98 * radius * np.abs(s)
        shut = np.stack([meet * np.cos(tips), meet * np.sin(tips)], axis=1)
        middle = 2.0 * np.pi * (number + 0.5) / 3.0
        shut += 0.02 * radius * np.array([np.cos(middle), np.sin(middle)])
        edge = post * (0.62 + 0.38 * np.abs(s) ** 1.5)
        wide = free + (radius - free) * np.abs(s) ** 4
        gape = np.stack([wide * np.cos(angle), wide * np.sin(angle)], axis=1)
        sag = 0.35 * post * (1.0 - s * s)[:, None] * (t * (1.0 - t))[None] * 2.0
        closed = _between(attached, shut, low, edge, t, sag)
        opened = _between(attached, gape, low, np.full_like(edge, post), t, 0.0 * sag)
        shapes = [
            frame.at(
                np.arctan2(g[..., 1], g[..., 0]), np.hypot(g[..., 0], g[..., 1]), g[..., 2] + base
            )
            for g in (closed, opened)
        ]
        found.append(
            Sheet(shapes[0].reshape(-1, 3), shapes[1].reshape(-1, 3), _quads(ACROSS, ALONG),
                  PERICARDIUM, valve)
        )  # fmt: skip
    return tuple(found)


def _between(
    start: FloatArray,
    end: FloatArray,
    low: FloatArray,
    high: FloatArray,
    t: FloatArray,
    sag: FloatArray,
) -> FloatArray:
    flat = start[:, None] * (1.0 - t)[None, :, None] + end[:, None] * t[None, :, None]
    height = low[:, None] * (1.0 - t)[None] + high[:, None] * t[None] - sag
    return np.concatenate([flat, height[..., None]], axis=2)


def _skirt(frame: _Frame, valve: Valve, rows: FloatArray, radii: FloatArray) -> Sheet:
    angle = np.linspace(0.0, 2.0 * np.pi, 37)
    shape = frame.at(angle[:, None], radii[None], rows[None]).reshape(-1, 3)
    return Sheet(shape, shape, _quads(37, len(rows)), CLOTH, valve)


def _quads(across: int, along: int) -> IntArray:
    index = np.arange(across * along).reshape(across, along)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    both = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)])
    return both.reshape(-1, 3).astype(np.int32)
