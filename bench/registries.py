"""Generated registries: made once per size, kept outside the repository, cloned for each run."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from attune_registry.starter import starter_files

from .vocabulary import LETTERS, rare_words
from .workflows import PACK_SIZE, identity, pack_name, pack_text, workflow_text

SIZES = (1_000, 10_000, 100_000)
SMALL_COMMITS = 300
# Of the registry whose history is long.
MANY_COMMITS = 20_000
_BEGAN = 1_700_000_000
_COMMITTER = "Bench <bench@example.com>"
_GIT_SETTINGS = ("user.name=Bench", "user.email=bench@example.com", "gc.auto=0", "maintenance.auto=false")
_SOURCES = ("words.yaml", "vocabulary.py", "workflows.py", "registries.py")


def cache_folder() -> Path:
    """Where registries are kept: $ATTUNE_BENCH_CACHE, or below ~/.cache."""
    given = os.environ.get("ATTUNE_BENCH_CACHE")
    return Path(given) if given else Path.home() / ".cache" / "attune-registry-bench"


def kept_registry(size: int, commits: int = SMALL_COMMITS) -> Path:
    """The bare repository of a generated registry with so many small commits, made now if it is not there yet."""
    here = Path(__file__).parent
    sources = b"".join((here / name).read_bytes() for name in _SOURCES)
    starter = repr(sorted(starter_files().items())).encode()
    name = f"{size}" if commits == SMALL_COMMITS else f"{size}x{commits}"
    kept = cache_folder() / f"{name}-{hashlib.sha256(sources + starter).hexdigest()[:12]}.git"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=kept.parent, prefix="making-") as folder:
            made = Path(folder) / "registry.git"
            _make(made, size, commits)
            made.rename(kept)
        for outdated in kept.parent.glob(f"{name}-*.git"):
            if outdated != kept:
                shutil.rmtree(outdated)
    return kept


@contextmanager
def working_copy(size: int, commits: int = SMALL_COMMITS) -> Iterator[Path]:
    """A clone with a working tree, for one use; beside the kept registry, so that its packs can be hard links."""
    kept = kept_registry(size, commits)
    with TemporaryDirectory(dir=kept.parent, prefix="run-") as folder:
        yield clone(kept, Path(folder) / "registry")


def clone(origin: Path, directory: Path) -> Path:
    """A clone of a repository on this disk, set up for commits by a person."""
    settings = [part for setting in _GIT_SETTINGS for part in ("--config", setting)]
    git(directory.parent, "clone", "--quiet", "--local", *settings, str(origin), str(directory))
    return directory


def restore(directory: Path) -> None:
    """Make a working copy what it was when it was cloned."""
    git(directory, "checkout", "--quiet", "--force", "-B", "main", "origin/main")
    git(directory, "clean", "-d", "--force", "--quiet", "-x")
    forget_state(directory)


def forget_state(directory: Path) -> None:
    """Make the next start a first start."""
    shutil.rmtree(directory / ".git" / "attune-registry", ignore_errors=True)


def git(directory: Path, *arguments: str, stdin: bytes | None = None) -> str:
    """What `git <arguments>` prints."""
    done = subprocess.run(("git", *arguments), cwd=directory, input=stdin, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode(errors="replace")


def workflow_files(directory: Path) -> list[Path]:
    """Every workflow's file in a working copy."""
    return sorted(directory.glob("packs/*/workflows/*.yaml"))


def search_terms() -> tuple[list[str], list[str]]:
    """Terms to search for: rare ones, which some dozens of texts have, and common ones, in most of them."""
    return rare_words()[:2_000], LETTERS


def _make(directory: Path, size: int, commits: int) -> None:
    directory.mkdir(parents=True)
    git(directory, "init", "--quiet", "--bare", "--initial-branch=main")
    with subprocess.Popen(
        ("git", "fast-import", "--quiet", "--done"), cwd=directory, stdin=subprocess.PIPE
    ) as importer:
        if importer.stdin is None:
            raise RuntimeError("git fast-import has no standard input")
        for part in _stream(size, commits):
            importer.stdin.write(part)
        importer.stdin.close()
    if importer.returncode:
        raise RuntimeError(f"git fast-import ended with {importer.returncode}")
    git(directory, "repack", "-a", "-d", "-q", "--write-bitmap-index", "--window=0")


def _stream(size: int, commits: int) -> Iterator[bytes]:
    yield _commit(1, 0, "Begin with everything")
    for path, content in starter_files().items():
        yield _file(path, content)
    for number in range(-(-size // PACK_SIZE)):
        yield _file(f"packs/{pack_name(number)}/pack.yaml", pack_text(number).encode())
    for number in range(size):
        yield _file(identity(number).path, workflow_text(number).encode())
    dice = Random("small commits")
    for edition in range(1, commits + 1):
        number = dice.randrange(size)
        yield _commit(edition + 1, edition * 3600, f"Change {identity(number).ref}")
        yield _file(identity(number).path, workflow_text(number, edition).encode())
    yield b"done\n"


def _commit(mark: int, later: int, message: str) -> bytes:
    parent = f"from :{mark - 1}\n" if mark > 1 else ""
    said = message.encode()
    head = f"commit refs/heads/main\nmark :{mark}\ncommitter {_COMMITTER} {_BEGAN + later} +0000\n"
    return f"{head}data {len(said)}\n{message}\n{parent}".encode()


def _file(path: str, content: bytes) -> bytes:
    return f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"
