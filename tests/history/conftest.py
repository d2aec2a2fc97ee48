"""One repository with a long history, and what was answered at each commit of it when that was made."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from eventful import World
from recordings import COMMITS, PATHS, Answer, Recorded, ask

from gitrepo import Repo
from in_process import Api


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """What a registry that saw every commit come answered at each of them."""
    root: Path = tmp_path_factory.mktemp("recorded") / "registry"
    root.mkdir()
    repo = Repo(root)
    repo.git("init", "-q", "-b", "main")
    commits: list[str] = []
    answers: dict[str, dict[str, Answer]] = {}
    world = World(repo, seed=4)
    api: Api | None = None
    for commit in world.commits(COMMITS):
        api = api or Api(root)
        commits.append(commit)
        answers[commit] = {path: ask(api, path) for path in PATHS}
    assert api
    api.close()
    return Recorded(repo, commits, answers)


@pytest.fixture
def api(recorded: Recorded, tmp_path: Path) -> Iterator[Api]:
    """Another full clone of that repository, which has seen none of it, over HTTP."""
    recorded.repo.git("clone", "-q", "--no-local", str(recorded.repo.root), str(tmp_path / "clone"))
    api = Api(tmp_path / "clone")
    yield api
    api.close()
