"""Putting the items of a list in brackets into another order, each with its comments where it has lines of its own."""

from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from attune_registry.yamldoc.emit import flow
from attune_registry.yamldoc.flow_parts import Part, comma_end, is_on_lines
from attune_registry.yamldoc.gaps import Gaps, gaps_left
from attune_registry.yamldoc.lines import comments_above, line_end, line_start, next_line
from attune_registry.yamldoc.matching import Match
from attune_registry.yamldoc.slots import Change, Paper, Slot, Walk

_IN_FLOW = -1


class Piece(NamedTuple):
    """An item with what belongs to it: comments and indentation before, a comment after its comma."""

    before: str
    said: str
    after: str


class Place(NamedTuple):
    """Where an item stands, from its `before` to its `after`."""

    start: int
    end: int
    before: str
    after: str


def item_change(change: Change, at: int, value: Any) -> Change:
    """The change of one item of a list in brackets."""
    child = change.node.children[at]
    place = partial(Slot, child.start, _IN_FLOW, below_dash=True, is_flow=True)
    return Change(child, change.old[at], value, change.level + 1, place)


def rearrange(paper: Paper, walk: Walk, change: Change, parts: list[Part], match: Match) -> None:
    """Write the items that stay and the new ones in their new order. Raises Unpatchable."""
    text = paper.text
    are_lines = all(is_on_lines(text, part, part) for part in parts)
    places = _line_places(text, change, parts) if are_lines else [Place(*part, "", "") for part in parts]
    pad = text[line_start(text, parts[0].start) : parts[0].start] if are_lines else ""
    pieces = []
    for at, value in zip(match, change.new, strict=True):
        if at is None:
            pieces.append(Piece(pad, flow(value, paper.style), ""))
            continue
        mark = paper.edits.mark()
        walk(item_change(change, at, value))
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


def _line_places(text: str, change: Change, parts: list[Part]) -> list[Place]:
    places: list[Place] = []
    floor = next_line(text, change.node.body)
    for part in parts:
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
