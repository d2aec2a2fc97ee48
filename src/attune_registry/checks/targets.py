"""Where the references of a JSON Schema lead: rather too many places than too few, for they are counted."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from attune_registry.pointers import item_of, split

_METASCHEMA = re.compile(r"https?://json-schema\.org/")
_ANCHORS = ("$anchor", "$dynamicAnchor")
# `id` is what the oldest dialect says for `$id`; with a # in front it was an anchor until 2019.
_IDS = ("$id", "id")


class Targets:
    """Finds what a reference may mean in one schema.

    A part with an `$id` moves what a # means within it. Which of them holds at a place is not looked into: every one
    under which the reference finds something is taken.
    """

    def __init__(self, root: dict[str, Any]) -> None:
        self._homes: list[Any] = [root]
        self._named: defaultdict[str, list[Any]] = defaultdict(list)
        self._anchors: defaultdict[str, list[Any]] = defaultdict(list)
        self.is_dynamic = False
        for part in _mappings(root):
            self._note(part, part is root)

    def _note(self, part: dict[str, Any], is_root: bool) -> None:
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
                    self._named[_last(base)].append(part)
                    self._homes += [] if is_root else [part]

    def of(self, reference: str) -> list[Any]:
        """The schemas that it may mean; none where that cannot be told, as for what is not in this schema."""
        base, _, inner = reference.partition("#")
        if inner and not inner.startswith("/"):
            return self._anchors.get(unquote(inner), [])
        homes = self._named.get(_last(base), []) if base else self._homes
        steps = split(unquote(inner)) if inner else []
        return [found for home in homes if isinstance(found := _at(home, steps), dict | bool)]


def is_metaschema(reference: str) -> bool:
    """True for a reference to a schema of schemas, which every validator brings along."""
    return _METASCHEMA.match(reference) is not None


def _last(uri: str) -> str:
    """What two ways to write one URI have in common."""
    name = unquote(uri.rpartition("/")[2])
    return "" if name in (".", "..") else name


def _at(found: Any, steps: list[str]) -> Any:
    for step in steps:
        if isinstance(found, list) and (index := item_of(found, step)) is not None:
            found = found[index]
        elif isinstance(found, dict):
            found = found.get(step)
        else:
            return None
    return found


def _mappings(root: Any) -> Iterator[dict[str, Any]]:
    pending = [root]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            yield part
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)
