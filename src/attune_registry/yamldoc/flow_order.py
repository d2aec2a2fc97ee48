"""Putting what is in brackets or braces into another order, each with its comments where it has lines of its own."""

from itertools import pairwise
from typing import NamedTuple

from attune_registry.yamldoc.flow_parts import Entries, comma_end, is_on_lines
from attune_registry.yamldoc.gaps import Gaps, gaps_left
from attune_registry.yamldoc.lines import comments_above, line_end, line_start, next_line
from attune_registry.yamldoc.slots import Paper


class Piece(NamedTuple):
    """An entry with what belongs to it: comments and indentation before, a comment after its comma."""

    before: str
    said: str
    after: str


class Place(NamedTuple):
    """Where an entry stands, from its `before` to its `after`."""

    start: int
    end: int
    before: str
    after: str


def rearrange(paper: Paper, entries: Entries) -> None:
    """Write the entries that stay and the new ones in their new order. Raises Unpatchable."""
    text, parts, match = paper.text, entries.parts, entries.match
    are_lines = all(is_on_lines(text, part, part) for part in parts)
    places = _line_places(text, entries) if are_lines else [Place(*part, "", "") for part in parts]
    pad = text[line_start(text, parts[0].start) : parts[0].start] if are_lines else ""
    pieces = []
    for index, at in enumerate(match):
        if at is None:
            pieces.append(Piece(pad, entries.said(index), ""))
            continue
        mark = paper.edits.mark()
        entries.patch(at, index)
        said = paper.edits.take_since(mark).apply(text, parts[at].start, parts[at].end)
        pieces.append(Piece(places[at].before, said, places[at].after))
    if are_lines:
        left = gaps_left(text, [(place.start, place.end) for place in places], {at for at in match if at is not None})
    else:
        left = Gaps("", [text[place.end : after.start] for place, after in pairwise(places)], "")
    gaps = left.between + [paper.newline if are_lines else ", "] * (len(pieces) - 1 - len(left.between))
    has_comma = are_lines and comma_end(text, parts[-1].end) is not None
    whole = left.before + _joined(pieces, gaps, are_lines, has_comma) + left.after
    paper.edits.replace(places[0].start, places[-1].end, whole)


def _line_places(text: str, entries: Entries) -> list[Place]:
    places: list[Place] = []
    floor = next_line(text, entries.start)
    for part in entries.parts:
        here = line_start(text, part.start)
        start = comments_above(text, here, part.start - here, floor)
        after = comma_end(text, part.end) or part.end
        end = line_end(text, after)
        places.append(Place(start, end, text[start : part.start], text[after:end]))
        floor = next_line(text, end)
    return places


def _joined(pieces: list[Piece], gaps: list[str], are_lines: bool, has_comma: bool) -> str:
    """The pieces with the gaps between them; those that have lines of their own get their commas here."""
    said = []
    for at, piece in enumerate(pieces):
        is_last = at == len(pieces) - 1
        comma = "," if are_lines and (has_comma or not is_last) else ""
        said += [piece.before, piece.said, comma, piece.after, "" if is_last else gaps[at]]
    return "".join(said)
