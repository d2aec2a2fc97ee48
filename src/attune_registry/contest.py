"""Two refs that may not both be served: told apart only by case, or (never seen yet) of one id."""

from collections.abc import Mapping
from typing import NamedTuple

from .entries import Entry
from .problems import Problem
from .shelf import Shelf, claims_of


class Outcome(NamedTuple):
    """The changes to make after all, and who was kept out, with the problem of each by path."""

    entries: dict[str, Entry | None]
    losers: frozenset[str]
    problems: dict[str, tuple[Problem, ...]]


def contest(shelf: Shelf, changes: Mapping[str, Entry | None]) -> Outcome:
    """Let the changes in, but of refs that share a claim only the one that came first.

    A late file must not take an older one out of service; every clone knows the same order of commits.
    """
    entries = dict(changes)
    losers: set[str] = set()
    problems: dict[str, tuple[Problem, ...]] = {}
    for rivals in _rivals(shelf, changes):
        winner, *late = sorted(rivals, key=lambda entry: (entry.born, entry.ref))
        for entry in late:
            entries[entry.ref] = None
            losers.add(entry.ref)
            problems[entry.path] = (*entry.problems, _problem(entry, winner))
    return Outcome(entries, frozenset(losers), problems)


def _rivals(shelf: Shelf, changes: Mapping[str, Entry | None]) -> list[list[Entry]]:
    claims: dict[str | int, dict[str, Entry]] = {}
    for entry in changes.values():
        if entry is not None:
            for claim in claims_of(entry.ref):
                claims.setdefault(claim, {})[entry.ref] = entry
    if shelf.chunks:
        # What is on the shelf already has won its claims; only newcomers can bring a new contest.
        for ref in [ref for ref, entry in changes.items() if entry and ref not in shelf]:
            _join_holders(shelf, changes, ref, claims)
    return [list(group.values()) for group in claims.values() if len(group) > 1]


def _join_holders(
    shelf: Shelf,
    changes: Mapping[str, Entry | None],
    ref: str,
    claims: dict[str | int, dict[str, Entry]],
) -> None:
    for holder in shelf.holders(ref):
        entry = shelf.get(holder)
        if holder not in changes and entry:
            for claim in claims_of(ref):
                if claim in claims_of(holder):
                    claims[claim][holder] = entry


def _problem(entry: Entry, winner: Entry) -> Problem:
    # Of files that came together, or that nobody has committed, none was first.
    reason = "was there first" if winner.born < entry.born else "comes first by name"
    if entry.ref.casefold() == winner.ref.casefold():
        message = f"'{entry.ref}' and '{winner.ref}' differ only by case, and '{winner.ref}' {reason}."
    else:
        message = f"'{entry.ref}' has the same id as '{winner.ref}', which {reason}."
    return Problem("ref-collision", "error", message, "", 1, 1, "Give this file another name.")
