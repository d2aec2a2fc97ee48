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
    """`If-Match` and `If-None-Match` (ETags without quotes, or "*"): what the client thinks is there, and is not."""

    if_match: tuple[str, ...] = ()
    if_none_match: tuple[str, ...] = ()

    def refuse_unless_met(self, etag: str | None, *, is_required: bool = False) -> None:
        """Raise PreconditionFailed unless the file (None: there is none) is as the client thinks.

        Where it `is_required`, a client that does not say what it thinks gets PreconditionRequired.
        """
        if etag is not None and "*" in self.if_none_match:
            raise errors.PreconditionFailed("It exists already, and 'If-None-Match: *' asks that it does not.")
        # A weak one is as good as any here (RFC 9110, 13.1.2).
        if etag is not None and etag in (known.removeprefix("W/") for known in self.if_none_match):
            raise errors.PreconditionFailed("It is what 'If-None-Match' asks that it is not; GET it, and look.")
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

    `principal` says who that is and what they may do by a roster, or raises Unauthenticated or Forbidden: the roster
    that counts is known only when it is the write's turn.
    """

    principal: Callable[[Roster], Principal]
    request_id: str
    message: str = ""

    def __post_init__(self) -> None:
        if len(self.message) > MAX_MESSAGE:
            raise errors.Invalid(f"The commit message is longer than {MAX_MESSAGE} characters; shorten it.")
        if not self.message.isprintable():
            raise errors.Invalid("The commit message has control characters in it; send one line of text.")
        if _TRAILER_LIKE.match(self.message):
            raise errors.Invalid("The commit message looks like a trailer of the registry; put it otherwise.")
