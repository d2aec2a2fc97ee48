"""A commit and a working tree on top of another -> what each workflow that differs means for those who call it."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Literal, NamedTuple

from .compat.reasons import Reason
from .compat.verdict import Judgement, judge
from .compat.versions import bump_made, bump_needed, next_version
from .contents import Content, Contents, content_of
from .git.repository import Repository
from .layout import Place, actions_folder, any_place_of, pack_of, place_of, workflow_of_action
from .line import follow
from .line_cache import LineCache
from .pairs import files_of, first_of
from .source import Source, SourceFile

Change = Literal["created", "updated", "deleted"]


class Verdict(NamedTuple):
    """A workflow that differs; `paths` are those of its file now, or of its two files (none: deleted).

    The versions are as the files say them, None where they say none; `problem` is why a file cannot be read.
    """

    ref: str
    change: Change
    judgement: Judgement
    paths: tuple[str, ...]
    old_version: Any
    new_version: Any
    problem: str | None

    @property
    def version_needed(self) -> str:
        """The lowest version that says what the change means."""
        return next_version(self.old_version, self.judgement.bump_needed)


def judgement_json(judgement: Judgement) -> dict[str, Any]:
    """The verdict, its reasons and the two bumps."""
    return {
        "verdict": judgement.verdict,
        "reasons": [reason._asdict() for reason in judgement.reasons],
        "bump_needed": judgement.bump_needed,
        "bump_made": judgement.bump_made,
    }


class Revisions(NamedTuple):
    """What is compared: a commit (None: before there was anything), and a source of what is there now."""

    repository: Repository
    base: str | None
    now: Source


def verdicts(compared: Revisions, contents: Contents, paths: Iterable[str]) -> list[Verdict]:
    """What those workflows mean that differ, of all whose files have one of these paths; in order of their refs.

    A workflow is its ref: one that was renamed is one that was deleted and another that was added.
    """
    before = Source(compared.repository, compared.base, {})
    places = {at for at in map(any_place_of, paths) if at and at.kind == "workflow"}
    for folder in {folder for folder in map(_actions_around, paths) if folder}:
        files = (*before.files_in(folder), *compared.now.files_in(folder))
        places.update(at for at in (workflow_of_action(file.path) for file in files) if at)
    # Only where a workflow has two files does anybody ask for lines.
    kept = cache(LineCache(compared.repository).load)

    def file_of(source: Source, at: Place) -> SourceFile | None:
        regular = [file for file in files_of(source, at) if file.is_regular]
        return first_of(regular, lambda: follow(compared.repository, kept(), source.commit, aside=True).line)

    pairs = {at: (file_of(before, at), file_of(compared.now, at)) for at in sorted(places)}
    pairs = {at: files for at, files in pairs.items() if _blob(files[0]) != _blob(files[1])}
    committed = [(at, file.blob) for at, files in pairs.items() for file in files if file and file.edit is None]
    said = contents.of(committed)

    def content(at: Place, file: SourceFile | None) -> Content | None:
        if file is None:
            return None
        if file.edit is None:
            return said[at, file.blob]
        return content_of(at, file.edit.raw or b"" if file.content is None else file.content)

    return [_verdict(at.ref, content(at, old), content(at, new), _paths(new)) for at, (old, new) in pairs.items()]


def _actions_around(path: str) -> str | None:
    """The folder of actions, any of which may name the file at this path as its tasks."""
    at = place_of(path)
    folder = actions_folder(pack_of(at.ref)) if at else ""
    return folder if folder and path.startswith(f"{folder}/") else None


def _blob(file: SourceFile | None) -> str | None:
    return file.blob if file else None


def _paths(file: SourceFile | None) -> tuple[str, ...]:
    return tuple(filter(None, (file.path, file.graph))) if file else ()


def _verdict(ref: str, old: Content | None, new: Content | None, paths: tuple[str, ...]) -> Verdict:
    change: Change = "deleted" if new is None else "created" if old is None else "updated"
    before, now = ((content.data or {}) if content else None for content in (old, new))
    versions = (before or {}).get("version"), (now or {}).get("version")
    problem = (old and old.problem) or (new and new.problem) or None
    is_unknown = problem is not None and new is not None
    judgement = _unknown(str(problem), *versions) if is_unknown else judge(before, now)
    return Verdict(ref, change, judgement, paths, *versions, problem)


def _unknown(problem: str, old_version: Any, new_version: Any) -> Judgement:
    """Nobody can tell, which counts as breaking."""
    reason = Reason("breaking", "", f"cannot tell what this changes: {problem}")
    needed = bump_needed("breaking", old_version)
    return Judgement("breaking", (reason,), needed, bump_made(old_version, new_version))
