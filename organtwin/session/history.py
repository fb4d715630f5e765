"""Undo and redo as a list of frozen values."""

from typing import Generic, TypeVar

Value = TypeVar("Value")


class History(Generic[Value]):
    """One value with its earlier and later selves.

    Changes in a row under the same ``merge`` key, such as the positions of one slider drag, count
    as one; ``seal`` ends the row.
    """

    def __init__(self, value: Value) -> None:
        self._values = [value]
        self._position = 0
        self._merge: str | None = None

    @property
    def value(self) -> Value:
        return self._values[self._position]

    @property
    def can_undo(self) -> bool:
        return self._position > 0

    @property
    def can_redo(self) -> bool:
        return self._position < len(self._values) - 1

    def set(self, value: Value, *, merge: str | None = None) -> None:
        """Make ``value`` the newest; what could have been redone is forgotten."""
        if value == self.value:
            return
        same_row = merge is not None and merge == self._merge
        del self._values[self._position + (0 if same_row else 1) :]
        self._values.append(value)
        self._position = len(self._values) - 1
        self._merge = merge

    def seal(self) -> None:
        """Let the next change be one of its own."""
        self._merge = None

    def undo(self) -> Value:
        self.seal()
        self._position = max(self._position - 1, 0)
        return self.value

    def redo(self) -> Value:
        self.seal()
        self._position = min(self._position + 1, len(self._values) - 1)
        return self.value

    def clear(self, value: Value) -> None:
        """Start anew from ``value``."""
        self._values, self._position, self._merge = [value], 0, None
