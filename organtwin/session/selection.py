"""What the user chose to look at. Changing it computes nothing."""

from dataclasses import dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor


@dataclass
class Selection:
    """Evented: ``selection.events.field.connect(...)``."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    field: str = "region"
    """What colours the heart: ``region``, ``strain`` or ``activation``."""
    preset: int = 0
    """Which of ``presets``, the camera positions that the 3D view offers by name."""
    presets: tuple[str, ...] = ()
    clip: bool = False
    """Cut the heart open."""
    side: str = "left"
    """Which heart's pressures and volumes are drawn: ``left`` or ``right``."""
    lead: str = ""
    """ECG lead drawn alone; empty for all leads."""
    theme: str = "dark"
