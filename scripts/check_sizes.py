"""List files and functions over the size budget, and fail on those far over it.

Usage: check_sizes.py [FOLDER]. Over the budget needs a reason in the reader's eyes, over the limit
an entry in ``EXCEPTIONS``.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FILE_BUDGET, FILE_LIMIT = 350, 500
FUNCTION_BUDGET, FUNCTION_LIMIT = 35, 70

EXCEPTIONS: dict[str, str] = {}
"""File or ``file::function`` that may pass the limit, and why, such as a table of numbers."""


class Size(NamedTuple):
    place: str
    lines: int
    budget: int
    limit: int

    @property
    def fails(self) -> bool:
        return self.lines > self.limit and self.place not in EXCEPTIONS


def function_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from ``def`` to the end, without the docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        docstring = function.body[0]
        lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return lines


def sizes(root: Path) -> Iterator[Size]:
    for folder in ("organtwin", "scripts", "tests"):
        for path in sorted((root / folder).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            text = path.read_text("utf-8")
            yield Size(place, len(text.splitlines()), FILE_BUDGET, FILE_LIMIT)
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    name = f"{place}::{node.name}"
                    yield Size(name, function_lines(node), FUNCTION_BUDGET, FUNCTION_LIMIT)


def main(root: Path) -> int:
    over = [size for size in sizes(root) if size.lines > size.budget]
    for size in sorted(over, key=lambda size: size.lines / size.budget, reverse=True):
        verdict = "TOO LONG" if size.fails else EXCEPTIONS.get(size.place, "over the budget")
        print(f"{size.lines:5d} lines (budget {size.budget})  {size.place}  {verdict}")
    failing = sum(size.fails for size in over)
    print(f"{len(over)} over the size budget, {failing} over the limit")
    return int(failing > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]))
