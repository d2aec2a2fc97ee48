"""What stands where a folder belongs, and is none, is a problem there: in the working tree, and in any commit."""

import shutil
import subprocess
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from attune_registry.cli.changed import changed_since, with_dependents
from attune_registry.cli.checkup import check_up, working_edits
from attune_registry.git.head import read_head
from attune_registry.git.repository import Repository
from attune_registry.registry import Registry
from attune_registry.snapshot import Snapshot
from gitrepo import PACK, Repo

_ACTION = "label: Run\nworkflow_file: workflows/run.workflow.yaml\n"
_GRAPH = "version: 1.0.0\ntasks:\n  - name: only\n    action: core.noop\n    timeout: 3\n"
# All that is gone with the folder.
_FOLDERS = {
    "packs": {"demo.first", "demo.second", "tools.run"},
    "packs/demo": {"demo.first", "demo.second"},
    "packs/demo/workflows": {"demo.first", "demo.second"},
    "packs/tools/actions": {"tools.run"},
    "packs/tools/actions/workflows": set[str](),
}


def _link(folder: Path) -> None:
    away = folder.parents[len(folder.parents) - 1 - folder.parts.index("registry")] / "away"
    shutil.move(folder, away)
    folder.symlink_to(away)


def _file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("label: x\n")


def _repository(folder: Path) -> None:
    # To git what it has files of is no other repository.
    subprocess.run(["git", "rm", "-rq", folder], cwd=folder.parent, check=True)
    subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / "pack.yaml").write_text(PACK.format(ref="other"))
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    subprocess.run(["git", "commit", "-qm", "Begin"], cwd=folder, check=True)


@pytest.fixture
def tools(repo: Repo) -> Repo:
    """A registry with a workflow in two files."""
    repo.write("packs/tools/pack.yaml", PACK.format(ref="tools"))
    repo.write("packs/tools/actions/run.yaml", _ACTION)
    repo.write("packs/tools/actions/workflows/run.workflow.yaml", _GRAPH)
    repo.commit("Tools")
    return repo


def _told(snapshot: Snapshot) -> list[object]:
    return [problem["path"] for problem in snapshot.problems if problem["rule"] == "not-a-file"]


def _scratch(repo: Repo) -> Snapshot:
    return Registry(Repository.open(repo.root)).snapshot


@pytest.mark.alone
@pytest.mark.parametrize(
    ("folder", "made"),
    # A plain file beside the packs is none of them, whatever its name.
    [pair for pair in product(_FOLDERS, (_link, _file, _repository)) if pair != ("packs/demo", _file)],
)
def test_what_is_no_folder_is_told_and_a_folder_in_its_place_is_served(
    tools: Repo, folder: str, made: Callable[[Path], None]
) -> None:
    registry = Registry.open(tools.root)
    before = tools.head()
    served = {entry.ref for entry in registry.snapshot.workflows}
    made(tools.root / folder)

    seen = registry.note([folder])
    assert _told(seen) == _told(_scratch(tools)) == [folder]
    assert seen.revision == _scratch(tools).revision != before
    assert {entry.ref for entry in seen.workflows} == served - _FOLDERS[folder]
    repository = Repository.open(tools.root)
    edits = working_edits(repository)
    checkup = check_up(repository, before, edits, None)
    assert [problem.path for problem in checkup.problems if problem.rule == "not-a-file"] == [folder]
    assert folder in checkup.paths
    assert folder in with_dependents(checkup, changed_since(repository, before, before, edits))

    tools.git("add", "-A", "packs")
    staged = registry.refresh()
    assert _told(staged) == _told(_scratch(tools)) == [folder]
    tools.git("commit", "-qm", "No folder any more")
    committed = registry.refresh()
    assert _told(committed) == _told(_scratch(tools)) == [folder]
    assert (committed.revision, committed.edits) == (tools.head(), {})
    assert _told(registry.past.at("HEAD~1", committed)) == []
    checkup = check_up(repository, tools.head(), {}, None)
    assert [problem.path for problem in checkup.problems if problem.rule == "not-a-file"] == [folder]
    assert folder in with_dependents(checkup, changed_since(repository, before, tools.head(), {}))

    tools.git("rm", "-q", "--cached", folder)
    path = tools.root / folder
    path.unlink() if path.is_symlink() or path.is_file() else shutil.rmtree(path)
    tools.git("checkout", "-q", before, "--", folder)
    mended = registry.refresh()
    assert _told(mended) == _told(_scratch(tools)) == []
    assert {entry.ref for entry in mended.workflows} == served
    tools.commit("Mended")
    assert _told(registry.refresh()) == []
    assert _told(registry.past.at("HEAD~1", registry.snapshot)) == [folder]


@pytest.mark.parametrize("name", ["README", "LICENSE", "Makefile", "justfile", "deploy", "notes.md", ".gitkeep"])
def test_a_plain_file_beside_the_packs_is_none_of_them(repo: Repo, name: str) -> None:
    repo.write(f"packs/{name}", "text\n")
    assert _told(Registry.open(repo.root).snapshot) == []
    repo.commit()
    repository = Repository.open(repo.root)
    checkup = check_up(repository, read_head(repository).commit, {}, None)
    assert (f"packs/{name}" in checkup.paths, checkup.problems) == (False, ())


def test_a_long_history_tells_of_it_as_a_short_one_does(repo: Repo) -> None:
    (repo.root / "packs").rename(repo.root / "away")
    (repo.root / "packs").symlink_to("away")
    repo.commit("A link")
    (repo.root / "packs").unlink()
    (repo.root / "away").rename(repo.root / "packs")
    for number in range(20):
        repo.workflow("demo.first", label=f"Step {number}")
        repo.commit()
    registry = Registry.open(repo.root)
    assert _told(registry.snapshot) == []
    assert _told(registry.past.at("HEAD~20", registry.snapshot)) == ["packs"]
