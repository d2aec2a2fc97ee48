"""A repository with a pack of the Attune platform in it, as it came."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitrepo import Repo
from in_process import Api

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def fleet(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "registry")
    shutil.copytree(SAMPLES, repo.root / "packs")
    repo.git("init", "-q", "-b", "main")
    repo.commit("Copy a pack here", date=1_700_000_000)
    return repo


@pytest.fixture
def api(fleet: Repo) -> Iterator[Api]:
    made = Api(fleet.root)
    yield made
    made.close()
