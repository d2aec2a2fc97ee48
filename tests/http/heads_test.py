"""What is served and written for every HEAD that git itself would have, and for those that a lost disk block leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from attune_registry.errors import RegistryError, Unavailable
from attune_registry.git.discovery import find
from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api
from privileges import no_power_over_files

FIRST = "/api/v1/workflows/demo.first"
PATH = "packs/demo/workflows/first.yaml"


@pytest.fixture
def api(repo: Repo) -> Iterator[Api]:
    made = Api(repo.root)
    yield made
    made.close()


def label(api: Api) -> str:
    answer = api.get(FIRST)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["label"])


def test_a_branch_may_have_any_name_that_git_takes(repo: Repo, api: Api) -> None:
    for name in ("größe/日本", b"caf\xe9".decode(errors="surrogateescape")):
        repo.git("switch", "-q", "-c", name)
        before = repo.head()
        assert label(api)
        assert api.put(FIRST, {"label": f"On {name[:3]}"}).status_code == 200
        assert label(api) == f"On {name[:3]}"
        assert repo.git("log", "-1", "--format=%P").strip() == before
        assert repo.status() == ""
        repo.git("pack-refs", "--all")
        assert api.put(FIRST, {"label": "Again"}).status_code == 200


def test_another_name_of_a_branch_is_that_branch(repo: Repo, api: Api) -> None:
    repo.git("branch", "other")
    repo.git("symbolic-ref", "refs/heads/named/alias", "refs/heads/main")
    repo.git("symbolic-ref", "HEAD", "refs/heads/named/alias")
    before = repo.head()
    assert label(api) == "first"
    assert api.put(FIRST, {"label": "Through the alias"}).status_code == 200
    assert repo.git("log", "-1", "--format=%P", "main").strip() == before
    assert repo.git("symbolic-ref", "refs/heads/named/alias").strip() == "refs/heads/main"
    assert label(api) == "Through the alias"
    repo.git("commit", "-q", "--allow-empty", "-m", "By hand")
    assert api.get(FIRST).headers["X-Registry-Revision"] == repo.head()
    repo.git("symbolic-ref", "refs/heads/named/alias", "refs/heads/other")
    repo.git("reset", "-q", "--hard")
    assert label(api) == "first"
    assert api.put(FIRST, {"label": "On the other"}).status_code == 200
    assert (repo.head(), repo.status()) == (repo.git("rev-parse", "other").strip(), "")


def test_a_head_that_is_a_link_is_followed_as_git_does(repo: Repo, api: Api) -> None:
    repo.git("config", "core.preferSymlinkRefs", "true")
    repo.git("switch", "-q", "-c", "two")
    assert (repo.root / ".git/HEAD").is_symlink()
    before = repo.head()
    assert label(api) == "first"
    assert api.put(FIRST, {"label": "Through the link"}).status_code == 200
    assert repo.git("log", "-1", "--format=%P", "two").strip() == before
    assert label(api) == "Through the link"
    assert (repo.status(), (repo.root / ".git/HEAD").is_symlink()) == ("", True)
    repo.workflow("demo.first", label="By hand")
    head = repo.commit("By hand")
    assert api.get(FIRST).headers["X-Registry-Revision"] == head
    repo.git("switch", "-q", "main")
    assert label(api) == "first"


def test_a_head_that_is_a_link_to_a_packed_branch_is_told_with_the_way_out(repo: Repo) -> None:
    repo.git("-c", "core.preferSymlinkRefs=true", "switch", "-q", "-c", "two")
    repo.git("pack-refs", "--all")
    with pytest.raises(RegistryError, match="symbolic-ref HEAD refs/heads/two"):
        Api(repo.root)
    repo.git("-c", "core.preferSymlinkRefs=false", "symbolic-ref", "HEAD", "refs/heads/two")
    api = Api(repo.root)
    assert label(api) == "first"
    api.close()


def test_a_ref_that_is_no_branch_is_read_and_not_written(repo: Repo, api: Api) -> None:
    repo.git("update-ref", "refs/odd/one", "HEAD")
    (repo.root / ".git/HEAD").write_text("ref: refs/odd/one\n")
    assert label(api) == "first"
    assert_error(api.put(FIRST, {"label": "Changed"}), 409, "DETACHED_HEAD")
    repo.workflow("demo.first", label="Moved")
    repo.commit("Move it")
    assert label(api) == "Moved"


@pytest.mark.parametrize("left", ["", "\0" * 41, "ref:\n", "1234567\n", "garbage\n"])
@pytest.mark.parametrize("file", [".git/refs/heads/main", ".git/HEAD"])
@pytest.mark.parametrize("is_packed", [True, False])
def test_a_damaged_ref_is_neither_an_empty_branch_nor_an_old_one(
    repo: Repo, api: Api, left: str, file: str, is_packed: bool
) -> None:
    if is_packed:
        repo.git("pack-refs", "--all")
    assert api.put(FIRST, {"label": "Acknowledged"}).status_code == 200
    head, path = repo.head(), repo.root / file
    whole = path.read_text()
    path.write_text(left)
    pack = {"ref": "new", "label": "New", "version": "1.0.0"}
    for answer in (api.get(FIRST), api.post("/api/v1/packs", pack), api.put(FIRST, {"label": "Changed"})):
        said = assert_error(answer, 503, "REF_DAMAGED")
        assert file.removeprefix(".git/") in said["error"]
    assert path.read_text() == left
    path.write_text(whole)
    assert label(api) == "Acknowledged"
    assert api.put(FIRST, {"label": "Mended"}).status_code == 200
    assert repo.git("log", "-1", "--format=%P").strip() == head
    assert repo.status() == ""


@pytest.fixture
def bare_handed() -> Iterator[None]:
    """Everybody in this process may read only what the modes of files allow."""
    with no_power_over_files():
        yield


@pytest.mark.usefixtures("bare_handed")
@pytest.mark.parametrize("file", ["refs/heads/main", "refs/heads", "HEAD", "packed-refs"])
def test_a_ref_that_may_not_be_read_is_no_branch_without_commits(repo: Repo, file: str) -> None:
    # In a clone it is packed.
    (repo.root / ".git/refs/heads/main").write_text(f"{repo.head()}\n")
    if file == "packed-refs":
        repo.git("pack-refs", "--all")
    head, path = repo.head(), repo.root / ".git" / file
    mode = path.stat().st_mode
    path.chmod(0)
    with pytest.raises(Unavailable, match="cannot be read: Permission denied"):
        Api(repo.root)
    path.chmod(mode)
    api = Api(repo.root)
    again = repo.root / "again"
    again.write_bytes(path.read_bytes() if path.is_file() else b"")
    again.chmod(0)
    # As `sudo git update-ref` leaves it where root's files are root's alone.
    again.rename(path) if path.is_file() else path.chmod(0)
    for answer in (api.get(FIRST), api.put(FIRST, {"label": "Changed"})):
        said = assert_error(answer, 503, "REF_UNREADABLE")
        assert f".git/{file}" in said["error"]
    path.chmod(mode)
    assert repo.head() == head
    assert label(api) == "first"
    assert api.put(FIRST, {"label": "Mended"}).status_code == 200
    assert repo.git("log", "-1", "--format=%P").strip() == head
    api.close()


@pytest.mark.usefixtures("bare_handed")
def test_a_repository_below_one_that_may_not_be_read_is_found(repo: Repo, tmp_path: Path) -> None:
    data, below = tmp_path / "data", repo.root / "below"
    repo.git("init", "--quiet", "--separate-git-dir", str(data), str(below))
    (repo.root / ".git/HEAD").chmod(0)
    assert find(below) == (data, below)
    (below / "packs").mkdir()
    assert find(below / "packs") == (data, below)
    with pytest.raises(Unavailable, match="cannot be read: Permission denied"):
        find(repo.root / "packs")


@pytest.mark.usefixtures("bare_handed")
def test_a_proposal_that_may_not_be_read_is_told(repo: Repo) -> None:
    api = Api(repo.root)
    assert api.put(f"{FIRST}?proposal=closed", {"label": "Proposed"}).status_code == 200
    path = repo.root / ".git/refs/heads/proposals/closed"
    path.chmod(0)
    for answer in (
        api.put(f"{FIRST}?proposal=closed", {"label": "Again"}),
        api.get("/api/v1/proposals/closed"),
        api.delete("/api/v1/proposals/closed"),
    ):
        said = assert_error(answer, 503, "REF_UNREADABLE")
        assert "refs/heads/proposals/closed" in said["error"]
    assert label(api) == "first"
    path.chmod(0o644)
    assert api.put(f"{FIRST}?proposal=closed", {"label": "Again"}).status_code == 200
    api.close()


def test_a_branch_at_a_commit_that_is_not_there_is_told(repo: Repo, api: Api) -> None:
    path = repo.root / ".git/refs/heads/main"
    head = repo.head()
    path.write_text("1" * 40 + "\n")
    assert_error(api.get(FIRST), 503, "OBJECTS_MISSING")
    assert_error(api.put(FIRST, {"label": "Changed"}), 503, "GIT_FAILED")
    path.write_text(f"{head}\n")
    assert label(api) == "first"
    assert api.put(FIRST, {"label": "Mended"}).status_code == 200
    assert repo.status() == ""


def test_a_server_says_at_its_start_what_is_damaged(repo: Repo, tmp_path: Path) -> None:
    (repo.root / ".git/refs/heads/main").write_text("")
    with pytest.raises(Exception, match="damaged"):
        Api(repo.root)


@pytest.mark.parametrize(("left", "reasons"), [("garbage\n", None), ("", None), ("1" * 40 + "\n", ["GIT_FAILED"])])
def test_a_damaged_proposal_is_told_and_takes_no_other_down(
    repo: Repo, api: Api, left: str, reasons: list[str] | None
) -> None:
    repo.git("branch", "proposals/fine")
    assert api.put(f"{FIRST}?proposal=broken", {"label": "Proposed"}).status_code == 200
    (repo.root / ".git/refs/heads/proposals/broken").write_text(left)
    rows = {row["name"]: row for row in api.get("/api/v1/proposals").json()["data"]}
    assert "fine" in rows
    # git itself lists no branch without an id.
    found = [reason["code"] for reason in rows["broken"]["reasons"]] if "broken" in rows else None
    assert found == reasons
    assert_error(api.put(f"{FIRST}?proposal=broken", {"label": "Again"}), 409, "REF_DAMAGED")
    assert_error(api.get("/api/v1/proposals/broken"), 409, "REF_DAMAGED")


def test_git_that_cannot_work_is_told_in_its_own_words(repo: Repo, api: Api) -> None:
    config = repo.root / ".git/config"
    whole = config.read_text()
    config.write_text(whole + "[broken\n")
    said = assert_error(api.put(FIRST, {"label": "Changed"}), 503)
    assert "bad config" in said["error"]
    assert "remove '.git/index'" not in said["error"]
    config.write_text(whole)
    assert api.put(FIRST, {"label": "Changed"}).status_code == 200
