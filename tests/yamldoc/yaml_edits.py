"""Edits of data, and what a patch makes of them."""

import copy
from collections.abc import Callable
from typing import Any

from attune_registry.yamldoc.document import parse
from attune_registry.yamldoc.patch import patch
from attune_registry.yamldoc.sameness import same

Edit = Callable[[Any], object]


def put(*steps: str | int) -> Edit:
    """Sets what the last step but one leads to; the last is the value."""
    *path, last, value = steps

    def edit(data: Any) -> None:
        for step in path:
            data = data[step]
        data[last] = value

    return edit


def drop(*steps: str | int) -> Edit:
    *path, last = steps

    def edit(data: Any) -> None:
        for step in path:
            data = data[step]
        del data[last]

    return edit


def patched(before: str, edit: Edit) -> str:
    raw = before.encode()
    data = parse(raw).data
    new = copy.deepcopy(data)
    edit(new)
    after = patch(raw, new)
    assert same(parse(after).data, new)
    return after.decode()


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return old, new
