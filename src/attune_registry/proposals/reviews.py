"""Reviews, kept in git as notes on the commits that were judged: a clone that fetches them has them too."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, get_args

import orjson

from ..access.principals import ROLES, Principal
from ..git.notes import edit_note, read_note
from ..git.objects import Author
from ..git.repository import Repository
from .branches import Branch

NOTES_REF = "refs/notes/attune-reviews"
Verdict = Literal["approve", "reject"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
# A date has a year of four digits.
_LAST_SECOND = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())


class Review(NamedTuple):
    """What somebody said of a proposal: it counts for this head on this base, and for no other.

    `base` has several commits in it, with blanks between them, where the proposal and the branch served have crossed.
    `principal` is who it was, with what they were allowed to do then. `date` is like `2024-01-13T10:30:00Z`.
    """

    proposal: str
    head: str
    base: str
    principal: Principal
    verdict: Verdict
    comment: str
    date: str


def reviews_of(repository: Repository, branch: Branch, base: str) -> list[Review]:
    """The reviews that count, the last of each principal, in the order of the note.

    Which one is the last, their dates say: where notes of two clones were merged, lines are in any order. Of two of one
    date a rejection is: what was rejected is not to be merged because nobody can tell.
    """
    last: dict[str, Review] = {}
    for review in parse_reviews(read_note(repository, NOTES_REF, branch.head)):
        # git can be told to carry notes over to commits that replace others: what was judged stands in the review.
        if (review.proposal, review.head, review.base) == (*branch, base):
            who = _voice(review.principal)
            if who not in last or _weight(review) >= _weight(last[who]):
                last.pop(who, None)
                last[who] = review
    return list(last.values())


def seconds_after(reviews: Iterable[Review], principal: Principal, now: int) -> int:
    """When a review that a principal gives now is given: after all that they gave before, whatever their clocks say."""
    before = (int(_given_at(review)) for review in reviews if _voice(review.principal) == _voice(principal))
    return min(max((now, *(seconds + 1 for seconds in before))), _LAST_SECOND)


def _voice(principal: Principal) -> str:
    return principal.name.casefold()


def _weight(review: Review) -> tuple[float, bool]:
    return _given_at(review), review.verdict == "reject"


def _given_at(review: Review) -> float:
    """Its date in seconds; a date that is none, which only a hand can have written, is before all others."""
    try:
        found = datetime.fromisoformat(review.date)
    except ValueError:
        return 0
    return found.replace(tzinfo=found.tzinfo or UTC).timestamp()


def keep_review(repository: Repository, review: Review) -> None:
    """Puts a review beside those there are; on disk when this returns."""
    author = Author(review.principal.name, review.principal.email)
    message = f"Review proposals/{review.proposal}: {review.verdict}"
    line = format_review(review)
    edit_note(repository, NOTES_REF, review.head, lambda old: _ended(old) + line, author, message)


def format_review(review: Review) -> bytes:
    """A review as a line of JSON."""
    who = review.principal
    said = review._asdict() | {
        "principal": who.name,
        "email": who.email,
        "role": who.role,
        "packs": list(who.packs),
        "login": who.is_login,
    }
    return orjson.dumps(said) + b"\n"


def parse_reviews(raw: bytes) -> Iterable[Review]:
    """The reviews in a note; lines that are none are somebody else's."""
    for line in raw.splitlines():
        try:
            said = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        review = _review(said) if isinstance(said, dict) else None
        if review:
            yield review


def _review(said: dict[str, Any]) -> Review | None:
    texts = [said.get(name) for name in ("proposal", "head", "base", "principal", "email", "comment", "date")]
    packs = said.get("packs")
    is_known = said.get("role") in ROLES and said.get("verdict") in VERDICTS
    if not is_known or not all(isinstance(text, str) for text in texts):
        return None
    if not isinstance(packs, list) or not all(isinstance(pack, str) for pack in packs):
        return None
    proposal, head, base, name, email, comment, date = texts
    principal = Principal(str(name), str(email), said["role"], tuple(packs), said.get("login") is True)
    return Review(str(proposal), str(head), str(base), principal, said["verdict"], str(comment), str(date))


def _ended(raw: bytes) -> bytes:
    return raw if not raw or raw.endswith(b"\n") else raw + b"\n"
