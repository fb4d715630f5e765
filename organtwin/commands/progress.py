"""Progress on a terminal: one line on standard error that overwrites itself."""

import sys
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar


class Step(Protocol):
    """Anything that tells how far it is."""

    @property
    def fraction(self) -> float: ...
    @property
    def message(self) -> str: ...


S = TypeVar("S", bound=Step)


def shown(steps: Iterable[S]) -> Iterator[S]:
    """Pass steps on while showing them; silent where standard error is not a terminal."""
    visible = sys.stderr.isatty()
    try:
        for step in steps:
            if visible:
                sys.stderr.write(f"\r\x1b[K{step.fraction:4.0%}  {step.message}")
                sys.stderr.flush()
            yield step
    finally:
        if visible:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
