"""Which files of a registry a check is about."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from .. import errors
from ..git.repository import Repository
from ..git.revisions import merge_base
from ..git.trees import ROOTS, diff_commits
from ..layout import ACCESS_PATH, SETTINGS_PATHS, candidates, matters, pack_of, pack_path, place, place_of
from ..snapshot import Snapshot
from .checkup import Checkup

# Settings and schemas that decide what is found in every file.
_DECISIVE = frozenset(SETTINGS_PATHS) - {ACCESS_PATH}


def changed_since(repository: Repository, base: str, commit: str | None, edited: Iterable[str]) -> set[str]:
    """The paths changed on the way to `commit` since it parted from `base`, and those edited after it.

    Raises NotFound (NO_MERGE_BASE) when this clone does not hold a commit that both grew from.
    """
    changed = set(edited)
    if commit is not None:
        parted = merge_base(repository, base, commit)
        if parted is None:
            raise errors.NotFound(
                f"{commit[:10]} and {base[:10]} have no commit in common in this clone; "
                "if it is shallow, 'git fetch --unshallow' brings the rest.",
                code="NO_MERGE_BASE",
            )
        changed.update(change.path for change in diff_commits(repository, parted, commit))
    return {path for path in changed if matters(path)}


def with_dependents(checkup: Checkup, changed: set[str]) -> frozenset[str]:
    """The changed paths and all that the change may have made wrong."""
    if changed & _DECISIVE:
        return checkup.paths | changed
    touched = set(changed)
    for path in changed:
        at = place_of(path)
        if at is not None:
            touched.update(candidates(at))
            touched.update(_touched_by(checkup.snapshot, at.ref))
    return frozenset(touched)


def _touched_by(snapshot: Snapshot, ref: str) -> Iterator[str]:
    if "." not in ref:
        yield from (entry.path for entry in snapshot.workflows_in(ref))
    else:
        yield pack_path(pack_of(ref))
        for chunk in snapshot.workflows.chunks:
            yield from (entry.path for entry in map(snapshot.workflows.get, chunk.callers.get(ref, ())) if entry)
    for rival in snapshot.contested:
        if rival.casefold() == ref.casefold():
            yield from candidates(place(rival))


def named(checkup: Checkup, root: Path | None, argument: str) -> frozenset[str] | None:
    """The paths that an argument means: a file, a folder (from here, or from the root), or a ref.

    None for a file that is not the registry's; raises NotFound (PATH_NOT_FOUND) for nothing at all.
    """
    path = _from_root(root, argument)
    if path is not None:
        found = _below(checkup, path)
        if found or Path(argument).is_dir() or _is_not_for_us(path, argument):
            return found
    if os.path.lexists(argument):
        return None
    found = _below(checkup, argument.strip("/")) or _of_ref(checkup, argument)
    if not found:
        raise errors.NotFound(f"There is no file, folder, pack or workflow '{argument}' here.", code="PATH_NOT_FOUND")
    return found


def _below(checkup: Checkup, path: str) -> frozenset[str]:
    folder = f"{path}/" if path else ""
    return frozenset(known for known in checkup.paths if known == path or known.startswith(folder))


def _of_ref(checkup: Checkup, ref: str) -> frozenset[str]:
    own = checkup.paths.intersection(candidates(place(ref)))
    if not own or "." in ref:
        return own
    return _below(checkup, pack_path(ref).rpartition("/")[0])


def _is_not_for_us(path: str, argument: str) -> bool:
    """True for what lies among the registry's files and is none of them: notes, scripts, other schemas."""
    return path.partition("/")[0] in ROOTS and not matters(path) and Path(argument).is_file()


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
