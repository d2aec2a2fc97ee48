"""Taking items out of brackets and braces, each with one comma, and with its lines where it has lines of its own."""

import re

from attune_registry.yamldoc.flow_parts import Part, comma_end, is_on_lines
from attune_registry.yamldoc.lines import is_first_in_line, is_rest_free, line_start, next_line, past_nothing
from attune_registry.yamldoc.matching import runs
from attune_registry.yamldoc.slots import Paper

_BLANKS = re.compile(r"[ \t]*")


def remove_all(paper: Paper, parts: list[Part], removed: list[int]) -> None:
    """Take out the items at these places, some but not all."""
    for first, last in runs(removed):
        comma = comma_end(paper.text, parts[first - 1].end) if first and last + 1 == len(parts) else None
        if paper.style.is_json and comma and is_on_lines(paper.text, parts[first], parts[last]):
            # YAML allows a comma after the last item, JSON does not.
            paper.edits.replace(comma - 1, comma, "")
        _remove(paper, parts, first, last)


def _remove(paper: Paper, parts: list[Part], first: int, last: int) -> None:
    text = paper.text
    start, end = parts[first].start, parts[last].end
    before, after = (parts[first - 1].end, end) if first else (start, parts[last + 1].start)
    # In some files the commas start the lines.
    comma = past_nothing(text, before)
    begins_line = comma < start and is_first_in_line(text, comma) and "#" not in text[comma:start]
    if begins_line and is_rest_free(text, end):
        _remove_lines(paper, comma, end)
    elif is_on_lines(text, parts[first], parts[last]) and not _has_comma_behind_comment(text, end):
        _remove_lines(paper, start, comma_end(text, end) or end)
    elif "#" not in text[before:start] and "#" not in text[end:after]:
        paper.edits.replace(before, after, "")
    elif begins_line:
        paper.edits.replace(comma, end, "")
    else:
        _remove_before_comma(paper, start, end)


def _remove_lines(paper: Paper, start: int, end: int) -> None:
    paper.edits.replace(line_start(paper.text, start), next_line(paper.text, end), "")


def _remove_before_comma(paper: Paper, start: int, end: int) -> None:
    """Take out items and the comma after them, if there is one; comments that stand around them stay."""
    text, edits = paper.text, paper.edits
    comma = past_nothing(text, end)
    if text[comma] == "," and not text[end:comma].strip():
        edits.replace(start, _past_blanks(text, comma + 1), "")
        return
    if is_first_in_line(text, start) and is_rest_free(text, end):
        _remove_lines(paper, start, end)
    else:
        edits.replace(start, end, "")
    if text[comma] == ",":
        edits.replace(comma, _past_blanks(text, comma + 1), "")


def _has_comma_behind_comment(text: str, end: int) -> bool:
    comma = past_nothing(text, end)
    return text[comma] == "," and "#" in text[end:comma]


def _past_blanks(text: str, at: int) -> int:
    """The end of the blanks at `at` where something follows them that is no comment, else `at`."""
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks and not is_rest_free(text, at) else at
