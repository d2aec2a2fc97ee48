"""Who asks for a write, by which request, and under which conditions."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .. import errors
from ..access.principals import Principal
from ..access.roster import Roster

MAX_MESSAGE = 1000
_TRAILER_LIKE = re.compile(r"registry-[a-z]+\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Conditions:
    """`If-Match` (ETags without quotes, or "*") and `If-None-Match: *`: what the client thinks is there."""

    if_match: tuple[str, ...] = ()
    if_none_match: bool = False

    def refuse_unless_met(self, etag: str | None, *, is_required: bool = False) -> None:
        """Raise PreconditionFailed unless the file (None: there is none) is as the client thinks.

        Where it `is_required`, a client that does not say what it thinks gets PreconditionRequired.
        """
        if self.if_none_match and etag is not None:
            raise errors.PreconditionFailed("It exists already, and 'If-None-Match: *' asks that it does not.")
        if is_required and not self.if_match:
            raise errors.PreconditionRequired(
                "This registry wants 'If-Match' with the ETag of the version you are changing; GET it first."
            )
        if self.if_match and not (etag and ("*" in self.if_match or etag in self.if_match)):
            raise errors.PreconditionFailed(
                "It has changed since you read it; GET it again and apply your change to what is there now.",
                details=[{"etag": f'"{etag}"' if etag else None}],
            )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by which request, and with which words for the commit ("" for the registry's own).

    `authorize` says who asks by another roster than the one at hand at first, or raises what refuses them.
    """

    principal: Principal
    request_id: str
    message: str = ""
    authorize: Callable[[Roster], Principal] | None = None

    def __post_init__(self) -> None:
        if len(self.message) > MAX_MESSAGE:
            raise errors.Invalid(
                f"The commit message (X-Commit-Message, or -m) is longer than {MAX_MESSAGE} characters; shorten it."
            )
        if not self.message.isprintable():
            raise errors.Invalid(
                "The commit message (X-Commit-Message, or -m) has control characters in it; send one line of text."
            )
        if _TRAILER_LIKE.match(self.message):
            raise errors.Invalid(
                "The commit message (X-Commit-Message, or -m) looks like a trailer of the registry; put it otherwise."
            )

    def principal_by(self, roster: Roster) -> Principal:
        """Who asks, and what they may do by this roster. Raises Unauthenticated or Forbidden."""
        return self.authorize(roster) if self.authorize else self.principal
