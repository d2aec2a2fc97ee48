"""What `registry/access.yaml` says in the newest commit counts for the very next write, of whatever kind."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jwt
import pytest

from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api

SECRET = "not the secret of anybody's platform"
FIRST = "/api/v1/workflows/demo.first"
LABEL = {"label": "By alice"}
NEW = {
    "ref": "demo.new",
    "pack_ref": "demo",
    "label": "New",
    "version": "1.0.0",
    "definition": {"tasks": [{"name": "only", "action": "core.noop"}]},
}

Ask = Callable[[Api], httpx.Response]
WRITES: dict[str, Ask] = {
    "put": lambda api: api.put(FIRST, LABEL, who="alice"),
    "delete": lambda api: api.delete(FIRST, who="alice"),
    "post": lambda api: api.post("/api/v1/workflows", NEW, who="alice"),
    "put of a pack": lambda api: api.put("/api/v1/packs/demo", LABEL, who="alice"),
    "dry run": lambda api: api.put(f"{FIRST}?dry_run=true", LABEL, who="alice"),
    "on a proposal": lambda api: api.put(f"{FIRST}?proposal=hers", LABEL, who="alice"),
    "dry run on a proposal": lambda api: api.put(f"{FIRST}?proposal=hers&dry_run=true", LABEL, who="alice"),
    "rollback": lambda api: api.post(f"{FIRST}/rollback", {"to": "HEAD~1"}, who="alice"),
    "rollback of a pack": lambda api: api.post("/api/v1/rollback", {"to": "HEAD~1", "pack_ref": "demo"}, who="alice"),
    "review": lambda api: api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="alice"),
    "merge": lambda api: api.post("/api/v1/proposals/fix/merge", who="alice"),
    "dry run of a merge": lambda api: api.post("/api/v1/proposals/fix/merge?dry_run=true", who="alice"),
}


def token(login: str) -> str:
    claims: dict[str, Any] = {"sub": login, "login": login, "token_type": "access", "exp": int(time.time()) + 600}
    return jwt.encode(claims, SECRET, algorithm="HS256")


@pytest.fixture
def api(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """With a proposal of the admin's that bob has approved, and a login alice; commits are not seen by themselves."""
    monkeypatch.setenv("ATTUNE_REGISTRY_JWT_SECRET", SECRET)
    monkeypatch.setattr("attune_registry.watcher.Watcher.start", lambda _: None)
    made = Api(repo.root)
    made.login("alice", token("alice"))
    assert made.put(f"{FIRST}?proposal=fix", {"description": "Proposed"}).status_code == 200
    repo.workflow("demo.first", label="Changed")
    repo.commit("Something to go back behind")
    made.person("bob", "editor")
    assert made.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="bob").status_code == 200
    yield made
    made.close()


def say(repo: Repo, alice: str) -> None:
    repo.write("registry/access.yaml", f"principals:\n  alice: {alice}\n")
    repo.commit(f"alice: {alice}")


def alice_is(repo: Repo, api: Api, said: str) -> None:
    say(repo, said)
    assert api.get(FIRST, who="alice").status_code == 200


@pytest.mark.parametrize("write", WRITES)
def test_packs_just_taken_from_somebody_are_not_written_to(repo: Repo, api: Api, write: str) -> None:
    alice_is(repo, api, "{role: editor}")
    say(repo, "{role: editor, packs: [aws]}")
    branches = repo.git("show-ref")
    assert_error(WRITES[write](api), 403)
    assert repo.git("show-ref") == branches


@pytest.mark.parametrize("write", WRITES)
def test_packs_just_given_to_somebody_are_written_to(repo: Repo, api: Api, write: str) -> None:
    alice_is(repo, api, "{role: editor, packs: [aws]}")
    say(repo, "{role: editor}")
    answer = WRITES[write](api)
    assert answer.status_code in (200, 201), answer.text


@pytest.mark.parametrize(("was", "now"), [("editor", "admin"), ("admin", "editor")])
def test_a_role_just_changed_is_the_one_that_force_is_judged_by(repo: Repo, api: Api, was: str, now: str) -> None:
    alice_is(repo, api, f"{{role: {was}}}")
    say(repo, f"{{role: {now}}}")
    answer = api.post(f"{FIRST}/rollback", {"to": "HEAD~2", "force": True}, who="alice")
    assert answer.status_code == (200 if now == "admin" else 403), answer.text


@pytest.mark.parametrize("target", ["", "?proposal=hers"])
def test_an_address_just_changed_is_the_authors(repo: Repo, api: Api, target: str) -> None:
    alice_is(repo, api, "{role: editor, email: alice@old.example.com}")
    say(repo, "{role: editor, email: alice@new.example.com}")
    assert api.put(FIRST + target, LABEL, who="alice").status_code == 200
    branch = "proposals/hers" if target else "main"
    assert repo.git("log", "-1", "--format=%an <%ae>", branch) == "alice <alice@new.example.com>\n"


def test_what_is_proposed_about_permissions_counts_for_nobody(repo: Repo, api: Api) -> None:
    alice_is(repo, api, "{role: editor, packs: [aws]}")
    repo.git("checkout", "-q", "-b", "proposals/hers")
    say(repo, "{role: editor}")
    repo.git("checkout", "-q", "main")
    assert_error(api.put(f"{FIRST}?proposal=hers", LABEL, who="alice"), 403)
