"""What the registry's own commits have changed, told by the worker that made them: others need not compare trees.

A note in the state folder, written before the branch moves. It may be lost, half written, or tell of commits that never
came to be: whoever reads it asks for the steps between two commits, and an id stands for one content.
"""

import zlib
from collections.abc import Sequence

import orjson

from .git.repository import Repository
from .git.smallfile import read_small, write_over
from .git.trees import TreeChange
from .line_tables import Step

# A worker that has missed more than these looks for itself.
_MOST_STEPS = 64


def tell(repository: Repository, before: str | None, steps: Sequence[Step]) -> None:
    """Note what these commits, the first of which stands on `before`, have changed. Raises OSError."""
    known_from, known = _read(repository)
    if known and known[-1].commit == before:
        before, steps = known_from, [*known, *steps]
    if len(steps) > _MOST_STEPS:
        before, steps = steps[-_MOST_STEPS - 1].commit, steps[-_MOST_STEPS:]
    fields = [
        [step.commit, step.date, [(change.path, change.new) for change in step.changes], step.untold] for step in steps
    ]
    text = orjson.dumps([before, fields])
    write_over(_path(repository), b"%08x\n%s\n" % (zlib.crc32(text), text))


def told(repository: Repository, old: str | None, new: str | None) -> Sequence[Step]:
    """The steps from one commit to another; none where nobody has told of them."""
    before, steps = _read(repository)
    commits = [before, *(step.commit for step in steps)]
    if old is None or old not in commits or new not in commits:
        return ()
    return steps[commits.index(old) : commits.index(new)]


def _read(repository: Repository) -> tuple[str | None, list[Step]]:
    try:
        checksum, text, *_ = read_small(_path(repository)).split(b"\n", 2)
        if int(checksum, 16) != zlib.crc32(text):
            return None, []
        before, fields = orjson.loads(text)
    except (OSError, ValueError):
        return None, []
    return before, [
        Step(commit, date, [TreeChange(path, None, blob) for path, blob in changes], untold)
        for commit, date, changes, untold in fields
    ]


def _path(repository: Repository) -> str:
    return f"{repository.state_folder}/landed"
