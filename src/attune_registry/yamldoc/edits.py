"""Replacements in a text, collected first and made all at once."""

from typing import NamedTuple

from attune_registry.yamldoc.lines import BREAKS, previous_break


class Unpatchable(Exception):
    """A change cannot be spliced in at this place; what encloses it has to be rewritten."""


class Edit(NamedTuple):
    """Characters to replace; `is_lines`: whole lines to remove."""

    start: int
    end: int
    text: str
    is_lines: bool = False


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

    def remove_lines(self, start: int, end: int) -> None:
        """Take out the lines that start at `start`, up to the one that starts at `end`.

        What is inserted where one of them ends comes to stand behind the line above.
        """
        self._edits.append(Edit(start, end, "", is_lines=True))

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
        written = _Written(text, start, len(text) if end is None else end)
        for edit in sorted(self._edits, key=lambda edit: (edit.start, edit.end)):
            written.make(edit)
        return written.whole()


class _Written:
    """A text being written, up to `at` in the old one."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._at = start
        self._end = end
        self._parts: list[str] = []
        # Where the last removed lines end, and which part is the line break before them.
        self._lines_end = -1
        self._break = 0

    def make(self, edit: Edit) -> None:
        if edit.is_lines:
            self._take_lines(edit)
        elif edit.start == edit.end and edit.start < self._lines_end:
            self._parts.insert(self._break, edit.text)
            self._break += 1
        elif (edit.start < self._at and edit.text and edit.end > edit.start) or edit.end > self._end:
            raise Unpatchable
        else:
            self._parts += [self._text[self._at : edit.start], edit.text]
            self._at = max(self._at, edit.end)

    def _take_lines(self, edit: Edit) -> None:
        text = self._text
        if edit.start > self._lines_end:
            before = max(self._at, previous_break(text, edit.start))
            self._break = len(self._parts) + 1
            self._parts += [text[self._at : before], text[before : edit.start]]
        if edit.end > self._end or text[edit.end - 1] not in BREAKS:
            # The last of these lines has no line end to take: then it is the one before.
            self._parts[self._break] = ""
        self._lines_end = edit.end
        self._at = max(self._at, min(edit.end, self._end))

    def whole(self) -> str:
        return "".join([*self._parts, self._text[self._at : self._end]])
