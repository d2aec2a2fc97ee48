"""Where the references of a JSON Schema lead: rather too many places than too few, for they are counted."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from attune_registry.pointers import item_of, split

_METASCHEMA = re.compile(r"https?://json-schema\.org/")
_ANCHORS = ("$anchor", "$dynamicAnchor")
# `id` is what the oldest dialect says for `$id`; with a # in front it was an anchor until 2019.
_IDS = ("$id", "id")


class _Place:
    """What stands at one pointer, in each of several schemas that have something there."""

    def __init__(self, found: list[Any]) -> None:
        self._found = found
        self._longest: list[Any] = max((each for each in found if isinstance(each, list)), key=len, default=[])
        self._further: dict[tuple[str | None, int | None], _Place] = {}

    @cached_property
    def schemas(self) -> list[Any]:
        return [each for each in self._found if isinstance(each, dict | bool)]

    @cached_property
    def _within(self) -> defaultdict[str | int | None, list[Any]]:
        """What is one step below, by name or number."""
        within: defaultdict[str | int | None, list[Any]] = defaultdict(list)
        for each in self._found:
            named = each.items() if isinstance(each, dict) else enumerate(each if isinstance(each, list) else ())
            for step, value in named:
                within[step].append(value)
        return within

    def at(self, step: str) -> "_Place":
        """The place one step below; one and the same for every way to write the number of an item."""
        key = (step if step in self._within else None, item_of(self._longest, step))
        if key not in self._further:
            self._further[key] = _Place([value for each in key for value in self._within.get(each, ())])
        return self._further[key]


_NOWHERE = _Place([])


class Targets:
    """Finds what a reference may mean in one schema.

    A part with an `$id` moves what a # means within it. Which of them holds at a place is not looked into: every one
    under which the reference finds something is taken, and they are gone through once for all references.
    """

    def __init__(self, root: dict[str, Any]) -> None:
        homes: list[Any] = [root]
        named: defaultdict[str, list[Any]] = defaultdict(list)
        self._anchors: defaultdict[str, list[Any]] = defaultdict(list)
        self.is_dynamic = False
        for part in _mappings(root):
            for name in self._names(part):
                named[name].append(part)
                homes += [] if part is root else [part]
        self._homes = _Place(homes)
        self._named = {name: _Place(parts) for name, parts in named.items()}

    def _names(self, part: dict[str, Any]) -> Iterator[str]:
        """What a part calls itself, with its anchors noted."""
        self.is_dynamic = self.is_dynamic or "$dynamicAnchor" in part or "$recursiveAnchor" in part
        for key in _ANCHORS:
            if isinstance(part.get(key), str):
                self._anchors[part[key]].append(part)
        for key in _IDS:
            name = part.get(key)
            if isinstance(name, str):
                base, _, anchor = name.partition("#")
                if anchor:
                    self._anchors[anchor].append(part)
                if base:
                    yield _last(base)

    def of(self, reference: str) -> list[Any]:
        """The schemas that it may mean; none where that cannot be told, as for what is not in this schema.

        It is the same list whenever it is about the same place.
        """
        base, _, inner = reference.partition("#")
        if inner and not inner.startswith("/"):
            return self._anchors.get(unquote(inner), _NOWHERE.schemas)
        place = self._named.get(_last(base), _NOWHERE) if base else self._homes
        for step in split(unquote(inner)) if inner else ():
            place = place.at(step)
        return place.schemas


def is_metaschema(reference: str) -> bool:
    """True for a reference to a schema of schemas, which every validator brings along."""
    return _METASCHEMA.match(reference) is not None


def _last(uri: str) -> str:
    """What two ways to write one URI have in common."""
    name = unquote(uri.rpartition("/")[2])
    return "" if name in (".", "..") else name


def _mappings(root: Any) -> Iterator[dict[str, Any]]:
    pending = [root]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            yield part
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)
