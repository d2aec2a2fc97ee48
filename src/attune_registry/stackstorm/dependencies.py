"""The packs that a StackStorm pack depends on -> those that this one lists."""

from collections.abc import Collection

from ..layout import is_pack_ref
from .notes import Note

_AT = "/dependencies"


def dependencies_of(pack: str, listed: list[str], used: Collection[str], notes: list[Note]) -> list[str]:
    """Those listed, and those whose actions are used: where some are listed, all that are used have to be.

    StackStorm takes `pack=version`, and addresses of repositories, too.
    """
    known: set[str] = set()
    for said in listed:
        name, _, version = said.partition("=")
        if not is_pack_ref(name):
            notes.append(Note("pack.yaml", "left-out", _AT, f"{said!r} is no pack's ref"))
            continue
        known.add(name)
        if version:
            message = f"the version {version} of the dependency {name}: a pack is listed without one here"
            notes.append(Note("pack.yaml", "left-out", _AT, message))
    for name in sorted({*used} - known - {pack}):
        message = f"{name} was added to the dependencies: a task uses an action of it"
        notes.append(Note("pack.yaml", "changed", _AT, message))
    return sorted({*known, *used} - {pack})
