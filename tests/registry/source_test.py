"""What the line says is at a path is what the commit's tree has there, after any kind of change."""

from collections.abc import Callable

import pytest

from attune_registry.git.repository import Repository
from attune_registry.layout import Place, candidates
from attune_registry.line import Line, follow
from attune_registry.line_file import pack, unpack
from attune_registry.source import Source
from gitrepo import Repo, begun

_ACTION = "packs/demo/actions/run.yaml"
_MERE = "ref: demo.run\nrunner_type: shell\n"
_WORKFLOW = "ref: demo.run\nworkflow_file: workflows/run.workflow.yaml\n"
_GRAPH = "packs/demo/actions/workflows/run.workflow.yaml"
_FIRST = "packs/demo/workflows/first.yaml"
_PATHS = {
    path for name in ("first", "second", "run", "third") for path in candidates(Place("workflow", f"demo.{name}"))
}
_PATHS |= {"packs/demo/pack.yaml", "packs/demo/pack.yml", "registry/config.yaml", "packs/demo/workflows/a b.yaml"}


def _link(repo: Repo, path: str) -> None:
    (repo.root / path).unlink(missing_ok=True)
    (repo.root / path).symlink_to("elsewhere.yaml")


def _folder(repo: Repo, path: str) -> None:
    (repo.root / path).unlink()
    repo.write(f"{path}/third.yaml", "label: x\n")


_DEEDS: tuple[Callable[[Repo], object], ...] = (
    lambda repo: repo.workflow("demo.third"),
    lambda repo: repo.write("registry/config.yaml", "protect: false\n"),
    lambda repo: repo.write("packs/demo/workflows/a b.yaml", "label: x\n"),
    lambda repo: _link(repo, _FIRST),
    lambda repo: (repo.root / _FIRST).unlink(),
    lambda repo: repo.workflow("demo.first"),
    lambda repo: (repo.root / "packs/demo/workflows/second.yaml").chmod(0o755),
    lambda repo: _folder(repo, "packs/demo/workflows/second.yaml"),
    lambda repo: repo.write(_ACTION, _MERE),
    lambda repo: repo.write(_ACTION, _WORKFLOW),
    lambda repo: repo.write(_GRAPH, "version: 1.0.0\ntasks: []\n"),
    lambda repo: repo.write(_ACTION, _MERE),
    lambda repo: repo.write(_ACTION, _MERE + "description: x\n"),
    lambda repo: (repo.root / _ACTION).unlink(),
    lambda repo: (repo.root / _GRAPH).unlink(),
)


@pytest.fixture(scope="module")
def line(repo_of_deeds: Repo) -> Line:
    return follow(Repository.open(repo_of_deeds.root), Line(), repo_of_deeds.head()).line


@pytest.fixture(scope="module")
def repo_of_deeds(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    root = tmp_path_factory.mktemp("deeds") / "repo"
    repo = begun(root)
    for deed in _DEEDS:
        deed(repo)
        repo.commit(date=1_700_000_000)
    return repo


def _assert_told(repo: Repo, line: Line) -> None:
    repository = Repository.open(repo.root)
    for length in range(1, line.length + 1):
        then = line.cut(length)
        told = Source(repository, then.tip, {}, then)
        seen = Source(repository, then.tip, {})
        assert {path: told.find(path) for path in _PATHS} == {path: seen.find(path) for path in _PATHS}, length


def test_the_line_tells_what_is_at_a_path(repo_of_deeds: Repo, line: Line) -> None:
    assert line.length == len(_DEEDS) + 1
    _assert_told(repo_of_deeds, line)


def test_a_line_that_was_kept_tells_it_too(repo_of_deeds: Repo, line: Line) -> None:
    tables = unpack(pack(line.whole(), "key"), "key")
    _assert_told(repo_of_deeds, Line(tables=tables))


def test_a_line_aside_of_others_tells_it_too(repo_of_deeds: Repo, line: Line) -> None:
    repository = Repository.open(repo_of_deeds.root)
    aside = line.cut(2)
    for length in range(3, line.length + 1):
        aside = follow(repository, aside, line.cut(length).tip, aside=True).line
        told, seen = Source(repository, aside.tip, {}, aside), Source(repository, aside.tip, {})
        assert {path: told.find(path) for path in _PATHS} == {path: seen.find(path) for path in _PATHS}, length


def test_what_the_line_tells_of_is_not_looked_up_in_a_tree(repo_of_deeds: Repo, line: Line) -> None:
    source = Source(Repository.open(repo_of_deeds.root), "0" * 40, {}, line)
    assert source.find("packs/demo/workflows/third.yaml") is not None
    assert source.find("packs/demo/workflows/third.yml") is None
