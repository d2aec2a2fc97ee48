"""Two files of one workflow, and files that are links: whatever looks back agrees with what was served."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from attune_registry.registry import Registry
from gitrepo import WORKFLOW, Repo
from http_asserts import assert_error
from in_process import Api

COMMAND = Path(sys.executable).with_name("attune-registry")
YML = "packs/demo/workflows/rival.yml"
YAML = "packs/demo/workflows/rival.yaml"
RIVAL = "/api/v1/workflows/demo.rival"
PYTHON = "packs/demo/actions/rival.yaml"


@pytest.fixture
def api(repo: Repo) -> Iterator[Api]:
    made = Api(repo.root)
    made.person("ann", "editor")
    yield made
    made.close()


def text(label: str, version: str) -> str:
    return WORKFLOW.format(label=label).replace("1.0.0", version)


@pytest.fixture
def steps(repo: Repo) -> list[str]:
    """Commits: one file, another beside it, that one changed, the first one gone."""
    repo.write(YML, text("First", "1.0.0"))
    found = [repo.commit("One")]
    repo.write(YAML, text("Second", "2.0.0"))
    found.append(repo.commit("Two"))
    repo.write(YAML, text("Second", "2.1.0"))
    found.append(repo.commit("Change the other"))
    repo.git("rm", "-q", YML)
    found.append(repo.commit("Take the first away"))
    return found


def changes(api: Api, old: str, new: str) -> list[Any]:
    rows = api.get(f"/api/v1/diff?from={old}&to={new}").json()["data"]["workflows"]
    return [(row["ref"], row["change"], [change["new"] for change in row["changes"]]) for row in rows]


def show(repo: Repo, *arguments: str) -> str:
    done = subprocess.run((COMMAND, "show", *arguments), cwd=repo.root, capture_output=True, text=True, check=False)
    return done.stdout or done.stderr


def test_differences_are_of_what_was_served(repo: Repo, api: Api, steps: list[str]) -> None:
    assert changes(api, steps[0], steps[1]) == [("demo.rival", "updated", [])]
    assert changes(api, steps[1], steps[2]) == [("demo.rival", "updated", [])]
    assert changes(api, steps[2], steps[3]) == [("demo.rival", "updated", ["Second", "2.1.0"])]
    assert changes(api, steps[3], steps[1]) == [("demo.rival", "updated", ["First", "1.0.0"])]


def test_show_prints_the_file_that_was_served(repo: Repo, steps: list[str]) -> None:
    assert show(repo, "demo.rival", "--at", steps[1]) == text("First", "1.0.0")
    assert show(repo, "demo.rival", "--at", steps[2]) == text("First", "1.0.0")
    assert show(repo, "demo.rival") == text("Second", "2.1.0")
    repo.git("reset", "-q", "--hard", steps[0])
    repo.write(YAML, text("Edited", "3.0.0"))
    assert show(repo, "demo.rival") == text("First", "1.0.0")


def test_versions_are_held_against_the_file_that_was_served(repo: Repo, steps: list[str]) -> None:
    done = subprocess.run((COMMAND, "compat", steps[1]), cwd=repo.root, capture_output=True, text=True, check=False)
    assert "version 1.0.0 -> 2.1.0" in done.stdout


def test_a_workflow_with_another_file_is_not_deleted(repo: Repo, api: Api, steps: list[str]) -> None:
    repo.git("reset", "-q", "--hard", steps[1])
    for query in ("", "?proposal=away"):
        refused = assert_error(api.delete(RIVAL + query), 409, "REF_DUPLICATE")
        assert refused["details"] == [{"path": YAML}]
    assert repo.head() == steps[1]
    repo.git("rm", "-q", YAML)
    repo.commit("Keep one")
    assert api.delete(RIVAL).status_code == 200
    assert_error(api.get(RIVAL), 404)


@pytest.mark.parametrize("other", [YAML, PYTHON])
def test_a_merge_that_takes_one_of_two_files_away_says_that_the_workflow_is_updated(
    repo: Repo, api: Api, other: str
) -> None:
    repo.write(YML, text("First", "1.0.0"))
    repo.commit("One")
    repo.write(other, text("Second", "2.0.0"))
    if other == PYTHON:
        repo.write(other, "label: Second\nworkflow_file: workflows/rival.workflow.yaml\n")
        repo.write("packs/demo/actions/workflows/rival.workflow.yaml", "tasks: [{name: a, action: core.noop}]\n")
    repo.commit("Two")
    repo.git("checkout", "-q", "-b", "proposals/one")
    repo.git("rm", "-q", YML)
    repo.commit("Take it away")
    repo.git("checkout", "-q", "main")
    shown = api.get("/api/v1/proposals/one").json()["data"]["workflows"]
    assert [(row["ref"], row["change"]) for row in shown] == [("demo.rival", "updated")]
    assert api.post("/api/v1/proposals/one/review", {"verdict": "approve"}, who="ann").status_code == 200
    merged = api.post("/api/v1/proposals/one/merge")
    assert merged.json()["data"]["workflows"] == [{"ref": "demo.rival", "change": "updated"}]
    assert "- demo.rival: updated\n" in repo.git("log", "-1", "--format=%b")
    assert api.get(f"{RIVAL}/history").json()["data"][0]["change"] == "updated"
    assert api.get(RIVAL).json()["data"]["label"] == "Second"


@pytest.fixture
def renamed(repo: Repo) -> str:
    """A file that got another ending, and was changed since; the commit."""
    repo.write(YML, text("Old", "1.0.0"))
    repo.commit("One")
    repo.git("mv", YML, YAML)
    repo.commit("Rename it")
    repo.write(YAML, text("New", "2.0.0"))
    return repo.commit("Change it")


@pytest.mark.parametrize("is_committed", [False, True])
@pytest.mark.parametrize("content", [text("Old", "1.0.0"), "label: ["])
def test_a_file_that_comes_back_takes_nothing_from_the_one_that_stayed(
    repo: Repo, api: Api, renamed: str, content: str, is_committed: bool
) -> None:
    was = api.get(RIVAL).json()["data"]
    repo.write(YML, content)
    if is_committed:
        repo.commit("As it was on an old branch")
        assert api.get(RIVAL).json()["data"] == was
        assert changes(api, renamed, repo.head()) == [("demo.rival", "updated", [])]
        assert api.get(f"{RIVAL}/history").json()["data"][0]["version_after"] == "2.0.0"
    snapshot = Registry.open(repo.root).snapshot
    entry = snapshot.workflows.get("demo.rival")
    assert entry is not None
    assert orjson.loads(entry.detail) == was
    assert [problem.rule for problem in snapshot.others[YML]] == ["ref-duplicate"]
    assert YAML not in snapshot.others
    assert show(repo, "demo.rival") == text("New", "2.0.0")


def test_a_name_in_other_letters_that_comes_back_takes_nothing_either(repo: Repo, api: Api) -> None:
    twin = "packs/demo/workflows/Rival.yaml"
    repo.write(twin, text("Old", "1.0.0"))
    repo.commit("One")
    repo.git("rm", "-q", twin)
    repo.write(YAML, text("New", "2.0.0"))
    repo.commit("Another one")
    repo.write(twin, text("Old", "1.0.0"))
    repo.commit("As it was")
    assert api.get(RIVAL).json()["data"]["label"] == "New"
    assert_error(api.get("/api/v1/workflows/demo.Rival"), 404)


@pytest.fixture
def linked(repo: Repo) -> list[str]:
    """Commits: a file, a link in its place, another link, nothing."""
    path = repo.root / "packs/demo/workflows/first.yaml"
    found = [repo.head()]
    for target in ("second.yaml", "third.yaml"):
        path.unlink()
        path.symlink_to(target)
        found.append(repo.commit("Link"))
    path.unlink()
    found.append(repo.commit("Take it away"))
    return found


def test_a_link_in_the_place_of_a_file_is_a_file_that_cannot_be_read(repo: Repo, api: Api, linked: list[str]) -> None:
    first = "/api/v1/workflows/demo.first"
    for step, change in enumerate(("updated", "updated", "deleted")):
        row = api.get(f"/api/v1/diff?from={linked[step]}&to={linked[step + 1]}").json()["data"]["workflows"][0]
        assert (row["ref"], row["change"], row["changes"], row["verdict"]) == ("demo.first", change, [], None)
        assert "links are not followed" in row["problem"]
        assert api.get(f"{first}/history").json()["data"][2 - step]["change"] == change
    assert api.get(f"{first}?at={linked[1]}").json()["data"]["label"] == "first"
    assert "is a link" in show(repo, "demo.first", "--at", linked[1])


def test_a_patch_makes_a_link_of_a_file_and_a_file_of_a_link(repo: Repo, linked: list[str], tmp_path: Path) -> None:
    repo.git("clone", "-q", str(repo.root), str(tmp_path / "applying"))
    work = Repo(tmp_path / "applying")
    for old in linked:
        for new in linked:
            work.git("checkout", "-q", "-f", "--detach", old)
            command = (COMMAND, "diff", "-p", old, new)
            patch = subprocess.run(command, cwd=repo.root, capture_output=True, check=True).stdout
            (tmp_path / "patch").write_bytes(patch)
            if patch:
                work.git("apply", "--index", str(tmp_path / "patch"))
            assert work.git("diff", "--cached", new) == ""
