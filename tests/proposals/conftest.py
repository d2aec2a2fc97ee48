"""A registry in this process, with people of every kind."""

from collections.abc import Iterator

import pytest

from gitrepo import Repo
from in_process import Api


@pytest.fixture
def api(repo: Repo) -> Iterator[Api]:
    """The API over `repo`: an admin, three editors (one of another pack), a reader."""
    made = Api(repo.root)
    for name in ("ann", "bob"):
        made.person(name, "editor", email=f"{name}@example.com")
    made.person("ola", "editor", ("other",))
    made.person("rea", "reader")
    yield made
    made.close()
