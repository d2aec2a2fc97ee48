"""A clone that a proof works on, and the questions it asks git."""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_WORKFLOW = """\
# {label}: written by a person.
label: {label}
version: 1.0.0
tags: [proof]
definition:
  tasks:
    - name: only
      action: core.noop  # keep this
      timeout: 30
"""
# Locks of the registry's own that stay: what counts there is the flock, which dies with its holder.
_STAYING = ("write.lock", "tokens.lock")


class Commit(NamedTuple):
    """A commit of the line; `paths` maps what it changed to the new blob (None: deleted)."""

    id: str
    subject: str
    request: str
    paths: dict[str, str | None]


class Failed(RuntimeError):
    """git ended with an error."""


class Clone:
    """A working tree with the commands a person would type."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def begin(cls, root: Path, refs: tuple[str, ...] = ("demo.first", "demo.second")) -> "Clone":
        """A new repository with these workflows committed, in packs that are made for them."""
        root.mkdir(parents=True)
        clone = cls(root)
        clone.git("init", "-q", "-b", "main")
        for ref in refs:
            clone.write(f"packs/{ref.partition('.')[0]}/pack.yaml", f"label: {ref}\nversion: 1.0.0\n")
            clone.write(path_of(ref), workflow_text(ref))
        clone.git("add", "-A")
        clone.git("commit", "-q", "-m", "Begin")
        return clone

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        """What git says. Raises Failed."""
        return os.fsdecode(self.git_bytes(*arguments, stdin=stdin))

    def git_bytes(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        """As `git`, not decoded."""
        done = subprocess.run(("git", *arguments), cwd=self.root, capture_output=True, check=False, input=stdin)
        if done.returncode:
            raise Failed(f"git {' '.join(arguments)}: {os.fsdecode(done.stderr + done.stdout)}")
        return done.stdout

    def tries(self, *arguments: str) -> bool:
        """True when git did it."""
        try:
            self.git(*arguments)
        except Failed:
            return False
        return True

    def write(self, path: str, text: str | bytes) -> None:
        """Save a file, in place."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def save(self, path: str, text: str) -> None:
        """Save a file as most editors do: a new one, renamed over the old."""
        fresh = self.root / f"{path}~"
        fresh.write_text(text)
        fresh.rename(self.root / path)

    def read(self, path: str) -> str:
        """A file of the working tree."""
        return (self.root / path).read_text()

    def head(self) -> str:
        """The commit checked out."""
        return self.git("rev-parse", "HEAD").strip()

    def status(self, *paths: str) -> str:
        """What is neither committed nor ignored."""
        return self.git("status", "--porcelain", "-uall", "--", *paths)

    def tree(self, revision: str = "HEAD") -> dict[str, str]:
        """Path -> blob of a commit."""
        entries = self.git("ls-tree", "-r", "-z", revision).split("\0")
        pairs = (entry.split("\t", 1) for entry in entries if entry)
        return {path: about.split()[2] for about, path in pairs}

    def contents(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """Blob -> its bytes."""
        wanted = sorted(set(blobs))
        said = self.git_bytes("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in wanted).encode())
        found = {}
        for blob in wanted:
            head, _, said = said.partition(b"\n")
            size = int(head.split()[2])
            found[blob], said = said[:size], said[size + 1 :]
        return found

    def line(self, since: str | None = None, revision: str = "HEAD") -> list[Commit]:
        """The first-parent line up to a revision, oldest first, without `since` and what was before it."""
        wanted = f"{since}..{revision}" if since else revision
        layout = "%x02%H%x01%s%x01%(trailers:key=Registry-Request,valueonly,separator=%x2C)%x01"
        said = self.git(
            "log", "--first-parent", "--reverse", "-m", "--raw", "--no-abbrev", "-z", f"--format={layout}", wanted
        )
        return list(_commits(said))

    def is_ancestor(self, one: str, other: str = "HEAD") -> bool:
        """True when `one` is in the history of `other`."""
        return self.tries("merge-base", "--is-ancestor", one, other)

    def damage(self) -> str:
        """What `git fsck --full` has to say; nothing when all is well."""
        done = subprocess.run(
            ("git", "fsck", "--full", "--no-dangling", "--no-progress"),
            cwd=self.root,
            capture_output=True,
            check=False,
        )
        said = os.fsdecode(done.stdout + done.stderr).strip()
        return f"exit code {done.returncode}: {said}" if done.returncode or said else ""

    def leftovers(self) -> list[str]:
        """Lock files, and what was half written, in .git and in the working tree."""
        state = self.root / ".git/attune-registry"
        found = [path for path in self.root.rglob("*.lock") if path.name not in _STAYING]
        found += list(self.root.rglob("*.part"))
        found += list(self.root.rglob("*.attune-registry"))
        found += list((state / "incoming").glob("*")) + list((state / "saved").glob("*"))
        journal = state / "journal"
        found += [journal] if is_journal(journal) else []
        found += [*self.root.glob(".git/objects/pack/tmp_*"), *self.root.glob(".git/objects/pack/*.keep")]
        return sorted(str(path.relative_to(self.root)) for path in found)


def is_journal(path: Path) -> bool:
    """True when a landing is noted in this file; once it is through, nothing is left but line ends."""
    return path.exists() and bool(path.read_bytes().split(b"\n", 1)[0])


def is_index_kept(path: str) -> bool:
    """True for one of `leftovers` that was a torn index, before it was made anew."""
    return path.startswith(".git/attune-registry/saved/index.")


def path_of(ref: str) -> str:
    """Where a workflow is written."""
    pack, _, name = ref.partition(".")
    return f"packs/{pack}/workflows/{name}.yaml"


def workflow_text(label: str) -> str:
    """A workflow as a person writes it."""
    return _WORKFLOW.format(label=label)


def _commits(said: str) -> Iterator[Commit]:
    for part in said.split("\x02")[1:]:
        commit, subject, request, rest = part.split("\x01", 3)
        fields = [field for field in rest.replace("\n", "\0").split("\0") if field]
        paths: dict[str, str | None] = {}
        for about, path in zip(fields[::2], fields[1::2], strict=True):
            new = re.split(r"\s+", about)[3]
            paths[path] = new if new.strip("0") else None
        yield Commit(commit, subject, request.strip(), paths)
