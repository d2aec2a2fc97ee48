"""Parts of a schema that no value is held against, yet somebody reads: `default` and `deprecated`."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from attune_registry.compat.normal import LISTS, MAPS, SINGLE
from attune_registry.compat.values import key, show
from attune_registry.pointers import join

Step = str | int
NONE = "none"


class Note(NamedTuple):
    """An annotation that changed: its keyword, where, and both values as text."""

    word: str
    pointer: str
    before: str
    now: str


def changed_notes(old: Any, new: Any, base: str) -> Iterator[Note]:
    """The defaults and deprecations that differ at places that both schemas have."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return
    for word in ("default", "deprecated"):
        if (word in old, key(old.get(word))) != (word in new, key(new.get(word))):
            yield Note(word, join(base, [word] if word in new else []), _shown(old, word), _shown(new, word))
    for word in old.keys() & new.keys():
        for steps, one, other in _parts(word, old[word], new[word]):
            yield from changed_notes(one, other, join(base, steps))


def _shown(schema: dict[str, Any], word: str) -> str:
    return show(schema[word]) if word in schema else NONE


def _parts(word: str, old: Any, new: Any) -> Iterator[tuple[tuple[Step, ...], Any, Any]]:
    if word in SINGLE:
        yield (word,), old, new
    elif word in LISTS and isinstance(old, list) and isinstance(new, list):
        yield from (((word, index), one, new[index]) for index, one in enumerate(old[: len(new)]))
    elif word in MAPS and isinstance(old, dict) and isinstance(new, dict):
        yield from (((word, name), old[name], new[name]) for name in old if name in new)
