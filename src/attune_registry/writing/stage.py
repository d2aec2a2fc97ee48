"""What a person has staged: asked of git when the index has changed, remembered while it has not."""

import os
import re
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from ..errors import GitFailed, Unavailable
from ..git.faults import git_cannot
from ..git.index import IndexMap
from ..git.process import run
from ..git.repository import Repository
from ..git.smallfile import read_end, read_small, write_over
from ..git.stamps import Stamp, stamp_of
from ..index_trail import new_trail

_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_CHECKSUM_SIZE = 20
_MOST_REMEMBERED = 2000
# "index file corrupt", "bad signature", "bad index version" and the like (read-cache.c of git).
_OF_INDEX = re.compile(r"\bindex\b|signature")

Identity = tuple[str, ...]


class Stage(NamedTuple):
    """The index compared with a commit; true as long as both are the same.

    `staged` are the paths whose entries differ from the commit, `map` is where entries are (None: not known),
    `trail` is the name of the writers' trail that has led here (index_trail).
    """

    identity: Identity
    commit: str | None
    staged: frozenset[str]
    is_unmerged: bool
    map: IndexMap | None
    trail: str

    def obstacle(self, path: str) -> str | None:
        """What is staged that cannot be in one tree with a file at this path: a file above it, or one below it."""
        if path in _folders_of(self.staged):
            return min(staged for staged in self.staged if staged.startswith(path + "/"))
        return next((folder for folder in folders_above(path) if folder in self.staged), None)


def folders_above(path: str) -> list[str]:
    """The folders that a path is in, the nearest first."""
    steps = path.split("/")
    return ["/".join(steps[:depth]) for depth in range(len(steps) - 1, 0, -1)]


@lru_cache(maxsize=1)
def _folders_of(staged: frozenset[str]) -> frozenset[str]:
    return frozenset(folder for path in staged for folder in folders_above(path))


_remembered: dict[Path, Stage] = {}


@lru_cache
def index_path(repository: Repository) -> Path:
    """The index file of this working tree."""
    return repository.git_dir / "index"


def identity_of(index: Path) -> Identity:
    """What tells an index from its successor: its stamp, and the checksum it ends with."""
    return _identity(index, stamp_of(index))


def _identity(index: Path, stamp: Stamp) -> Identity:
    return () if stamp is None else (*(str(part) for part in stamp), read_end(index, _CHECKSUM_SIZE).hex())


def read_stage(repository: Repository, commit: str | None) -> Stage:
    """What is staged on top of a commit; asks git only when the index or the commit is another than before."""
    index = index_path(repository)
    stamp = stamp_of(index)
    identity = _identity(index, stamp)
    known = _remembered.get(repository.git_dir)
    if known is None or known.identity != identity:
        known = _load(_file_of(repository))
    if known is not None and (known.identity, known.commit) == (identity, commit):
        _remembered[repository.git_dir] = known
        return known
    same_index = known.map if known is not None and known.identity == identity else None
    staged, is_unmerged = _ask(repository, commit)
    return Stage(identity, commit, staged, is_unmerged, same_index, new_trail(stamp, commit))


def is_remembered(repository: Repository, stage: Stage) -> bool:
    """True for what this process has remembered last."""
    return _remembered.get(repository.git_dir) is stage


def remember(repository: Repository, stage: Stage) -> None:
    """Keeps it for this process and for the other workers; losing it costs time and nothing else."""
    _remembered[repository.git_dir] = stage
    path = _file_of(repository)
    if len(stage.staged) > _MOST_REMEMBERED:
        path.unlink(missing_ok=True)
        return
    fields = {
        "identity": stage.identity,
        "commit": stage.commit,
        "staged": sorted(stage.staged),
        "unmerged": stage.is_unmerged,
        "trail": stage.trail,
        "map": None if stage.map is None else tuple(stage.map),
    }
    try:
        text = orjson.dumps(fields)
    except orjson.JSONEncodeError:
        # A name that is not UTF-8: git is asked again instead.
        path.unlink(missing_ok=True)
        return
    # Over what is there, as with the journal; of something torn, the first line is not the sum of the second.
    write_over(path, b"%08x\n%s\n" % (zlib.crc32(text), text))


def parse_raw_diff(output: bytes) -> tuple[frozenset[str], bool]:
    """The paths in the output of `git diff-index --raw -z`, and whether one of them is unmerged."""
    fields = output.split(b"\0")
    statuses = fields[0::2]
    paths = frozenset(os.fsdecode(path) for path in fields[1::2])
    return paths, any(status.endswith(b"U") for status in statuses)


def _ask(repository: Repository, commit: str | None) -> tuple[frozenset[str], bool]:
    # Submodules, too: nothing can be written below one that is staged. With --cached, git looks into none of them.
    arguments = ("--cached", "--raw", "-z", "--no-renames", "--ignore-submodules=none", "--abbrev=40")
    try:
        said = run(repository.directory, "diff-index", *arguments, commit or _EMPTY_TREE, "--")
    except GitFailed as error:
        raise unusable_index(error) from error
    return parse_raw_diff(said)


def unusable_index(error: GitFailed) -> Unavailable:
    """The answer when git itself cannot work with the index; where that is not what it complains of, as elsewhere."""
    if not _OF_INDEX.search(error.message.partition(": ")[2]):
        return git_cannot(error)
    return Unavailable(
        f"git cannot work with the index: {error.message} If it is damaged, remove '.git/index' and run "
        "'git reset', which makes it anew from HEAD and leaves the files as they are.",
        code="INDEX_UNUSABLE",
        retry_after=30,
    )


@lru_cache
def _file_of(repository: Repository) -> Path:
    worktree = "" if repository.git_dir == repository.common_dir else f"-{repository.git_dir.name}"
    return repository.state_folder / f"stage{worktree}"


def _load(path: Path) -> Stage | None:
    try:
        checksum, text, *_ = read_small(path).split(b"\n", 2)
        if int(checksum, 16) != zlib.crc32(text):
            return None
        fields: dict[str, Any] = orjson.loads(text)
        found = fields["map"]
        version, count, end, anchors, racy = found or (0, 0, 0, (), ())
        known = IndexMap(version, count, end, tuple(anchors), tuple((path, at) for path, at in racy)) if found else None
        identity, staged = tuple(fields["identity"]), frozenset(fields["staged"])
        return Stage(identity, fields["commit"], staged, bool(fields["unmerged"]), known, fields["trail"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
