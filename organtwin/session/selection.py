"""What the user chose to look at. Changing it computes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from psygnal import SignalGroupDescriptor

Choice = TypeVar("Choice", str, float)
DEEPEST = 70e-3
"""[m] How far a cut can be moved from its place, to either side."""


ECG_SPEEDS = (25.0, 50.0)
"""[mm/s]"""
ECG_GAINS = (2.5, 5.0, 10.0, 20.0, 40.0)
"""[mm/mV]"""
ECG_LAYOUTS = ("", "3x4", "6x2", "12x1")


@dataclass
class Selection:
    """Evented: ``selection.events.field.connect(...)``."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    field: str = "region"
    """What colours the heart: ``region``, ``strain`` or ``activation``."""
    preset: int = 0
    """Which of ``presets``; set it with ``look``."""
    presets: tuple[str, ...] = ()
    """The camera positions that the 3D view offers by name."""
    angles: tuple[float, float] | None = None
    """LAO (positive) or RAO and cranial (positive) or caudal angle that the user typed [degrees];
    none once the heart was turned otherwise."""
    cut: str = ""
    """Which of ``cuts`` opens the heart; empty for a closed one. Set it with ``open``."""
    cuts: tuple[str, ...] = ()
    """The planes that the 3D view offers by name; some are also camera positions."""
    cut_place: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """How the cut was moved: depth [m], then turned and tilted [rad]."""
    hidden: frozenset[str] = frozenset({"pericardium", "blood", "fibers", "conduction", "torso"})
    """Layers of the picture that are taken away."""
    layers: tuple[str, ...] = ()
    """The layers that the shown heart has."""
    segment: int = 0
    """The segment of the heart that is marked; 0 for none."""
    pointed: int = 0
    """The segment under the cursor, in the heart or in the bull's eye; 0 for none."""
    span_s: float = 300.0
    """Stretch of time that the trends show; 0 for all."""
    side: str = "left"
    """Which heart's pressures and volumes are drawn: ``left`` or ``right``."""
    lead: str = ""
    """ECG lead drawn alone; empty for all leads."""
    ecg_page: str = ""
    """``beat`` or ``recording``; empty for the beat if there is one, else the recording."""
    ecg_speed_mm_s: float = 25.0
    ecg_gain_mm_mv: float = 10.0
    ecg_layout: str = ""
    """One of ``ECG_LAYOUTS``; empty for the one that is largest in the room there is."""
    ecg_fills: bool = False
    """The beat is enlarged to fill its view, instead of showing millimetres as millimetres."""
    dose_output: str = "mean_arterial_pressure"
    """The quantity that dose-response curves show."""
    course_duration_s: float = 3600.0
    """How long a plan in time is run."""
    theme: str = "dark"

    def look(self, preset: int) -> None:
        """Take a camera position; one that is a cut opens the heart, and closes it on leaving."""
        before, name = self._name(self.preset), self._name(preset)
        self.angles = None
        self.preset = preset
        if name in self.cuts:
            self.open(name)
        elif self.cut == before:
            self.open("")

    def leave_angles(self) -> None:
        """The heart was turned by hand."""
        self.angles = None

    def open(self, cut: str) -> None:
        """Cut the heart open where the plane lies by itself; empty closes it."""
        self.cut_place = (0.0, 0.0, 0.0)
        self.cut = cut

    def move_cut(self, depth: float) -> None:
        """Move the cut by ``depth`` [m]."""
        now, turn, tilt = self.cut_place
        if self.cut:
            self.cut_place = (min(max(now + depth, -DEEPEST), DEEPEST), turn, tilt)

    def turn_cut(self, turn: float, tilt: float) -> None:
        """Turn the cut by two angles [rad]."""
        depth, turned, tilted = self.cut_place
        if self.cut:
            self.cut_place = (depth, turned + turn, tilted + tilt)

    def toggle(self, layer: str) -> None:
        """Take a layer away, or bring it back."""
        self.hidden = self.hidden ^ {layer}

    def choose_segment(self, segment: int) -> None:
        """Mark a segment; the marked one again, or 0, marks none."""
        self.segment = 0 if segment == self.segment else segment

    def point_at(self, segment: int) -> None:
        """Tell which segment lies under the cursor."""
        self.pointed = segment

    def next_ecg_speed(self) -> None:
        self.ecg_speed_mm_s = _next(ECG_SPEEDS, self.ecg_speed_mm_s)

    def next_ecg_layout(self) -> None:
        self.ecg_layout = _next(ECG_LAYOUTS, self.ecg_layout)

    def step_ecg_gain(self, steps: int) -> None:
        """Draw the ECG taller, or less tall if negative."""
        place = ECG_GAINS.index(self.ecg_gain_mm_mv) + steps
        self.ecg_gain_mm_mv = ECG_GAINS[min(max(place, 0), len(ECG_GAINS) - 1)]

    def _name(self, preset: int) -> str:
        return self.presets[preset] if preset < len(self.presets) else ""


def _next(choices: Sequence[Choice], now: Choice) -> Choice:
    return choices[(choices.index(now) + 1) % len(choices)]
