"""What a commit says of itself: whose it is, and its message."""

from typing import NamedTuple

import pygit2

from .messages import Message, parse_message
from .objects import Author
from .repository import Repository


class CommitInfo(NamedTuple):
    """The author and the message of a commit."""

    author: str
    email: str
    message: Message


def read_commit(repository: Repository, commit: str) -> CommitInfo:
    """What a commit says; what cannot be decoded is replaced. Raises KeyError when it is not here."""
    found = repository.handle()[commit].peel(pygit2.Commit)
    return CommitInfo(*named_in(found, found.author), parse_message(message_of(found)))


def named_in(commit: pygit2.Commit, signature: pygit2.Signature) -> Author:
    """Whom a signature of a commit names; its encoding is that of the commit, as to git."""
    # Not .name and .email: they raise where a commit is not in the encoding that it claims.
    encoding = commit.message_encoding
    return Author(_text(signature.raw_name, encoding), _text(signature.raw_email, encoding))


def message_of(commit: pygit2.Commit) -> str:
    """The whole message of a commit."""
    return _text(commit.raw_message, commit.message_encoding)


def _text(raw: bytes, encoding: str | None) -> str:
    try:
        return raw.decode(encoding or "utf-8", "replace")
    except (LookupError, UnicodeError):
        # There is no such encoding, or one that replaces nothing.
        return raw.decode(errors="replace")
