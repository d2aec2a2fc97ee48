"""`dry_run`: what the write would answer, with the diff, and not a byte written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api

FIRST = "/api/v1/workflows/demo.first"
PATH = "packs/demo/workflows/first.yaml"
NEW = {
    "ref": "demo.new",
    "pack_ref": "demo",
    "label": "New",
    "version": "1.0.0",
    "definition": {"tasks": [{"name": "only", "action": "core.noop", "timeout": 30}]},
}
WRITES: dict[str, tuple[str, str, Any]] = {
    "create": ("POST", "/api/v1/workflows", NEW),
    "create a pack": ("POST", "/api/v1/packs", {"ref": "more", "label": "More", "version": "1.0.0"}),
    "update": ("PUT", FIRST, {"label": "Changed", "tags": ["a", "b"]}),
    "update nothing": ("PUT", FIRST, {"label": "first"}),
    "delete": ("DELETE", FIRST, None),
    "roll back": ("POST", f"{FIRST}/rollback", {"to": "HEAD~1"}),
    "roll back to nothing": ("POST", "/api/v1/workflows/demo.second/rollback", {"to": "HEAD~2"}),
    "roll back everything": ("POST", "/api/v1/rollback", {"to": "HEAD~1"}),
}
REFUSALS: dict[str, tuple[str, str, Any, dict[str, str]]] = {
    "invalid": ("POST", "/api/v1/workflows", NEW | {"version": "one"}, {}),
    "unknown field": ("PUT", FIRST, {"labl": "x"}, {}),
    "not allowed": ("PUT", FIRST, {"label": "x"}, {"who": "ola"}),
    "reader": ("PUT", FIRST, {"label": "x"}, {"who": "rea"}),
    "no pack": ("POST", "/api/v1/workflows", NEW | {"ref": "none.new", "pack_ref": "none"}, {}),
    "not there": ("DELETE", "/api/v1/workflows/demo.none", None, {}),
    "there already": ("POST", "/api/v1/workflows", NEW | {"ref": "demo.first"}, {}),
    "not empty": ("DELETE", "/api/v1/packs/demo", None, {}),
    "changed since": ("PUT", FIRST, {"label": "x"}, {"If_Match": '"other"'}),
    "no such revision": ("POST", f"{FIRST}/rollback", {"to": "none"}, {}),
}


@pytest.fixture
def begun(repo: Repo) -> Repo:
    """`repo` with a past."""
    repo.git("commit", "-q", "--allow-empty", "-m", "Nothing yet")
    repo.git(
        "update-ref", "HEAD", repo.git("commit-tree", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "-m", "0").strip()
    )
    repo.workflow("demo.first", label="Earlier")
    repo.commit("Earlier")
    repo.workflow("demo.first")
    repo.commit("Now")
    return repo


def files(root: Path) -> dict[str, bytes]:
    """Everything below a folder but what can be deleted without loss."""
    found = (path for path in root.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in found if "attune-registry" not in path.parts}


@pytest.mark.parametrize("query", ["", "&proposal=fix"])
@pytest.mark.parametrize("what", WRITES)
def test_it_answers_what_the_write_does_then_and_writes_nothing(begun: Repo, api: Api, what: str, query: str) -> None:
    method, path, body = WRITES[what]
    api.get("/api/v1/workflows")
    before = files(begun.root)
    dry = api.ask(method, f"{path}?dry_run=true{query}", body)
    assert files(begun.root) == before
    real = api.ask(method, f"{path}?{query[1:]}", body)
    assert dry.status_code == real.status_code
    assert dry.headers.get("Location") == real.headers.get("Location")
    said = dry.json()
    assert said.pop("dry_run") is True
    diff = said.pop("diff")
    assert comparable(said) == comparable(real.json())
    branch = "proposals/fix" if query and diff else "main"
    commit = begun.git("rev-parse", branch).strip()
    assert diff == (begun.git("show", "--format=", commit) if diff else "")
    assert bool(diff) == (what != "update nothing")


@pytest.mark.parametrize(
    "write",
    [
        ("PUT", FIRST, {"label": "Changed"}),
        ("DELETE", FIRST, None),
        ("POST", f"{FIRST}/rollback", {"to": "HEAD~1"}),
        ("POST", f"{FIRST}/rollback", {"to": "HEAD~2"}),
    ],
)
def test_its_diff_has_the_modes_of_the_commit(begun: Repo, api: Api, write: tuple[str, str, Any]) -> None:
    (begun.root / PATH).chmod(0o755)
    begun.commit("Make it a program, which it is not")
    method, path, body = write
    dry, real = (api.ask(method, f"{path}{query}", body) for query in ("?dry_run=true", ""))
    assert real.status_code == 200, real.text
    assert dry.json()["diff"] == begun.git("show", "--format=")
    assert "755" in dry.json()["diff"]


@pytest.mark.parametrize("what", REFUSALS)
def test_it_refuses_what_the_write_does(begun: Repo, api: Api, what: str) -> None:
    method, path, body, more = REFUSALS[what]
    dry = api.ask(method, f"{path}?dry_run=true", body, **more)
    real = api.ask(method, path, body, **more)
    assert 400 <= real.status_code < 500
    assert_error(dry, real.status_code, real.json()["code"])
    assert dry.json() == real.json()


def edit(repo: Repo) -> None:
    repo.write(PATH, "label: by hand\n")


def stage(repo: Repo) -> None:
    text = (repo.root / PATH).read_text()
    repo.write(PATH, "label: by hand\n")
    repo.git("add", PATH)
    repo.write(PATH, text)


def detach(repo: Repo) -> None:
    repo.git("checkout", "-q", "--detach")


def begin_a_merge(repo: Repo) -> None:
    (repo.root / ".git/MERGE_HEAD").write_text(repo.head() + "\n")


def leave_a_conflict(repo: Repo) -> None:
    blob = repo.git("rev-parse", f"HEAD:{PATH}").strip()
    lines = [f"{mode} {blob} {stage}\t{PATH}\n" for stage, mode in enumerate(("100644",) * 3, 1)]
    repo.git("update-index", "--index-info", stdin=f"0 {'0' * 40}\t{PATH}\n" + "".join(lines))


@pytest.mark.parametrize("label", ["Changed", "first"])
@pytest.mark.parametrize("at_work", [edit, stage, detach, begin_a_merge, leave_a_conflict])
def test_it_refuses_while_people_are_at_work_as_the_write_does(
    begun: Repo, api: Api, at_work: Callable[[Repo], None], label: str
) -> None:
    at_work(begun)
    dry = api.put(f"{FIRST}?dry_run=true", {"label": label})
    real = api.put(FIRST, {"label": label})
    # Also where nothing would change: whether somebody has noticed the edit yet makes no difference.
    assert (dry.status_code, real.status_code) == (409, 409), real.text
    assert dry.json() == real.json()


def take_the_folder(repo: Repo) -> None:
    repo.git("branch", "proposals")


def take_the_folder_packed(repo: Repo) -> None:
    repo.git("branch", "proposals")
    repo.git("pack-refs", "--all")


def take_the_name(repo: Repo) -> None:
    repo.git("branch", "proposals/fix/more")


def take_the_name_packed(repo: Repo) -> None:
    repo.git("branch", "proposals/fix/more")
    repo.git("pack-refs", "--all")


def check_out(repo: Repo) -> None:
    repo.git("worktree", "add", "-q", "-b", "proposals/fix", str(repo.root.parent / "elsewhere"))


def leave_a_folder(repo: Repo) -> None:
    (repo.root / ".git/refs/heads/proposals/fix/more").mkdir(parents=True)


@pytest.mark.parametrize("label", ["Changed", "first"])
@pytest.mark.parametrize(
    "prepare",
    [take_the_folder, take_the_folder_packed, take_the_name, take_the_name_packed, check_out, leave_a_folder],
)
def test_it_refuses_a_proposal_whose_branch_cannot_be_written_as_the_write_does(
    begun: Repo, api: Api, prepare: Callable[[Repo], None], label: str
) -> None:
    prepare(begun)
    before = begun.git("for-each-ref")
    dry = api.put(f"{FIRST}?proposal=fix&dry_run=true", {"label": label})
    assert begun.git("for-each-ref") == before
    real = api.put(f"{FIRST}?proposal=fix", {"label": label})
    may_be = prepare is leave_a_folder or (label == "first" and prepare is not check_out)
    assert real.status_code == (200 if may_be else 409), real.text
    assert dry.status_code == real.status_code
    if not may_be:
        assert dry.json() == real.json()


OPS = {"ref": "ops", "label": "Ops", "version": "1.0.0"}


def commit_a_submodule(repo: Repo) -> None:
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head()},packs/ops")
    repo.git("commit", "-q", "-m", "In the way")


def commit_a_file(repo: Repo) -> None:
    repo.write("packs/ops", "notes\n")
    repo.commit()


def commit_a_link(repo: Repo) -> None:
    (repo.root / "packs/ops").symlink_to("demo")
    repo.commit()


def commit_a_folder(repo: Repo) -> None:
    repo.write("packs/ops/pack.yaml/notes", "notes\n")
    repo.commit()


def ask_for_a_signature(repo: Repo) -> None:
    for name, value in (("commit.gpgsign", "true"), ("gpg.format", "ssh"), ("user.signingkey", "/none/key.pub")):
        repo.git("config", name, value)


def ask_for_perhaps_a_signature(repo: Repo) -> None:
    repo.git("config", "commit.gpgsign", "maybe")


@pytest.mark.parametrize("query", ["", "&proposal=fix"])
@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (commit_a_submodule, "PATH_IN_THE_WAY"),
        (commit_a_file, "PATH_IN_THE_WAY"),
        (commit_a_link, "PATH_IN_THE_WAY"),
        (commit_a_folder, "PATH_IN_THE_WAY"),
        (ask_for_a_signature, "SIGNING_FAILED"),
        (ask_for_perhaps_a_signature, "GIT_CONFIG_INVALID"),
    ],
)
def test_it_refuses_what_git_will_not_have_for_good_as_the_write_does(
    begun: Repo, api: Api, prepare: Callable[[Repo], None], code: str, query: str
) -> None:
    prepare(begun)
    before = (begun.git("for-each-ref"), begun.status(), begun.git("count-objects", "-v"))
    dry = api.post(f"/api/v1/packs?dry_run=true{query}", OPS)
    real = api.post(f"/api/v1/packs?{query[1:]}", OPS)
    assert_error(dry, real.status_code, code)
    assert dry.json() == real.json()
    assert (begun.git("for-each-ref"), begun.status(), begun.git("count-objects", "-v")) == before


def comparable(body: Any) -> Any:
    """An answer without what cannot be known before: the commit, and when it is made."""
    if isinstance(body, dict):
        return {key: comparable(value) for key, value in body.items() if key not in ("commit", "updated", "created")}
    return [comparable(item) for item in body] if isinstance(body, list) else body


def test_a_pack_that_nobody_has_committed_takes_no_workflow(begun: Repo, api: Api) -> None:
    begun.write("packs/raw/pack.yaml", "label: Raw\nversion: 1.0.0\n")
    api.registry.rescan()
    write = ("POST", "/api/v1/workflows", NEW | {"ref": "raw.new", "pack_ref": "raw"})
    dry, real = (api.ask(write[0], f"{write[1]}{query}", write[2]) for query in ("?dry_run=true", ""))
    assert_error(real, 409, "UNCOMMITTED_EDITS")
    assert dry.json() == real.json()
    begun.commit("The pack")
    begun.write("packs/raw/pack.yaml", "label: Edited\nversion: 1.0.0\n")
    api.registry.rescan()
    assert api.ask(*write).status_code == 201
    begun.git("rm", "-q", "-r", "-f", "packs/raw")
    begun.commit("No pack")
    begun.write("packs/raw/pack.yaml", "label: Again\nversion: 1.0.0\n")
    api.registry.rescan()
    assert_error(api.ask(*write), 409, "UNCOMMITTED_EDITS")
