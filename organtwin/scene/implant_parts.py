"""What a plan adds to the picture: devices and an effusion, and where native leaflets are then.

A surgical prosthesis takes the native leaflets away; a transcatheter frame holds them open against
the wall; a clip holds their middles together, so that two orifices are left.
"""

import numpy as np
from vtkmodules.vtkRenderingCore import vtkRenderer

from organtwin.anatomy.heart_places import HeartPlaces
from organtwin.anatomy.mesh import Anatomy
from organtwin.anatomy.regions import Valve
from organtwin.arrays import BoolArray, Float32Array, FloatArray
from organtwin.scene.devices import Devices
from organtwin.scene.effusion import Effusion
from organtwin.scene.layers import DEVICES, FLUID
from organtwin.scene.motion import Motion, ValveMotion
from organtwin.scene.planes import Plane
from organtwin.scene.valve_devices import clip_place
from organtwin.therapy.implants import EFFUSION, Implant

GRASP = 6e-3
"""How far from a clip [m] leaflets are still held."""


class ImplantParts:
    """Built when a plan first puts something in; nothing before."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._devices: Devices | None = None
        self._effusion: Effusion | None = None
        self.implants: tuple[Implant, ...] = ()
        self.filling: Float32Array = np.zeros(0, dtype=np.float32)
        self._anatomy: Anatomy | None = None
        self._plane: Plane | None = None
        self._held: list[tuple[Valve, np.ndarray, np.ndarray, np.ndarray]] = []

    @property
    def layers(self) -> dict[str, str]:
        """Names of the layers that are there, with what could not be placed."""
        found = {}
        if any(item.name != EFFUSION for item in self.implants):
            found[DEVICES] = "; ".join(self._devices.notes) if self._devices else ""
        if any(item.name == EFFUSION for item in self.implants):
            absent = self._anatomy is not None and self._anatomy.pericardium is None
            found[FLUID] = "not drawn: this heart has no pericardium" if absent else ""
        return found

    def build(self, implants: tuple[Implant, ...], motion: Motion) -> None:
        """Place ``implants`` in the heart of ``motion``; nothing is done where nothing changed."""
        anatomy = motion.anatomy
        if implants == self.implants and anatomy is self._anatomy:
            return
        self.implants, self._anatomy, self._held = implants, anatomy, []
        devices = tuple(item for item in implants if item.name != EFFUSION)
        if devices or self._devices is not None:
            self._devices = self._devices or Devices(self._renderer)
            places = HeartPlaces(anatomy)
            self._devices.build(devices, places)
            self._devices.cut(self._plane)
            for item in devices:
                self._hold(item, places)
        volume = sum(item.size for item in implants if item.name == EFFUSION)
        if volume or self._effusion is not None:
            self._effusion = self._effusion or Effusion(self._renderer)
            self._effusion.build(anatomy.pericardium, volume)
            self._effusion.cut(self._plane)

    @property
    def bodies(self) -> FloatArray:
        """Points ``(n, 3)`` [m] around the housings of devices that are shown."""
        return np.zeros((0, 3)) if self._devices is None else self._devices.bodies

    def removed(self, anatomy: Anatomy) -> BoolArray:
        """Points ``(n,)`` of the surface that a surgeon takes away: the leaflets of a valve."""
        gone = np.zeros(len(anatomy.surface.points), dtype=np.bool_)
        for item in self.implants:
            if item.valve is None or item.valve not in anatomy.leaflets:
                continue
            if item.name == "bioprosthesis":
                gone[anatomy.leaflets[item.valve].points] = True
        return gone

    def hold(self, motion: Motion, phase: float, points: Float32Array) -> None:
        """Keep native leaflets where devices hold them; changes ``points`` in place."""
        if not self._held or not isinstance(motion, ValveMotion):
            return
        openings = motion.valve_openings(phase)
        for valve, places, shut, wide in self._held:
            points[places] += (1.0 - openings[valve]) * shut + openings[valve] * wide

    def _hold(self, item: Implant, places: HeartPlaces) -> None:
        valve = item.valve
        leaflets = places.anatomy.leaflets.get(valve) if valve is not None else None
        if valve is None or leaflets is None or valve not in places.valves:
            return
        opening = leaflets.opening.astype(np.float32)
        if item.name in ("balloon-expandable valve", "self-expanding valve"):
            self._held.append((valve, leaflets.points, opening, np.zeros_like(opening)))
        elif item.name == "clip":
            aorta = places.valves.get(Valve.AORTIC)
            centre = clip_place(places.valves[valve], None if aorta is None else aorta.centre)
            away = np.linalg.norm(places.anatomy.surface.points[leaflets.points] - centre, axis=1)
            grasp = np.exp(-((away / GRASP) ** 2)).astype(np.float32)[:, None]
            self._held.append((valve, leaflets.points, np.zeros_like(opening), -grasp * opening))

    def show(self, hidden: frozenset[str]) -> None:
        if self._devices is not None:
            self._devices.show(DEVICES not in hidden)
        if self._effusion is not None:
            self._effusion.show(FLUID not in hidden)

    def move(self, motion: Motion, phase: float, surface: Float32Array) -> None:
        if self._devices is not None:
            full = self._full(motion, phase) if self._devices.visible else 0.0
            self._devices.move(motion, phase, surface, full)
        if self._effusion is not None:
            self._effusion.move(motion, phase)

    def _full(self, motion: Motion, phase: float) -> float:
        """How full a balloon is, 0 to 1: as simulated, else full while the aortic valve is shut."""
        if len(self.filling):
            share = phase * len(self.filling)
            low = int(share) % len(self.filling)
            high = (low + 1) % len(self.filling)
            rest = share - int(share)
            return float((1.0 - rest) * self.filling[low] + rest * self.filling[high])
        if isinstance(motion, ValveMotion):
            return float(1.0 - motion.valve_openings(phase)[Valve.AORTIC])
        return 1.0

    def cut(self, plane: Plane | None) -> None:
        self._plane = plane
        for part in (self._devices, self._effusion):
            if part is not None:
                part.cut(plane)

    def remove(self) -> None:
        """Take everything off the renderer."""
        actors = [*(self._devices.actors if self._devices else ())]
        actors += [self._effusion.actor] if self._effusion else []
        for actor in actors:
            self._renderer.RemoveActor(actor)
