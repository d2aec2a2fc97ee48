"""What people have staged, or put into the working tree, where a new file cannot stand beside it."""

from collections.abc import Callable, Iterator

import pytest
from writes import ANN, NEW, as_changes, assert_whole, write

from attune_registry.errors import Conflict
from attune_registry.git.repository import Repository
from attune_registry.writing.lock import WriteLock
from attune_registry.writing.transaction import Transaction
from gitrepo import Repo
from in_process import Api

PACK = {"ref": "ops", "label": "Ops", "version": "1.0.0"}
OBSTACLES: list[Callable[[Repo], str]] = []


@pytest.fixture
def api(repo: Repo) -> Iterator[Api]:
    """The API over `repo`."""
    made = Api(repo.root)
    yield made
    made.close()


def obstacle(stage: Callable[[Repo], str]) -> Callable[[Repo], str]:
    """Stages something in the way of the pack `ops`; returns what."""
    OBSTACLES.append(stage)
    return stage


@obstacle
def a_file_for_a_folder(repo: Repo) -> str:
    repo.write("packs/ops", "notes\n")
    repo.git("add", "packs/ops")
    (repo.root / "packs/ops").unlink()
    return "packs/ops"


@obstacle
def a_file_only_promised(repo: Repo) -> str:
    repo.write("packs/ops", "notes\n")
    repo.git("add", "--intent-to-add", "packs/ops")
    (repo.root / "packs/ops").unlink()
    return "packs/ops"


@obstacle
def a_folder_for_a_file(repo: Repo) -> str:
    repo.write("packs/ops/pack.yaml/inner", "notes\n")
    repo.git("add", "packs")
    (repo.root / "packs/ops/pack.yaml/inner").unlink()
    (repo.root / "packs/ops/pack.yaml").rmdir()
    return "packs/ops/pack.yaml/inner"


@obstacle
def a_submodule(repo: Repo) -> str:
    other = repo.root.parent / "other"
    repo.git("clone", "-q", str(repo.root), str(other))
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "packs/ops")
    return "packs/ops"


@pytest.mark.parametrize("stage", OBSTACLES)
def test_what_is_staged_in_the_way_is_refused_and_git_goes_on(
    repo: Repo, api: Api, stage: Callable[[Repo], str]
) -> None:
    staged = stage(repo)
    before = (repo.head(), repo.status())
    for query in ("?dry_run=true", ""):
        refused = api.post(f"/api/v1/packs{query}", PACK)
        assert refused.status_code == 409, refused.text
        assert refused.json()["code"] == "UNCOMMITTED_EDITS"
        assert f"git restore --staged {staged}" in refused.json()["error"]
        assert refused.json()["details"] == [{"path": staged}]
    assert (repo.head(), repo.status()) == before
    repo.git("restore", "--staged", staged)
    repo.git("commit", "-q", "--allow-empty", "-m", "git goes on")


def test_a_merge_of_what_is_staged_in_the_way_is_refused(repo: Repo, api: Api) -> None:
    repo.write("registry/config.yaml", "required_approvals: 0\n")
    repo.commit()
    assert api.post("/api/v1/packs?proposal=ops", PACK).status_code == 201
    a_file_for_a_folder(repo)
    before = (repo.head(), repo.status())
    refused = api.post("/api/v1/proposals/ops/merge")
    assert (refused.status_code, refused.json()["code"]) == (409, "UNCOMMITTED_EDITS"), refused.text
    assert (repo.head(), repo.status()) == before


def test_what_is_staged_in_the_way_meanwhile(repo: Repo) -> None:
    repository = Repository.open(repo.root)
    with WriteLock(repository), Transaction.begin(repository) as transaction:
        transaction.commit(as_changes(("packs/ops/pack.yaml", "label: Ops\nversion: 1.0.0\n")), ANN, "Change")
        a_file_for_a_folder(repo)
        with pytest.raises(Conflict) as refused:
            transaction.land()
    assert refused.value.code == "BRANCH_MOVED"
    assert_whole(repo, "AD packs/ops\n")


def test_what_is_staged_beside_is_not_in_the_way(repo: Repo) -> None:
    repo.write("packs/demo/workflows/new", "notes\n")
    repo.write("packs/demo/workflows/new.yaml.old/notes", "notes\n")
    repo.git("add", "packs")
    write(repo.root, (NEW, "label: New\n"))
    assert_whole(repo, "A  packs/demo/workflows/new\nA  packs/demo/workflows/new.yaml.old/notes\n")


def test_a_repository_of_its_own_in_the_working_tree_is_not_written_into(repo: Repo, api: Api) -> None:
    nested = repo.root / "packs/ops"
    repo.git("clone", "-q", str(repo.root), str(nested))
    for query in ("?dry_run=true", ""):
        refused = api.post(f"/api/v1/packs{query}", PACK)
        assert (refused.status_code, refused.json()["code"]) == (409, "PATH_IN_THE_WAY"), refused.text
        assert "'packs/ops'" in refused.json()["error"]
    assert Repo(nested).status() == ""


def test_a_repository_around_files_that_are_committed_is_left_alone(repo: Repo) -> None:
    Repo(repo.root / "packs/demo").git("init", "-q")
    write(repo.root, (NEW, "label: New\n"))
    assert_whole(repo)
