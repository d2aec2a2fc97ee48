"""Whose work a proposal is: everyone who wrote a part of it, as far as its commits say."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from ..access.principals import Principal
from ..git.ancestry import Signed

_CO_AUTHOR = re.compile(r"^[^\S\n]*co-authored-by\s*:\s*(.*)$", re.IGNORECASE | re.MULTILINE)
_PRINCIPAL = re.compile(r"^[^\S\n]*registry-principal\s*:\s*(.*)$", re.IGNORECASE | re.MULTILINE)
# What git takes off the ends of names and addresses when it commits (ident.c, strbuf_addstr_without_crud).
_CRUD = "".join(map(chr, range(33))) + ".,:;<>\"\\'"


class Authors(NamedTuple):
    """The names and addresses under which the work was done, in the form in which they are compared."""

    marks: frozenset[str]

    def include(self, principal: Principal) -> bool:
        """True when this principal is one of them: by name or by address, however they are spelled."""
        return bool(self.marks & marks_of(principal))


def marks_of(principal: Principal) -> frozenset[str]:
    """What a principal is known by: two that share any of it are one person."""
    return frozenset((_plain(principal.name), _plain(principal.email)))


def people_among(principals: Iterable[Principal]) -> int:
    """How many different people these are, at least: whoever has two tokens has one voice."""
    counted: list[frozenset[str]] = []
    for marks in map(marks_of, principals):
        same = [other for other in counted if other & marks]
        counted = [other for other in counted if not other & marks] + [marks.union(*same)]
    return len(counted)


def authors_of(commits: Iterable[Signed]) -> Authors:
    """The authors and committers of these commits, those whom their messages name with them, and principals."""
    said: set[str] = set()
    for commit in commits:
        for who in filter(None, (commit.author, commit.committer)):
            said.update(who)
        for co_author in _CO_AUTHOR.findall(commit.message):
            said.update(_name_and_email(co_author))
        said.update(_PRINCIPAL.findall(commit.message))
    return Authors(frozenset(map(_plain, said)) - {""})


def _name_and_email(text: str) -> tuple[str, str]:
    """`Ann <ann@example.com>` taken apart; an expression would look through a run of blanks from each of them."""
    name, mark, email = text.rstrip().removesuffix(">").rpartition("<")
    return (name, email) if mark and text.rstrip().endswith(">") and ">" not in email else (text, "")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(_CRUD)
