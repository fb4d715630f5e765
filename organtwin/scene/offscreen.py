"""Stills and movies on a machine with no display: a server, a CI run, the command line."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import imageio.v2 as imageio
import numpy as np
from numpy.typing import NDArray

from organtwin.anatomy.marking import Marking
from organtwin.errors import InputError
from organtwin.scene.fields import REGION
from organtwin.scene.layers import HIDDEN_AT_FIRST
from organtwin.scene.motion import Motion
from organtwin.scene.picture import Picture
from organtwin.scene.theme import DARK, Theme
from organtwin.therapy.implants import Implant

STILL_SAMPLES = 3
MOVIE_SAMPLES = 2
"""Samples per pixel and direction, averaged: smooth edges on any renderer."""

RgbArray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Look:
    """How a heart is photographed: what is drawn of it, from where, on how many pixels."""

    field: str = REGION
    preset: str = "AP"
    size: tuple[int, int] = (1280, 960)
    caption: str = ""
    ghost: Motion | None = None
    theme: Theme = DARK
    hidden: frozenset[str] = HIDDEN_AT_FIRST
    markings: Sequence[Marking] = ()
    implants: tuple[Implant, ...] = ()


PLAIN = Look()


def render_png(motion: Motion, path: Path, look: Look = PLAIN, *, phase: float = 0.0) -> None:
    """Write one picture of the heart at ``phase`` of its beat.

    Raises
    ------
    InputError
        The file cannot be written; nothing is left behind.
    """
    image = render_still(motion, look, phase=phase)
    with _appearing(path, path.with_name(f".{path.name}.part")) as partial:
        imageio.imwrite(partial, image, format="PNG")


def render_still(motion: Motion, look: Look = PLAIN, *, phase: float = 0.0) -> RgbArray:
    """The same picture as ``(height, width, 3)`` bytes."""
    with closing(_Stage(motion, look, STILL_SAMPLES)) as stage:
        return stage.frame(phase)


def render_movie(
    motion: Motion,
    path: Path,
    look: Look = PLAIN,
    *,
    fps: float = 30.0,
    beats: float = 2.0,
    speed: float = 1.0,
) -> Iterator[float]:
    """Write an MP4 of ``beats`` beats; yields the finished share after every frame.

    ``speed`` 0.5 is half of real time. The file appears under its name only when it is complete;
    a caller who stops early (``close`` on the generator) leaves nothing behind.
    """
    count = max(round(beats * motion.duration * fps / speed), 1)
    width, height = (side - side % 2 for side in look.size)  # the encoder halves colour both ways
    with _appearing(path, path.with_name(f".{path.stem}.part.mp4")) as partial:
        writer = imageio.get_writer(
            partial, format="FFMPEG", fps=fps, codec="libx264", quality=8, macro_block_size=2
        )
        stage = _Stage(motion, replace(look, size=(width, height)), MOVIE_SAMPLES)
        with closing(writer), closing(stage):
            for index in range(count):
                writer.append_data(stage.frame(index * speed / (fps * motion.duration)))
                yield (index + 1) / count


@contextmanager
def _appearing(path: Path, partial: Path) -> Iterator[Path]:
    """``partial`` takes the name ``path`` when the block ends well, and is gone otherwise."""
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        # The encoder's own log, many lines long, follows its first.
        reason = error.strerror or str(error).splitlines()[0]
        raise InputError(
            str(path), "file", expected="a place where a picture can be written", got=reason,
            remedy="Make room, or name another folder.",
        ) from error  # fmt: skip
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


class _Stage:
    """One motion, dressed and lit, ready to be photographed at any phase."""

    def __init__(self, motion: Motion, look: Look, samples: int) -> None:
        self._size, self._samples = look.size, samples
        width, height = look.size
        self._picture = Picture(width * samples, height * samples, look.theme)
        scene = self._picture.scene
        scene.set_hidden(look.hidden)
        scene.show(motion)
        scene.set_implants(look.implants)
        scene.set_ghost(look.ghost)
        scene.set_field(look.field)
        scene.set_caption(look.caption)
        scene.set_markings(look.markings)
        view = scene.preset(look.preset, self._picture.aspect)
        scene.set_clip(view.plane)
        scene.look(view.camera)

    def frame(self, phase: float) -> RgbArray:
        """``(height, width, 3)`` bytes."""
        self._picture.scene.set_phase(phase)
        pixels = self._picture.render()
        width, height = self._size
        channels = np.stack([(pixels >> shift) & 255 for shift in (16, 8, 0)], axis=-1)
        blocks = channels.reshape(height, self._samples, width, self._samples, 3)
        return np.ascontiguousarray(blocks.mean(axis=(1, 3)).round().astype(np.uint8))

    def close(self) -> None:
        self._picture.close()
