"""Opaque tokens of this registry: handed out once, kept as digests, counted at once when they change."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from .. import errors
from .fresh import FreshFile
from .principals import EVERY_PACK, Principal, Role, email_for, fault_in_reach
from .tokenfile import (
    Entry,
    fault_in,
    locked,
    parse_entries,
    read_entries,
    write_entries,
)

PREFIX = "art_"
TOKENS_FILE = "tokens.json"
# The prefix and 32 random bytes in URL-safe base64 without padding.
_LENGTH = len(PREFIX) + 43


class _Known(NamedTuple):
    digest: bytes
    principal: Principal


# By their digests, what is known of tokens.
Tokens = Mapping[bytes, _Known]


class TokenStore:
    """The tokens in one file, `tokens.json` in the state folder of a repository; no file is no tokens."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: FreshFile[Tokens] = FreshFile(path, _by_digest, nothing={})

    @property
    def fault(self) -> str:
        """Why nobody with a token is let in although there is a file; "" when all is well."""
        self._known.value()
        return self._known.fault

    def tokens(self) -> Tokens:
        """What the file says at this moment."""
        return self._known.value()

    def find(self, token: str, tokens: Callable[[], Tokens] | None = None) -> Principal | None:
        """Whose token this is, by what the file says at this moment, or by `tokens`; None for nobody's."""
        if len(token) != _LENGTH or not token.isascii():
            return None
        # A SHA-256 of 256 random bits is looked up safely: what its comparison gives away of a digest is of no use
        # to somebody who cannot choose digests. Compared in constant time all the same, it needs no argument.
        digest = hashlib.sha256(token.encode("ascii")).digest()
        known = (tokens or self.tokens)().get(digest)
        if known is None or not hmac.compare_digest(known.digest, digest):
            return None
        return known.principal

    def list(self) -> tuple[Entry, ...]:
        """Every token's entry, by name; Unavailable when the file is broken."""
        return tuple(sorted(read_entries(self._path), key=lambda entry: entry.principal.name))

    def create(self, name: str, role: Role, packs: Sequence[str] = EVERY_PACK, email: str | None = None) -> str:
        """A new token, which is known to nobody else from here on.

        Raises Invalid for a bad name, email, role or glob, Conflict when the name has a token,
        Unavailable when the file is broken or its lock stays taken.
        """
        principal = Principal(name, email_for(name) if email is None else email, role, tuple(packs))
        # Of older tokens, what reaches nothing in their packs is borne.
        fault = fault_in(principal) or next(filter(None, map(fault_in_reach, packs)), "")
        if fault:
            raise errors.Invalid(fault)
        token = PREFIX + secrets.token_urlsafe(32)
        created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        entry = Entry(principal, created, hashlib.sha256(token.encode("ascii")).hexdigest())
        with locked(self._path):
            entries = read_entries(self._path)
            if any(existing.principal.name == name for existing in entries):
                raise errors.Conflict(f"{name!r} has a token already; revoke it first, or choose another name.")
            write_entries(self._path, (*entries, entry))
        return token

    def revoke(self, name: str) -> None:
        """Make the token of this name worthless; NotFound when there is none of this name."""
        with locked(self._path):
            entries = read_entries(self._path)
            kept = [entry for entry in entries if entry.principal.name != name]
            if len(kept) == len(entries):
                raise errors.NotFound(f"There is no token named {name!r}.")
            write_entries(self._path, kept)


def token_store(state_folder: Path) -> TokenStore:
    """The token store of the repository whose state folder this is."""
    return TokenStore(state_folder / TOKENS_FILE)


def _by_digest(raw: bytes) -> Tokens:
    digests = ((bytes.fromhex(entry.sha256), entry.principal) for entry in parse_entries(raw))
    return {digest: _Known(digest, principal) for digest, principal in digests}
