"""What a commit says of itself: whose it is, and its message."""

from typing import NamedTuple

import pygit2

from .messages import Message, parse_message
from .repository import Repository


class CommitInfo(NamedTuple):
    """The author and the message of a commit."""

    author: str
    email: str
    message: Message


def read_commit(repository: Repository, commit: str) -> CommitInfo:
    """What a commit says; what cannot be decoded is replaced. Raises KeyError when it is not here."""
    found = repository.handle()[commit].peel(pygit2.Commit)
    message = parse_message(_text(found.raw_message, found.message_encoding))
    return CommitInfo(_text(found.author.raw_name), _text(found.author.raw_email), message)


def _text(raw: bytes, encoding: str | None = None) -> str:
    try:
        return raw.decode(encoding or "utf-8", "replace")
    except LookupError:
        return raw.decode(errors="replace")
