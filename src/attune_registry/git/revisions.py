"""Names of revisions from outside, resolved to full commit ids before anything else sees them."""

import re
from datetime import datetime

import pygit2

from ..errors import GitFailed, Invalid, NotFound
from .process import run
from .repository import Repository
from .shallow import REMEDY, cuts

# Names of refs have up to 1,000 characters (proposals/branches.py), with room for what stands behind them.
MAX_REVISION = 1024
# git takes no more of an age: what is later, it begins to count at 0 again.
_LAST_SECOND = 2**32 - 1
_FULL = re.compile(r"[0-9a-f]{40}\Z")
# RFC 3339, with seconds and the colon of the offset left out if one likes. A space is what forms make of a plus sign.
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[ +-]\d{2}:?\d{2})\Z", re.ASCII | re.IGNORECASE
)
# git-check-ref-format(1) has none of these in a name; half a surrogate stands for a byte that is no UTF-8.
_IN_NO_NAME = re.compile("[\x00-\x20\x7f\ud800-\udfff]")
# What stands behind a name: `~2`, `^`, `^0`, `^{commit}`.
_BEHIND = re.compile(r"[~^].*\Z", re.DOTALL)
# Ranges, paths in trees, reflogs (no two clones have the same) and searches through all messages.
_NOT_ONE_COMMIT = ("..", ":", "@{", "^{/")


def resolve(repository: Repository, text: str) -> str:
    """The full id of the commit that `text` names.

    It may be a commit id, full or abbreviated, a branch, a tag, any of these with `~2` or `^` behind it, or an
    instant (`2026-01-31T12:00:00Z`): the commit that the first-parent line of HEAD was at then. Raises Invalid
    (REVISION_INVALID, REVISION_AMBIGUOUS) or NotFound (REVISION_NOT_FOUND).
    """
    if _INSTANT.match(text):
        return _at_instant(repository, text)
    _refuse_what_is_no_name(text)
    if _FULL.match(text) and isinstance(repository.handle().get(text), pygit2.Commit):
        return text
    _refuse_two_meanings(repository, _BEHIND.sub("", text))
    arguments = ("rev-parse", "--verify", "--end-of-options", f"{text}^{{commit}}")
    try:
        found = run(repository.directory, *arguments).decode().strip()
    except GitFailed as error:
        raise _refusal(repository, text, error.message) from error
    if not _FULL.match(found):
        raise _refusal(repository, text, found)
    return found


def may_be_name(text: str) -> bool:
    """True for a text that git may have a name for: in any script, with any character that is no control of ASCII."""
    return _IN_NO_NAME.search(text) is None


def merge_base(repository: Repository, one: str, other: str) -> str | None:
    """The best commit that two commits (full ids) both grew from; None when they share none in this clone."""
    return next(iter(merge_bases(repository, one, other)), None)


def merge_bases(repository: Repository, *commits: str) -> list[str]:
    """All of them: where both sides have merged each other's work, there can be several, and none is the better."""
    of_all = ("--octopus",) if len(commits) > 2 else ()
    return run(repository.directory, "merge-base", "--all", *of_all, *commits, accept=(0, 1)).decode().split()


def _refuse_what_is_no_name(text: str) -> None:
    fits = 0 < len(text) <= MAX_REVISION and may_be_name(text)
    if not fits or text.startswith("-") or any(part in text for part in _NOT_ONE_COMMIT):
        raise Invalid(
            f"{text[:MAX_REVISION]!r} is not a revision; give a commit, a branch, a tag, or an instant like "
            "2026-01-31T12:00:00Z.",
            code="REVISION_INVALID",
        )


def _refuse_two_meanings(repository: Repository, name: str) -> None:
    """Raise Invalid for a name that a tag and a branch share: git would take the tag, and only warn."""
    handle = repository.handle()
    named = [f"refs/{folder}/{name}" for folder in ("tags", "heads")]
    if all(map(pygit2.reference_is_valid_name, named)) and all(map(handle.find_reference, named)):
        raise Invalid(
            f"'{name}' is the name of a tag and of a branch; say '{named[0]}' or '{named[1]}'.",
            code="REVISION_AMBIGUOUS",
        )


def _refusal(repository: Repository, text: str, said: str) -> Invalid | NotFound:
    if "is ambiguous" in said:
        return Invalid(f"More than one commit's id begins with '{text}'; give more of it.", code="REVISION_AMBIGUOUS")
    more = f", whose history is cut; {REMEDY}." if cuts(repository) else "."
    return NotFound(f"There is no revision '{text}' in this clone{more}", code="REVISION_NOT_FOUND")


def _at_instant(repository: Repository, text: str) -> str:
    try:
        seconds = int(datetime.fromisoformat(text.upper().replace(" ", "+")).timestamp())
    except (ValueError, OverflowError) as error:
        said = "an offset is below 24 hours" if "offset" in str(error) else error
        raise Invalid(f"'{text}' is not an instant: {said}.", code="REVISION_INVALID") from error
    limits = (f"--min-age={max(seconds, 0)}",) if seconds < _LAST_SECOND else ()
    arguments = ("rev-list", "--max-count=1", "--first-parent", *limits, "HEAD", "--")
    try:
        found = run(repository.directory, *arguments).decode().strip()
    except GitFailed:
        found = ""
    if not found:
        sentence = f"Nothing had been committed here by {text}."
        if cuts(repository):
            sentence = f"This clone's history is cut and begins after {text}; {REMEDY}."
        raise NotFound(sentence, code="REVISION_NOT_FOUND")
    return found
