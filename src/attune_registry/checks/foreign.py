"""Expressions of StackStorm, which an import leaves as they are and nothing here works out -> the names in them."""

import re
from collections.abc import Iterable, Iterator

_CONTEXT = "ctx"
_WORD = re.compile(r"[\w-]+")


def names_in(texts: Iterable[str]) -> set[str]:
    """Every word in `<% ... %>`, and in `{{ ... }}` where that asks for the context: what they read is among them."""
    return {word for text in texts for said in _expressions(text) for word in _WORD.findall(said)}


def _expressions(text: str) -> Iterator[str]:
    yield from _between(text, "<%", "%>")
    if _CONTEXT in text:
        yield from (said for said in _between(text, "{{", "}}") if _CONTEXT in said)


def _between(text: str, opening: str, closing: str) -> Iterator[str]:
    """What stands between marks. A pattern would look from every opening to the end, in a text that closes none."""
    for part in text.split(opening)[1:]:
        said, closed, _ = part.partition(closing)
        if closed:
            yield said
