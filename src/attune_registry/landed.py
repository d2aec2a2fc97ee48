"""What the registry's own commits change, told by the worker that makes them: others need not compare trees.

A note in the state folder, written before the branch moves. It may be lost, half written, or tell of commits that never
come to be: whoever reads it asks for the steps between two commits, and an id stands for one content.
"""

import contextlib
import marshal
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .git.head import Stamp, stamp_of
from .git.repository import Repository
from .git.smallfile import read_small, write_over
from .git.trees import TreeChange
from .git.unlanded import Unlanded, UnlandedFile, forget, note
from .line_tables import Step

# A worker that has missed more than these looks for itself.
_MOST_STEPS = 64
# More than this is not worth being told beforehand.
_MOST_BYTES = 1 << 20


class Landing(NamedTuple):
    """Commits about to be put on `base`, the files that the last of them has otherwise, and their blobs' contents."""

    base: str | None
    steps: Sequence[Step]
    files: Mapping[str, UnlandedFile | None]
    blobs: Mapping[str, bytes]

    @property
    def tip(self) -> str:
        """The last commit."""
        return self.steps[-1].commit

    @contextlib.contextmanager
    def known(self) -> Iterator[None]:
        """Within, whoever asks in this process for files of the last commit finds them, on disk or not."""
        note(self.tip, Unlanded(self.base, self.files), self.blobs)
        try:
            yield
        finally:
            forget([self.tip], self.blobs)


class _Note(NamedTuple):
    """The latest steps, the first of which stands on `before`, and the last landing among them."""

    before: str | None
    steps: list[Step]
    landing: Landing | None


_NOTHING = _Note(None, [], None)


def tell(
    repository: Repository, base: str | None, steps: Sequence[Step], over: Unlanded | None, blobs: Mapping[str, bytes]
) -> None:
    """Note the steps that are about to be made from `base`, and what the last of their commits is `over` it.

    Raises OSError.
    """
    known, before, told_of = _read(repository), base, list(steps)
    if known.steps and known.steps[-1].commit == base:
        before, told_of = known.before, [*known.steps, *steps]
    if len(told_of) > _MOST_STEPS:
        before, told_of = told_of[-_MOST_STEPS - 1].commit, told_of[-_MOST_STEPS:]
    last = None
    if over is not None and over.base == base and sum(map(len, blobs.values())) <= _MOST_BYTES:
        last = (len(steps), {path: file and tuple(file) for path, file in over.files.items()}, dict(blobs))
    text = marshal.dumps((before, [_packed(step) for step in told_of], last))
    write_over(_path(repository), b"%08x %08x\n" % (zlib.crc32(text), len(text)) + text)


def told(repository: Repository, old: str | None, new: str | None) -> Sequence[Step]:
    """The steps from one commit to another; none where nobody has told of them."""
    found = _read(repository)
    commits = [found.before, *(step.commit for step in found.steps)]
    if old is None or old not in commits or new not in commits:
        return ()
    return found.steps[commits.index(old) : commits.index(new)]


def coming(repository: Repository, tip: str | None) -> Landing | None:
    """The landing last told of, if it is one on this commit."""
    landing = _read(repository).landing
    return landing if landing is not None and landing.base == tip else None


def note_stamp(repository: Repository) -> Stamp:
    """What tells the note as it is now from the one before."""
    return stamp_of(_path(repository))


def _packed(step: Step) -> tuple[str, int, list[tuple[str, str | None]], list[str]]:
    return step.commit, step.date, [(change.path, change.new) for change in step.changes], list(step.untold)


def _read(repository: Repository) -> _Note:
    try:
        head, _, text = read_small(_path(repository)).partition(b"\n")
        checksum, size = (int(word, 16) for word in head.split(b" "))
        if checksum != zlib.crc32(text[:size]):
            return _NOTHING
        before, fields, last = marshal.loads(text[:size])
    except (OSError, ValueError, EOFError, TypeError):
        return _NOTHING
    steps = [
        Step(commit, date, [TreeChange(path, None, blob) for path, blob in changes], untold)
        for commit, date, changes, untold in fields
    ]
    if last is None:
        return _Note(before, steps, None)
    count, files, blobs = last
    commits = [before, *(step.commit for step in steps)]
    if count > len(steps):
        return _Note(before, steps, None)
    named = {path: UnlandedFile(*file) if file else None for path, file in files.items()}
    return _Note(before, steps, Landing(commits[-count - 1], steps[-count:], named, blobs))


def _path(repository: Repository) -> str:
    return f"{repository.state_folder}/landed"
