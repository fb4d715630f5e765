"""Setting points: from the choice of a tool to the finished marking."""

from typing import Protocol

from psygnal import Signal

from organtwin.anatomy.anchor import Anchor
from organtwin.anatomy.marking import LEAST_CORNERS, POINTS, Kind, Marking, next_name
from organtwin.simulation.electric_plan import LEAST_STOPS
from organtwin.simulation.pacing import Lead

PROBE = "probe"
PACE, ABLATE, ABLATE_LINE = "pace", "ablate", "ablate line"
LEAD_TOOLS: dict[str, Lead] = {f"{lead} lead": lead for lead in Lead}
"""Set one lead of the pacemaker where the user clicks."""
TOOLS: tuple[str, ...] = (PROBE, *Kind, PACE, ABLATE, ABLATE_LINE, *LEAD_TOOLS)
"""What a click on the heart can do; none of them turns the heart."""


class Placing(Protocol):
    """Who knows what to do where the heart is paced or ablated."""

    def place(self, tool: str, anchor: Anchor) -> None: ...
    def draw_line(self, stops: tuple[Anchor, ...]) -> None: ...


class Marked(Protocol):
    """Who keeps the finished markings: the session."""

    @property
    def markings(self) -> tuple[Marking, ...]: ...

    @markings.setter
    def markings(self, markings: tuple[Marking, ...]) -> None: ...
    @property
    def electrics(self) -> Placing: ...


class Measuring:
    """``tool`` is one of ``TOOLS`` or empty; ``pending`` are the points set so far."""

    changed = Signal()

    def __init__(self, session: Marked) -> None:
        self._session = session
        self.tool = ""
        self.pending: tuple[Anchor, ...] = ()

    def take(self, tool: str) -> None:
        """Take up a tool, or lay it down with an empty name; unfinished points are dropped."""
        self.tool, self.pending = tool, ()
        self.changed.emit()

    def set_point(self, anchor: Anchor) -> None:
        """Pace or ablate there, or add a point; the last one needed finishes the marking."""
        if self.tool in (PACE, ABLATE, *LEAD_TOOLS):
            self._session.electrics.place(self.tool, anchor)
        if self.tool not in (*Kind, ABLATE_LINE):
            return
        self.pending = (*self.pending, anchor)
        if self.tool in set(Kind) and len(self.pending) == POINTS.get(Kind(self.tool)):
            self.finish()
        else:
            self.changed.emit()

    def finish(self) -> None:
        """Make a marking or a line of lesions of the points set so far, if they are enough."""
        if self.tool == ABLATE_LINE and len(self.pending) >= LEAST_STOPS:
            stops, self.pending = self.pending, ()
            self._session.electrics.draw_line(stops)
            self.changed.emit()
        if self.tool not in set(Kind):
            return
        kind = Kind(self.tool)
        if len(self.pending) >= POINTS.get(kind, LEAST_CORNERS):
            known = self._session.markings
            made = Marking(kind, next_name(kind, known), self.pending)
            self.pending = ()
            self._session.markings = (*known, made)
        self.changed.emit()

    def step_back(self) -> None:
        """Take the last point back; without points, lay the tool down."""
        if self.pending:
            self.pending = self.pending[:-1]
            self.changed.emit()
        else:
            self.take("")

    def remove_last(self) -> None:
        """Remove the newest point, or else the newest marking."""
        if self.pending:
            self.step_back()
        else:
            self._session.markings = self._session.markings[:-1]
