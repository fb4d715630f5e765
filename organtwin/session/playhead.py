"""The one clock: the heart, the ECG cursor, the loop points and the traces all follow it."""

from math import floor

from psygnal import Signal

SPEEDS = (0.1, 0.25, 0.5, 1.0)
"""Playback rates offered to the user; 1 is real time."""
FRAMES_PER_BEAT = 50
"""Length of one step by hand, as a part of the beat."""


class Playhead:
    """Where in the cardiac cycle the picture is.

    ``phase`` in [0, 1) counts from the sinus impulse; ``beat`` counts cycles since the start.
    """

    moved = Signal()
    playing_changed = Signal(bool)
    speed_changed = Signal(float)

    def __init__(self) -> None:
        self.phase = 0.0
        self.beat = 0
        self._playing = False
        self._speed = 1.0

    @property
    def playing(self) -> bool:
        return self._playing

    @playing.setter
    def playing(self, playing: bool) -> None:
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        if speed != self._speed:
            self._speed = speed
            self.speed_changed.emit(speed)

    def advance(self, elapsed: float, duration: float) -> None:
        """Let ``elapsed`` seconds of wall time pass over a beat of ``duration`` seconds."""
        self.move(elapsed * self._speed / duration)

    def follow(self, phase: float) -> None:
        """Stand at a phase that somebody else knows, as when the patient's own heart beats."""
        if phase < self.phase - 0.5:
            self.beat += 1
        self.phase = phase
        self.moved.emit()

    def step(self, frames: int) -> None:
        """Stop, and move by single frames, backwards if negative."""
        self.playing = False
        self.move(frames / FRAMES_PER_BEAT)

    def move(self, cycles: float) -> None:
        """Move by a part of a cycle."""
        position = self.phase + cycles
        whole = floor(position)
        self.phase = position - whole
        self.beat = max(self.beat + whole, 0)
        self.moved.emit()
