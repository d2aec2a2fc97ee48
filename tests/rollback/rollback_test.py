"""Files as they were: bytes and all, in a new commit, by today's checks."""

from pathlib import Path

import pytest

from gitrepo import PACK, WORKFLOW, Repo
from http_asserts import assert_error
from in_process import Api
from waiting import wait_until

FIRST = "/api/v1/workflows/demo.first"
PATH = "packs/demo/workflows/first.yaml"
ODD = '\ufeff# odd, and kept so\r\nlabel:   "First"   # by hand\r\nversion: 1.0.0\r\n' + (
    "definition: {tasks: [{name: only, action: core.noop, timeout: 30}]}"
)


@pytest.fixture
def past(repo: Repo) -> dict[str, str]:
    """Commits of `repo` by what happened in them."""
    found = {"begun": repo.head()}
    repo.workflow("demo.first", ODD)
    found["odd"] = repo.commit("Odd")
    repo.workflow("demo.third")
    repo.workflow("demo.first", label="Third time")
    found["changed"] = repo.commit("Change")
    repo.git("rm", "-q", PATH)
    found["deleted"] = repo.commit("Delete")
    return found


def test_a_deleted_workflow_comes_back_byte_for_byte(repo: Repo, api: Api, past: dict[str, str]) -> None:
    answer = api.post(f"{FIRST}/rollback", {"to": past["odd"][:12], "message": "Bring it back"}, who="ann")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["message"] == "Workflow rolled back successfully"
    assert body["data"] == api.get(FIRST).json()["data"]
    assert answer.headers["ETag"] == api.get(FIRST).headers["ETag"]
    assert (repo.root / PATH).read_bytes() == ODD.encode()
    assert repo.git("log", "-1", "--format=%an %s").strip() == "ann Bring it back"
    assert f"Registry-To: {past['odd']}" in repo.git("log", "-1", "--format=%(trailers)")
    assert repo.git("rev-parse", "HEAD~1").strip() == past["deleted"]
    assert repo.status() == ""
    assert api.get(f"{FIRST}/history").json()["data"][0]["change"] == "restored"


def test_a_deleted_workflow_that_was_executable_is_so_again(repo: Repo, api: Api) -> None:
    (repo.root / PATH).chmod(0o755)
    executable = repo.commit("Make it executable")
    assert api.delete(FIRST).status_code == 200
    assert api.post(f"{FIRST}/rollback", {"to": executable}, who="ann").status_code == 200
    assert repo.git("ls-tree", "HEAD", PATH).startswith("100755 ")
    assert (repo.root / PATH).stat().st_mode & 0o111
    assert repo.status() == ""


@pytest.mark.parametrize("then", [0o755, 0o644])
@pytest.mark.parametrize("wide", [False, True])
def test_a_mode_goes_back_too(repo: Repo, api: Api, then: int, wide: bool) -> None:
    script = "packs/demo/actions/run.sh"
    path = script if wide else PATH
    repo.write(script, "#!/bin/sh\n")
    (repo.root / path).chmod(then)
    to = repo.commit("As it was")
    (repo.root / path).chmod(0o755 ^ 0o644 ^ then)
    repo.commit("Another mode")
    if wide:
        answer = api.post("/api/v1/rollback", {"to": to, "pack_ref": "demo"})
    else:
        answer = api.post(f"{FIRST}/rollback", {"to": to})
    assert answer.status_code == 200, answer.text
    assert repo.git("diff", to, "HEAD") == ""
    assert (repo.root / path).stat().st_mode & 0o777 == then
    assert repo.status() == ""
    assert api.put(FIRST, {"label": "Changed"}).status_code == 200
    assert repo.git("ls-tree", "HEAD", path).startswith(f"100{then:o} ")
    assert repo.status() == ""


def test_a_workflow_goes_back_to_not_existing(repo: Repo, api: Api, past: dict[str, str]) -> None:
    answer = api.post("/api/v1/workflows/demo.third/rollback", {"to": past["begun"]})
    assert (answer.status_code, answer.json()["data"]) == (200, None)
    assert_error(api.get("/api/v1/workflows/demo.third"), 404, "WORKFLOW_NOT_FOUND")
    assert not (repo.root / "packs/demo/workflows/third.yaml").exists()


def test_a_pack_file_goes_back_too(repo: Repo, api: Api) -> None:
    was = (repo.root / "packs/demo/pack.yaml").read_bytes()
    assert api.put("/api/v1/packs/demo", {"label": "Changed"}).status_code == 200
    assert api.post("/api/v1/packs/demo/rollback", {"to": "HEAD~1"}).json()["data"]["label"] == "demo"
    assert (repo.root / "packs/demo/pack.yaml").read_bytes() == was


def test_nothing_to_change_is_no_commit(repo: Repo, api: Api, past: dict[str, str]) -> None:
    for path, body in (
        (f"{FIRST}/rollback", {"to": "HEAD"}),
        ("/api/v1/workflows/demo.second/rollback", {"to": past["begun"]}),
        ("/api/v1/rollback", {"to": "HEAD"}),
    ):
        assert api.post(path, body).status_code == 200
    assert repo.head() == past["deleted"]


def test_what_never_was_is_not_found(repo: Repo, api: Api) -> None:
    assert_error(api.post("/api/v1/workflows/demo.never/rollback", {"to": "HEAD"}), 404, "WORKFLOW_NOT_FOUND")
    assert_error(api.post("/api/v1/rollback", {"to": "HEAD", "pack_ref": "never"}), 404, "PACK_NOT_FOUND")
    assert_error(api.post(f"{FIRST}/rollback", {"to": "never"}), 404, "REVISION_NOT_FOUND")


@pytest.mark.parametrize("pack_ref", ["demo/workflows", "demo/", "demo/pack.yaml", "./demo"])
def test_a_folder_in_a_pack_is_no_pack(repo: Repo, api: Api, past: dict[str, str], pack_ref: str) -> None:
    body = {"to": past["begun"], "pack_ref": pack_ref}
    assert_error(api.post("/api/v1/rollback", body), 404, "PACK_NOT_FOUND")
    assert repo.head() == past["deleted"]


def test_a_whole_pack_goes_back_in_one_commit(repo: Repo, api: Api, past: dict[str, str]) -> None:
    repo.workflow("other.one")
    repo.write("packs/demo/README.md", "Not a workflow\n")
    before = repo.commit("More")
    answer = api.post("/api/v1/rollback", {"to": past["odd"], "pack_ref": "demo"}, who="ann")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "data": {
            "workflows": [{"ref": "demo.first", "change": "restored"}, {"ref": "demo.third", "change": "deleted"}],
            "packs": [],
            "commit": repo.head(),
        },
        "message": "Rolled back successfully",
    }
    assert repo.git("rev-parse", "HEAD~1").strip() == before
    assert repo.git("diff", "--name-only", past["odd"], "HEAD", "--", "packs/demo") == ""
    assert (repo.root / "packs/other/workflows/one.yaml").exists()
    assert repo.status() == ""


@pytest.mark.alone
def test_everything_goes_back_but_the_settings(repo: Repo, api: Api, past: dict[str, str]) -> None:
    repo.write("registry/config.yaml", "require_if_match: false\n")
    repo.write("README.md", "Mine\n")
    repo.commit("Settings")
    assert_error(api.post("/api/v1/rollback", {"to": past["begun"]}, who="ann"), 403, "FORBIDDEN")
    assert api.post("/api/v1/rollback", {"to": past["begun"]}).status_code == 200
    assert repo.git("diff", "--name-only", past["begun"], "HEAD").split() == ["README.md", "registry/config.yaml"]
    total = api.get("/api/v1/workflows").json()["meta"]["total"]
    assert total == 2


def test_restored_content_passes_todays_checks_or_an_admin_forces_it(repo: Repo, api: Api) -> None:
    repo.workflow("demo.first", WORKFLOW.format(label="x").replace("action: core.noop", "action: 7"))
    broken = repo.commit("Break it")
    repo.workflow("demo.first", label="mended")
    head = repo.commit("Mend it")
    for path in (f"{FIRST}/rollback", "/api/v1/rollback"):
        refused = assert_error(api.post(path, {"to": broken}), 400, "VALIDATION_FAILED")
        assert {"path", "pointer", "rule", "line"} <= refused["details"][0].keys()
    assert_error(api.post(f"{FIRST}/rollback", {"to": broken, "force": True}, who="ann"), 403, "FORBIDDEN")
    assert repo.head() == head
    forced = api.post(f"{FIRST}/rollback", {"to": broken, "force": True})
    assert forced.json()["data"]["stale"] is True
    assert repo.git("diff", "--name-only", broken, "HEAD") == ""


def test_a_workflow_does_not_come_back_without_its_pack(repo: Repo, api: Api) -> None:
    was = repo.head()
    repo.git("rm", "-q", "-r", "packs")
    repo.commit("Drop everything")
    refused = assert_error(api.post(f"{FIRST}/rollback", {"to": was}), 400)
    assert refused["details"][0]["rule"] == "pack-missing"
    assert api.post("/api/v1/rollback", {"to": was, "pack_ref": "demo"}).status_code == 200


def test_if_match_and_require_if_match(repo: Repo, api: Api, past: dict[str, str]) -> None:
    second = "/api/v1/workflows/demo.second/rollback"
    repo.workflow("demo.second", label="Changed")
    repo.write("registry/config.yaml", "require_if_match: true\n")
    repo.commit("More")
    etag = api.get("/api/v1/workflows/demo.second").headers["ETag"]
    assert_error(api.post(second, {"to": past["begun"]}), 428)
    assert_error(api.post(second, {"to": past["begun"]}, If_Match='"other"'), 412)
    assert api.post(second, {"to": past["begun"]}, If_Match=etag).status_code == 200
    assert_error(api.post("/api/v1/rollback", {"to": past["begun"]}, If_Match=f'"{past["odd"]}"'), 412)


def test_uncommitted_edits_are_in_the_way_and_stay(repo: Repo, api: Api, past: dict[str, str]) -> None:
    second = "packs/demo/workflows/second.yaml"
    repo.workflow("demo.second", label="Changed")
    repo.commit("Change")
    repo.write(second, "label: by hand\n")
    # A file saved in place is the watcher's to see, and that takes a moment.
    wait_until(lambda: second in api.registry.snapshot.edits)
    head, status = repo.head(), repo.status()
    for path in ("/api/v1/workflows/demo.second/rollback", "/api/v1/rollback"):
        for query in ("", "?dry_run=true"):
            assert_error(api.post(path + query, {"to": past["begun"]}), 409, "UNCOMMITTED_EDITS")
    assert_error(api.post("/api/v1/workflows/demo.second/rollback", {"to": "HEAD"}), 409, "UNCOMMITTED_EDITS")
    assert (repo.head(), repo.status(), (repo.root / second).read_text()) == (head, status, "label: by hand\n")
    # Edits of files that stay as they are do not matter.
    assert api.post("/api/v1/rollback", {"to": "HEAD~1", "pack_ref": "demo"}, who="ann").status_code == 409
    assert api.post(f"{FIRST}/rollback", {"to": past["odd"]}).status_code == 200


def test_a_link_does_not_come_back(repo: Repo, api: Api) -> None:
    path = repo.root / PATH
    path.unlink()
    path.symlink_to("second.yaml")
    link = repo.commit("Link")
    path.unlink()
    repo.workflow("demo.first")
    repo.commit("File")
    assert_error(api.post(f"{FIRST}/rollback", {"to": link}), 409, "NOT_PLAIN_FILES")
    assert_error(api.post("/api/v1/rollback", {"to": link}), 409, "NOT_PLAIN_FILES")


_WAYS = ["/rollback", "/rollback?pack_ref=more", "/packs/more/rollback", "/workflows/more.one/rollback"]


@pytest.mark.parametrize("is_link", [True, False])
@pytest.mark.parametrize(
    ("what", "asked"),
    [
        ("packs", _WAYS),
        ("packs/more", _WAYS),
        ("packs/more/workflows", [way for way in _WAYS if way != "/packs/more/rollback"]),
    ],
)
def test_what_was_a_link_or_a_submodule_then_is_not_taken_away(
    repo: Repo, api: Api, what: str, asked: list[str], is_link: bool
) -> None:
    repo.write("packs/more/pack.yaml", PACK.format(ref="more"))
    repo.workflow("more.one")
    folder = repo.commit("Folder")
    repo.git("rm", "-rq", what)
    link = repo.root / what
    if is_link:
        link.symlink_to("elsewhere")
        repo.git("add", what)
    else:
        repo.git("update-index", "--add", "--cacheinfo", f"160000,{folder},{what}")
    repo.git("commit", "-qm", "Elsewhere")
    other = repo.head()
    repo.git("read-tree", "--reset", "-u", folder)
    repo.git("commit", "-qm", "Folder again")
    head = repo.head()
    for way in asked:
        path, _, pack = way.partition("?pack_ref=")
        body = {"to": other, "pack_ref": pack} if pack else {"to": other}
        refused = assert_error(api.post(f"/api/v1{path}", body), 409, "NOT_PLAIN_FILES")
        assert f"'{what}'" in refused["error"]
    assert (repo.head(), repo.status()) == (head, "")


def test_only_the_own_packs_are_rolled_back(repo: Repo, api: Api, past: dict[str, str]) -> None:
    assert_error(api.post(f"{FIRST}/rollback", {"to": past["odd"]}, who="ola"), 403, "FORBIDDEN")
    assert_error(api.post("/api/v1/rollback", {"to": past["odd"], "pack_ref": "demo"}, who="ola"), 403, "FORBIDDEN")
    assert_error(api.post(f"{FIRST}/rollback", {"to": past["odd"]}, who="rea"), 403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/to"]),
        ({"to": ""}, ["/to"]),
        ({"to": 7, "mesage": "x"}, ["/mesage", "/to"]),
        ({"to": "HEAD", "force": "yes"}, ["/force"]),
        ({"to": None}, ["/to"]),
    ],
)
def test_a_body_that_is_wrong_is_told_all_that_is(api: Api, body: dict[str, object], pointers: list[str]) -> None:
    refused = assert_error(api.post(f"{FIRST}/rollback", body), 400, "VALIDATION_FAILED")
    assert [detail["pointer"] for detail in refused["details"]] == pointers
    if "mesage" in body:
        assert refused["details"][0]["hint"] == "did you mean message?"


@pytest.mark.parametrize("to", ["--all", "HEAD:packs", "HEAD..HEAD", "-1", "a b", "HEAD@{0}"])
def test_a_revision_is_never_an_option_nor_a_range(api: Api, to: str) -> None:
    details = assert_error(api.post(f"{FIRST}/rollback", {"to": to}), 400, "REVISION_INVALID")["details"]
    assert [detail["pointer"] for detail in details] == ["/to"]


def test_a_rollback_can_be_proposed(repo: Repo, api: Api, past: dict[str, str]) -> None:
    answer = api.post(f"{FIRST}/rollback?proposal=back", {"to": past["odd"]}, who="ann")
    assert answer.status_code == 200, answer.text
    assert repo.head() == past["deleted"]
    assert not (repo.root / PATH).exists()
    assert repo.git("rev-parse", f"proposals/back:{PATH}") == repo.git("rev-parse", f"{past['odd']}:{PATH}")


def test_an_executable_file_is_none_again_with_what_it_said(repo: Repo, api: Api) -> None:
    Path(repo.root / PATH).chmod(0o755)
    repo.workflow("demo.first", label="Changed")
    repo.commit("Executable")
    assert api.post(f"{FIRST}/rollback", {"to": "HEAD~1"}).status_code == 200
    assert repo.git("ls-tree", "HEAD", PATH).startswith("100644")
