"""Where something set on a heart lies in it."""

from organtwin.anatomy.anchor import TISSUE, Anchor
from organtwin.anatomy.mesh import Anatomy
from organtwin.errors import InputError


def place_of(anchor: Anchor, anatomy: Anatomy) -> tuple[float, float, float]:
    """Where an anchor lies ``(x, y, z)`` [m] in the heart as it was imaged.

    Raises
    ------
    InputError
        The anchor belongs to another heart.
    """
    points = anatomy.tissue.nodes if anchor.ground == TISSUE else anatomy.surface.points
    if not anchor.fits(len(points)):
        raise InputError(
            anatomy.name, "place", expected=f"one of {len(points)} points of the {anchor.ground}",
            got=f"number {max(anchor.nodes)} of {anchor.of or 'another heart'}",
            remedy="Set the place anew on this heart.",
        )  # fmt: skip
    x, y, z = anchor.place(points)
    return float(x), float(y), float(z)
