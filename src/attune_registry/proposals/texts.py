"""Three revisions of a file -> one that has the changes of both sides, by fields where it is YAML, or the conflict."""

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import pygit2
from pygit2.enums import FileMode

from ..errors import GitFailed, PatchRefused
from ..git.objects import blob_bytes
from ..git.process import run
from ..git.repository import Repository
from ..git.trees import TreeFile
from ..yamldoc.document import parse
from ..yamldoc.patch import patch
from ..yamldoc.sameness import same
from .values import FieldConflict, merge_values


class Revisions(NamedTuple):
    """A file where both sides came from, as the branch served has it, and as the proposal has it."""

    base: TreeFile
    ours: TreeFile
    theirs: TreeFile


class MergedText(NamedTuple):
    """The text with both sides' changes; None, with the fields in conflict if it is they, where there is none."""

    raw: bytes | None
    conflicts: tuple[FieldConflict, ...] = ()


def merge_texts(repository: Repository, revisions: Revisions, *, is_yaml: bool) -> MergedText:
    """The merge of a file that both sides changed."""
    lines = _merged_lines(repository, revisions)
    if not is_yaml:
        return MergedText(lines)
    raws = [blob_bytes(repository, file.blob) for file in revisions]
    values = [_mapping(raw) for raw in raws]
    if any(value is None for value in values):
        # What cannot be read cannot be merged by what it says.
        return MergedText(lines)
    merged = merge_values(*values)
    if merged.conflicts:
        return MergedText(None, merged.conflicts)
    if lines is not None and _says(lines, merged.value):
        return MergedText(lines)
    return MergedText(_patched(raws, values, merged.value))


def _merged_lines(repository: Repository, revisions: Revisions) -> bytes | None:
    """The merge that git would make of the lines; None where it would stop."""
    raws = [blob_bytes(repository, file.blob) for file in revisions]
    if any(b"\0" in raw for raw in raws):
        return None
    base, ours, theirs = (pygit2.IndexEntry(file.path, pygit2.Oid(hex=file.blob), FileMode.BLOB) for file in revisions)
    try:
        found = repository.handle().merge_file_from_index(base, ours, theirs)
    except UnicodeDecodeError:
        return _merged_bytes(repository, raws)
    contents: str = found.contents
    return contents.encode() if found.automergeable else None


def _merged_bytes(repository: Repository, raws: list[bytes]) -> bytes | None:
    """The same of texts that are not UTF-8, which libgit2's binding cannot give back: git merges files."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("base", "ours", "theirs")]
        for file, raw in zip(files, raws, strict=True):
            file.write_bytes(raw)
        base, ours, theirs = map(str, files)
        try:
            return run(repository.directory, "merge-file", "-p", "--quiet", ours, base, theirs)
        except GitFailed:
            # Its exit code is the number of conflicts.
            return None


def _patched(raws: list[bytes], values: list[Any], merged: Any) -> bytes | None:
    """One side's text with what the other changed; None where the other changed more than what its fields say."""
    base, ours, theirs = raws
    for text, other, other_value in ((ours, theirs, values[2]), (theirs, ours, values[1])):
        try:
            # A patch carries values: comments and layout that the other side has changed would be lost by it.
            if patch(base, other_value) == other:
                return patch(text, merged)
        except PatchRefused:
            continue
    return None


def _mapping(raw: bytes) -> dict[str, Any] | None:
    document = parse(raw)
    has_faults = any(fault.rule != "yaml-surprise" for fault in document.faults)
    return document.data if document.loadable and not has_faults and isinstance(document.data, dict) else None


def _says(raw: bytes, value: Any) -> bool:
    found = _mapping(raw)
    return found is not None and same(found, value)
