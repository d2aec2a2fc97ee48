"""A large change of data as a walk of small ones."""

from collections.abc import Iterator
from typing import Any

from attune_registry.yamldoc.matching import matched
from attune_registry.yamldoc.sameness import same


def steps(old: Any, new: Any) -> Iterator[Any]:
    """Values on the way from `old` to `new`, each one change further; the last is `new`, and there is none if equal."""
    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        yield from _mapping_steps(old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_steps(old, new)
    else:
        yield new


def _mapping_steps(old: dict[str, Any], new: dict[str, Any]) -> Iterator[dict[str, Any]]:
    now = dict(old)
    for key, value in new.items():
        if key not in old:
            now = {**now, key: value}
            yield now
            continue
        for inner in steps(old[key], value):
            now = {**now, key: inner}
            yield now
    for key in old:
        if key not in new:
            now = {name: value for name, value in now.items() if name != key}
            yield now


def _list_steps(old: list[Any], new: list[Any]) -> Iterator[list[Any]]:
    """First the items that stay, one by one; then those that come, go or move, together."""
    now = list(old)
    for at, value in zip(matched(old, new), new, strict=True):
        if at is None:
            continue
        for inner in steps(old[at], value):
            now = [*now[:at], inner, *now[at + 1 :]]
            yield now
    if not same(now, new):
        yield new
