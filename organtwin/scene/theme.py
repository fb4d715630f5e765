"""Colours of everything around the heart, for a dark and a light room."""

from dataclasses import dataclass

from organtwin.scene.fields import Color


@dataclass(frozen=True, slots=True)
class Theme:
    """``ink`` writes, ``faint`` recedes, ``missing`` paints what has no value."""

    name: str
    background: Color
    ink: Color
    faint: Color
    ghost: Color
    mark: Color
    missing: Color


DARK = Theme(
    "dark", (20, 23, 27), (226, 231, 236), (128, 138, 150), (150, 205, 255), (255, 232, 120),
    (112, 116, 122),
)  # fmt: skip
LIGHT = Theme(
    "light", (244, 246, 248), (32, 38, 46), (122, 132, 144), (20, 84, 160), (20, 20, 20),
    (170, 174, 180),
)  # fmt: skip
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
