"""Pictures of the hearts of a report, in light colours for print. Loads VTK."""

from collections.abc import Iterator

from PySide6.QtGui import QImage

from organtwin.scene.offscreen import Look, render_still
from organtwin.scene.theme import LIGHT
from organtwin.session.plan_table import Beside
from organtwin.session.report import Reported
from organtwin.therapy.implants import Implant

SIZE = (480, 400)
"""Pixels: 300 to the inch where two hearts stand side by side."""
VIEW = "Four-chamber"
"""Opened, so that walls and cavities are seen."""


def heart_pictures(found: Reported) -> Iterator[tuple[str, QImage]]:
    """One after the other, each with the letter of its plan; a plan without an answer has none.

    Drawn at the end of systole. Over a plan's heart lies the outline of the untreated one.
    """
    untreated = found.untreated
    yield "", _picture(untreated, found.implanted, None)
    for plan in found.plans:
        if plan.shown.heartbeat is not None and plan.prediction is not None:
            yield plan.letter, _picture(plan.shown, plan.implants, untreated)


def _picture(shown: Beside, implants: tuple[Implant, ...], ghost: Beside | None) -> QImage:
    heartbeat = shown.heartbeat
    if heartbeat is None:
        raise ValueError("a picture of a heart that does not beat")
    volume = heartbeat.beat.traces["lv_volume"]
    behind = ghost.heartbeat if ghost is not None else None
    look = Look(
        preset=VIEW, size=SIZE, ghost=behind.motion if behind is not None else None, theme=LIGHT,
        implants=implants,
    )  # fmt: skip
    pixels = render_still(heartbeat.motion, look, phase=float(volume.argmin()) / len(volume))
    height, width, _ = pixels.shape
    image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()  # the pixels go with the array
