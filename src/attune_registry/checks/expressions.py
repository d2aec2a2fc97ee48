"""What there is to know about a template: what it reads and uses, or why it does not parse; pure values."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from attune_registry.checks.words import Word

# The filters that mind that what they are given may not be there.
GUARDS = ("default", "d")
# What may be asked of a namespace as a whole: called, these are no names of what is in it.
METHODS = frozenset({"get", "items", "keys", "values"})
# The filters that are given the name of a filter or a test as a text, and which of their arguments it is.
NAMING: Mapping[str, tuple[Literal["filter", "test"], int]] = {
    "map": ("filter", 0),
    "select": ("test", 0),
    "reject": ("test", 0),
    "selectattr": ("test", 1),
    "rejectattr": ("test", 1),
}


class Read(NamedTuple):
    """A name that a template reads, what it takes from it (`a.b[0].c`: a, then b, 0, c), and where.

    `guarded` says that the template minds that it may not be there (`default`, `is defined`). `got` is what it asks for
    by `a.b.get('c')`, which need not be there; without it, where a method of METHODS is called, all may be read.
    """

    name: str
    path: tuple[str | int, ...]
    offset: int
    called: bool = False
    guarded: bool = False
    got: str = ""


class Use(NamedTuple):
    """A filter or a test by name, and where: at the filter that is given the name, if one is."""

    name: str
    offset: int


class Fault(NamedTuple):
    """Why a template does not parse, what to do about it, and where."""

    message: str
    hint: str
    offset: int


class Template(NamedTuple):
    """What is to be known about a template.

    Where it has `words`, an offset is the number of one of those until `located` has looked for them in the text.
    """

    reads: tuple[Read, ...] = ()
    filters: tuple[Use, ...] = ()
    tests: tuple[Use, ...] = ()
    fault: Fault | None = None
    words: tuple[Word, ...] = ()


def is_template(text: str) -> bool:
    """True for text that Jinja2 would not leave as it is."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)
