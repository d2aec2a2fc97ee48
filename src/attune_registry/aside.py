"""A first index made by a process of its own, so that what it needs of memory is gone with it: both sides of it."""

import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import structlog

from .cache import Cache
from .git.head import Head
from .git.repository import Repository
from .git.trees import tree_files
from .indexer import Indexer
from .line import follow
from .line_cache import LineCache
from .snapshot_cache import SnapshotCache
from .workbench import Progress

# With fewer files, starting a process costs more than the memory is worth.
_MANY_FILES = 20_000
# Neither fork (this process may have threads) nor multiprocessing's other ways (they run the main module again).
_COMMAND = (sys.executable, "-c", "from attune_registry.aside import work; work()")
_log = structlog.get_logger()


def is_worth_it(repository: Repository, commit: str) -> bool:
    """True when a commit has many files."""
    return next(islice(tree_files(repository, commit), _MANY_FILES, None), None) is not None


def keep_snapshot(repository: Repository, commit: str, progress: Progress | None) -> bool:
    """Have another process make and keep the snapshot of a commit; False where it does not come to that."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    places = (str(repository.git_dir), str(repository.common_dir), str(repository.root or ""))
    try:
        with subprocess.Popen(
            (*_COMMAND, *places, commit), stdout=subprocess.PIPE, text=True, env=environment
        ) as other:
            for line in other.stdout or ():
                if progress:
                    progress(*map(int, line.split()))
    except (OSError, ValueError) as error:
        _log.warning("no_process_to_index", error=str(error))
        return False
    return other.returncode == 0


def work() -> None:
    """What the other process does: print how many files are done of how many, and end with 0 when all is kept."""
    git_dir, common_dir, root, commit = sys.argv[1:]
    repository = Repository(Path(git_dir), Path(common_dir), Path(root) if root else None)
    line, _ = follow(repository, LineCache(repository).load(), commit)
    indexer = Indexer(repository, Cache.of(repository))
    snapshot = indexer.index(Head(None, commit), {}, lambda done, total: print(done, total, flush=True), line)
    sys.exit(0 if SnapshotCache(repository).keep(snapshot) else 1)
