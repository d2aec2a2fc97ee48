"""The lines of a YAML text around a place: where they start and end, and which comments belong to it."""

import re

BREAKS = "\n\r\x85\u2028\u2029"
_LINE_END = re.compile(r"(?=[\n\r\x85\u2028\u2029]|\Z)")
_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]|\Z")
_FIRST_BREAK = re.compile(r"\r\n|\n|\r")
_REST = re.compile(r"(?:[ \t]+#[^\n\r\x85\u2028\u2029]*|[ \t]*)(?=[\n\r\x85\u2028\u2029]|\Z)")
_BLANK = re.compile(r"[ \t]*(?:\r\n|[\n\r\x85\u2028\u2029])")
# Nothing may follow in the pattern: how it could be matched otherwise would be tried in a time that doubles per `#`.
_NOTHING = re.compile(r"(?:[ \t\n\r\x85\u2028\u2029]|(?<=[ \t\n\r\x85\u2028\u2029])#[^\n\r\x85\u2028\u2029]*)*")


def line_break(text: str) -> str:
    """How the text ends its lines."""
    match = _FIRST_BREAK.search(text)
    return match.group() if match else "\n"


def break_below(text: str, at: int) -> str:
    """The line break that ends the line of `at`; on the last line, how the text ends its lines."""
    match = _BREAK.match(text, line_end(text, at))
    return (match.group() if match else "") or line_break(text)


def line_start(text: str, at: int) -> int:
    """The start of the line that `at` is in."""
    start = text.rfind("\n", 0, at) + 1
    # None of the other characters that end a line is printable, and nearly every line is.
    if text[start:at].isprintable():
        return start
    return max(start, *(text.rfind(char, start, at) + 1 for char in "\r\x85\u2028\u2029"))


def line_end(text: str, at: int) -> int:
    """The end of the line that `at` is in, before its line break."""
    match = _LINE_END.search(text, at)
    return match.start() if match else len(text)


def next_line(text: str, at: int) -> int:
    """The start of the next line, the end of the text on its last line."""
    match = _BREAK.match(text, line_end(text, at))
    return match.end() if match else len(text)


def previous_break(text: str, at: int) -> int:
    """Where the line break just before `at`, a line's start, begins."""
    if text[max(0, at - 2) : at] == "\r\n":
        return at - 2
    return max(0, at - 1)


def is_rest_free(text: str, at: int) -> bool:
    """True when nothing but a comment follows in the line."""
    return _REST.match(text, at) is not None


def full_end(text: str, at: int) -> int:
    """The end of a value's line where only its comment follows the value's end at `at`; else `at` itself."""
    match = _REST.match(text, at)
    return match.end() if match else at


def past_nothing(text: str, at: int) -> int:
    """The first place from `at` on where something other than white space and comments stands."""
    match = _NOTHING.match(text, at)
    return match.end() if match else at


def is_first_in_line(text: str, at: int) -> bool:
    """True when only spaces stand before `at` in its line, or tabs, as there may be between brackets and braces."""
    # Step by step: of a file in one line, what stands before is nearly all of it.
    while at and text[at - 1] in " \t":
        at -= 1
    return at == 0 or text[at - 1] in BREAKS


def comments_above(text: str, at: int, column: int, floor: int) -> int:
    """The start of the comment lines directly above the line at `at`, in its column and not above `floor`."""
    comment = re.compile(rf"[ \t]{{{column}}}#")
    while at > floor:
        above = line_start(text, previous_break(text, at))
        if above < floor or above == at or not comment.match(text, above):
            break
        at = above
    return at


def comments_below(text: str, at: int, column: int) -> int:
    """The end of the comment lines below a value that ends its line at `at`, as far as they are deeper than `column`.

    Blank lines count only with such a comment after them.
    """
    end = at
    if line_end(text, at) > at:
        return end
    while (line := next_line(text, at)) > line_end(text, at):
        at = line_end(text, line)
        said = text[line:at]
        if said.strip() and not _is_deeper_comment(said, column):
            break
        if said.strip():
            end = at
    return end


def _is_deeper_comment(line: str, column: int) -> bool:
    return line.lstrip(" ").startswith("#") and len(line) - len(line.lstrip(" ")) > column


def depth_below(text: str, at: int, column: int) -> int:
    """The column in which a block scalar that ends at `at` has to stand for what is below not to belong to it.

    That is right of comments deeper than `column`, the one of its key or dash, and not left of where blank lines end.
    """
    depth = 0
    while (line := next_line(text, at)) > line_end(text, at):
        at = line_end(text, line)
        said = text[line:at]
        if said.strip() and not _is_deeper_comment(said, column):
            break
        depth = max(depth, len(said) - len(said.lstrip(" ")) + bool(said.strip(" ")))
    return depth


def blank_lines_above(text: str, at: int, floor: int) -> int:
    """The start of the blank lines directly above the line starting at `at`, not above `floor`."""
    while at > floor:
        above = line_start(text, previous_break(text, at))
        if above < floor or above == at or text[above:at].strip():
            break
        at = above
    return at


def blank_lines_below(text: str, at: int) -> int:
    """The end of the blank lines that start at `at`, a line's start."""
    while match := _BLANK.match(text, at):
        at = match.end()
    return at if text[at:].strip(" \t") else len(text)
