"""Which files of a registry the arguments of a command name."""

import importlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from .. import errors
from ..layout import (
    PACKS,
    REGISTRY,
    candidates,
    file_matters,
    graph_path,
    pack_of,
    pack_path,
    place,
    workflow_of_action,
)

# The bytes of the file at a known path, None where they are not to be had.
Read = Callable[[str], bytes | None]


def named(known: frozenset[str], root: Path | None, argument: str, read: Read) -> frozenset[str] | None:
    """The known paths that an argument means: a file, a folder (from here, or from the root), or a ref.

    Of a workflow in two files that is both; of these the action is read, which alone says where its tasks are.
    None for a file that is not the registry's; raises NotFound (PATH_NOT_FOUND) for nothing at all.
    """
    path = _from_root(root, argument)
    if path is not None:
        found = _below(known, path)
        if found or Path(argument).is_dir() or _is_not_for_us(path, argument):
            return found
    if os.path.lexists(argument):
        return None
    found = _below(known, argument.strip("/")) or _of_ref(known, argument, read)
    if not found:
        raise errors.NotFound(f"There is no file, folder, pack or workflow '{argument}' here.", code="PATH_NOT_FOUND")
    return found


def _below(known: frozenset[str], path: str) -> frozenset[str]:
    folder = f"{path}/" if path else ""
    return frozenset(one for one in known if one == path or one.startswith(folder))


def _of_ref(known: frozenset[str], ref: str, read: Read) -> frozenset[str]:
    own = known.intersection(candidates(place(ref)))
    if own and "." not in ref:
        return _below(known, pack_path(ref).rpartition("/")[0])
    actions = filter(workflow_of_action, own)
    return own.union(known.intersection(_tasks_of(pack_of(ref), map(read, actions))))


def _tasks_of(pack: str, actions: Iterator[bytes | None]) -> Iterator[str]:
    for raw in actions:
        # Only here, for it takes the parser along, which is not worth loading where what is known is said again.
        pairs = importlib.import_module("..forms.pairs", __package__)
        named = pairs.named_graph(raw) if raw is not None else None
        if named:
            yield graph_path(pack, named)


def _is_not_for_us(path: str, argument: str) -> bool:
    """True for what lies among the registry's files and is none of them: notes, scripts, plain actions."""
    is_ours = file_matters(path) and workflow_of_action(path) is None
    return path.partition("/")[0] in (PACKS, REGISTRY) and not is_ours and Path(argument).is_file()


def _from_root(root: Path | None, argument: str) -> str | None:
    """The path from the repository's root, "" for the root itself; None for a path outside."""
    if root is None:
        return None
    # Only folders are resolved: the file itself may be a link, which is a problem of its own.
    absolute = Path(os.path.abspath(argument))
    resolved = absolute.parent.resolve() / absolute.name
    if not resolved.is_relative_to(root):
        return None
    return resolved.relative_to(root).as_posix().removeprefix(".")
