"""Real git repositories in temporary folders; no test can reach any other."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pygit2
import pytest
from pygit2.enums import ConfigLevel

from gitrepo import Repo, begun
from serving import Server


@pytest.fixture(autouse=True, scope="session")
def _at_home_nowhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads a person's settings, and git finds no repository but those that tests make."""
    home = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("GIT_"):
                patch.delenv(name)
        patch.setenv("HOME", str(home / "no-home"))
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
        # libgit2 has looked for its files when it was loaded, and knows nothing of the variables above.
        for level in (ConfigLevel.SYSTEM, ConfigLevel.XDG, ConfigLevel.GLOBAL):
            pygit2.settings.search_path[level] = str(home / "no-home")
        patch.setenv("GIT_CEILING_DIRECTORIES", str(home))
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Tess Tester")
            patch.setenv(f"GIT_{role}_EMAIL", "tess@example.com")
        patch.chdir(home)
        yield


@pytest.fixture
def new_repo(tmp_path: Path) -> Callable[[str], Repo]:
    """Makes empty repositories by name, on the branch main."""

    def make(name: str) -> Repo:
        root = tmp_path / name
        root.mkdir()
        repo = Repo(root)
        repo.git("init", "-q", "-b", "main")
        return repo

    return make


@pytest.fixture
def repo(tmp_path: Path, request: pytest.FixtureRequest) -> Repo:
    """A repository with one pack and two workflows, committed."""
    return begun(tmp_path / "registry", is_alone=request.node.get_closest_marker("alone") is not None)


@pytest.fixture(scope="module")
def refusing_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for tests that change nothing, shared by those of a module."""
    server = Server(begun(tmp_path_factory.mktemp("shared") / "registry").root, "--workers", "1")
    yield server
    server.stop()
    assert "Traceback" not in server.output(), server.output()


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    """Starts servers; those still running end with the test, and none may have logged a traceback."""
    servers: list[Server] = []

    def start_one(root: Path, *options: str, **more: Any) -> Server:
        servers.append(Server(root, *options, **more))
        return servers[-1]

    yield start_one
    for server in servers:
        server.stop()
        assert "Traceback" not in server.output(), server.output()
