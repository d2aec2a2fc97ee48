"""Replacements in a text, collected first and made all at once."""

from typing import NamedTuple


class Unpatchable(Exception):
    """A change cannot be spliced in at this place; what encloses it has to be rewritten."""


class Edit(NamedTuple):
    """Characters to replace."""

    start: int
    end: int
    text: str


class Edits:
    """The edits of one text, in the order they were asked for; insertions at one place keep that order."""

    def __init__(self) -> None:
        self._edits: list[Edit] = []

    def replace(self, start: int, end: int, text: str) -> None:
        """Put `text` for the characters from `start` to `end`."""
        self._edits.append(Edit(start, end, text))

    def insert(self, at: int, text: str) -> None:
        """Put `text` at `at`, or after the replaced stretch that reaches over it."""
        self._edits.append(Edit(at, at, text))

    def mark(self) -> int:
        """A point to come back to."""
        return len(self._edits)

    def back_to(self, mark: int) -> None:
        """Forget the edits since `mark`."""
        del self._edits[mark:]

    def take_since(self, mark: int) -> "Edits":
        """The edits since `mark`, taken out."""
        taken = Edits()
        taken._edits = self._edits[mark:]
        del self._edits[mark:]
        return taken

    def apply(self, text: str, start: int = 0, end: int | None = None) -> str:
        """The characters from `start` to `end` with the edits made. Raises Unpatchable where edits overlap.

        Removals may: what two of them take is taken once.
        """
        parts, at = [], start
        end = len(text) if end is None else end
        for edit in sorted(self._edits, key=lambda edit: (edit.start, edit.end)):
            if (edit.start < at and edit.text and edit.end > edit.start) or edit.end > end:
                raise Unpatchable
            parts += [text[at : edit.start], edit.text]
            at = max(at, edit.end)
        parts.append(text[at:end])
        return "".join(parts)
