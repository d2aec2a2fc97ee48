"""How much of a repository's packs a process has in its memory."""

import os
import re
from pathlib import Path

import pytest

from attune_registry.git.repository import Repository
from gitrepo import Repo

MEGABYTE = 1 << 20
FILES = 24


def mapped_packs() -> int:
    """Bytes of packs that this process has mapped."""
    pattern = r"^(\w+)-(\w+) .*\.pack(?: \(deleted\))?$"
    maps = re.findall(pattern, Path("/proc/self/maps").read_text(), re.MULTILINE)
    return sum(int(end, 16) - int(begin, 16) for begin, end in maps)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells what is mapped")
def test_a_long_history_is_not_held_in_memory(repo: Repo) -> None:
    """All of a pack is read, and a part of it stays mapped."""
    for number in range(FILES):
        repo.write(f"large/{number}", os.urandom(MEGABYTE))
    repo.commit("Large")
    repo.git("repack", "-adq")
    before = mapped_packs()
    repository = Repository.open(repo.root)
    for line in repo.git("ls-tree", "-r", "HEAD", "large").splitlines():
        _, content = repository.handle().read(line.split()[2])
        assert len(content) == MEGABYTE
    assert 0 < mapped_packs() - before <= 12 * MEGABYTE
