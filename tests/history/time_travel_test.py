"""`?at=`: the answers of any commit, byte for byte as they were given when it was made."""

import random
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from recordings import PATHS, Recorded, ask

from attune_registry.registry import Registry
from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api
from waiting import wait_until


def test_each_of_300_commits_answers_as_it_did_when_it_was_made(api: Api, recorded: Recorded) -> None:
    assert len(recorded.commits) == len(set(recorded.commits)) == 300
    commits = random.Random(1).sample(recorded.commits, 300)
    for commit in commits:
        for path in PATHS:
            assert ask(api, path, commit) == recorded.answers[commit][path], (commit, path)


def test_the_recorded_answers_tell_the_commits_apart(recorded: Recorded) -> None:
    lists = {answers[PATHS[0]].body for answers in recorded.answers.values()}
    problems = {answers[PATHS[8]].body for answers in recorded.answers.values()}
    assert len(lists) > 150
    assert len(problems) > 50
    assert {answers["/api/v1/workflows/alpha.one"].status for answers in recorded.answers.values()} == {200, 404}


def test_commits_that_never_were_head_of_main_are_as_a_clone_of_them_is(
    api: Api, recorded: Recorded, tmp_path: Path
) -> None:
    everything = recorded.repo.git("rev-list", "HEAD").split()
    topics = [commit for commit in everything if commit not in recorded.answers]
    assert len(topics) > 30
    for commit in random.Random(2).sample(topics, 8):
        elsewhere = tmp_path / commit
        recorded.repo.git("clone", "-q", "--no-local", str(recorded.repo.root), str(elsewhere))
        Repo(elsewhere).git("checkout", "-q", "--detach", commit)
        there = Api(elsewhere)
        for path in PATHS:
            assert ask(api, path, commit) == ask(there, path), (commit, path)
        there.close()


def test_what_git_calls_a_commit_may_be_asked_for(api: Api, recorded: Recorded) -> None:
    repo = Repo(api.registry.repository.directory)
    repo.git("tag", "v1", recorded.commits[50])
    repo.git("tag", "-a", "-m", "annotated", "v2", recorded.commits[60])
    repo.git("branch", "proposals/fix", recorded.commits[70])
    names = {
        "v1": recorded.commits[50],
        "v2": recorded.commits[60],
        "proposals/fix": recorded.commits[70],
        "HEAD~3": recorded.commits[-4],
        "HEAD": recorded.commits[-1],
        recorded.commits[80][:12]: recorded.commits[80],
    }
    for name, commit in names.items():
        assert ask(api, PATHS[0], quote(name, safe="")) == recorded.answers[commit][PATHS[0]]
    repo.git("branch", "-f", "proposals/fix", recorded.commits[90])
    assert ask(api, PATHS[0], "proposals/fix") == recorded.answers[recorded.commits[90]][PATHS[0]]


def test_an_instant_is_the_commit_the_branch_was_at(api: Api, recorded: Recorded) -> None:
    for number in (20, 120, 299):
        commit = recorded.commits[number]
        date = recorded.repo.git("log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%S", commit).strip()
        zone = recorded.repo.git("log", "-1", "--format=%cd", "--date=format-local:%z", commit).strip()
        expected = recorded.repo.git("rev-list", "-1", "--first-parent", f"--before={date}{zone}", "HEAD").strip()
        assert ask(api, PATHS[0], quote(f"{date}{zone}")).revision == expected
    assert_error(api.get("/api/v1/workflows?at=2001-01-01T00:00:00Z"), 404, "REVISION_NOT_FOUND")


@pytest.mark.parametrize(
    ("revision", "status", "code"),
    [
        ("nowhere", 404, "REVISION_NOT_FOUND"),
        ("f" * 40, 404, "REVISION_NOT_FOUND"),
        ("HEAD~100000", 404, "REVISION_NOT_FOUND"),
        ("", 400, "REVISION_INVALID"),
        ("--all", 400, "REVISION_INVALID"),
        ("-n1", 400, "REVISION_INVALID"),
        ("HEAD..HEAD~1", 400, "REVISION_INVALID"),
        ("HEAD:packs", 400, "REVISION_INVALID"),
        ("a b", 400, "REVISION_INVALID"),
        ("x\0y", 400, "REVISION_INVALID"),
    ],
)
def test_what_is_no_revision_is_refused(api: Api, revision: str, status: int, code: str) -> None:
    for path in ("/api/v1/workflows", "/api/v1/packs/beta", "/api/v1/problems", "/api/v1/history"):
        assert_error(api.get(f"{path}?at={quote(revision, safe='')}"), status, code)


def test_an_abbreviation_of_two_commits_is_ambiguous(repo: Repo) -> None:
    seen: dict[str, str] = {}
    tree = repo.git("rev-parse", "HEAD^{tree}").strip()
    prefix = ""
    for number in range(3000):
        made = repo.git("hash-object", "-w", "-t", "commit", "--stdin", stdin=_commit_text(tree, number)).strip()
        if made[:4] in seen:
            prefix = made[:4]
            break
        seen[made[:4]] = made
    api = Api(repo.root)
    assert_error(api.get(f"/api/v1/workflows?at={prefix}"), 400, "REVISION_AMBIGUOUS")
    api.close()


def test_a_revision_is_given_once_and_not_for_writes(api: Api) -> None:
    assert_error(api.get("/api/v1/workflows?at=HEAD&at=HEAD~1"), 400, "INVALID_PARAMETER")
    body = {"ref": "new", "label": "New", "version": "1.0.0"}
    head = api.registry.repository.handle().head.target
    assert_error(api.post("/api/v1/packs?at=HEAD", body), 400, "WRITE_TO_PAST")
    assert_error(api.put("/api/v1/packs/beta?at=HEAD", {"label": "X"}), 400, "WRITE_TO_PAST")
    assert_error(api.delete("/api/v1/packs/beta?at=HEAD"), 400, "WRITE_TO_PAST")
    assert api.registry.repository.handle().head.target == head


def test_the_head_is_served_without_the_edits_of_the_working_tree(repo: Repo) -> None:
    api = Api(repo.root)
    committed = ask(api, "/api/v1/workflows/demo.first")
    repo.workflow("demo.first", label="edited")
    wait_until(lambda: ask(api, "/api/v1/workflows/demo.first").body != committed.body)
    assert ask(api, "/api/v1/workflows/demo.first", "HEAD") == committed
    api.close()


def test_who_may_read_now_decides_and_not_who_might_have_then(repo: Repo) -> None:
    repo.write("registry/access.yaml", "default:\n  role: none\n")
    old = repo.commit("Nobody may")
    repo.write("registry/access.yaml", "default:\n  role: reader\n")
    repo.commit("Everybody may")
    api = Api(repo.root)
    assert api.get(f"/api/v1/workflows?at={old}").status_code == 200
    response = api.get(f"/api/v1/workflows?at={old}", Authorization="Bearer nonsense")
    assert_error(response, 401)
    api.close()


@pytest.mark.alone
def test_the_rules_of_a_commit_are_those_it_is_judged_by(repo: Repo) -> None:
    lax = repo.head()
    repo.write("registry/config.yaml", "rules:\n  timeout-missing: error\n")
    repo.workflow(
        "demo.first", "label: A\nversion: 1.0.0\ndefinition:\n  tasks:\n    - name: a\n      action: core.noop\n"
    )
    strict = repo.commit("Be strict")
    repo.write("registry/config.yaml", "rules:\n  timeout-missing: 'off'\n")
    repo.commit("Be lax again")
    api = Api(repo.root)
    found = {at: api.get(f"/api/v1/problems?at={at}").json()["data"] for at in (lax, strict, "HEAD")}
    assert [problem["rule"] for problem in found[strict] if problem["severity"] == "error"] == ["timeout-missing"]
    assert not [problem for problem in found["HEAD"] if problem["rule"] == "timeout-missing"]
    api.close()


def test_snapshots_of_the_past_share_what_did_not_change(repo: Repo) -> None:
    for number in range(900):
        repo.write(f"packs/demo/workflows/w{number}.yaml", f"label: W{number}\nversion: 1.0.0\n" + _TASKS)
    repo.commit("Many")
    old = repo.head()
    repo.write("packs/demo/workflows/w5.yaml", "label: Other\nversion: 1.0.0\n" + _TASKS)
    repo.commit("One")
    registry = Registry.open(repo.root)
    present, past = registry.snapshot, registry.at(old)
    shared = set(map(id, present.workflows.chunks)) & set(map(id, past.workflows.chunks))
    assert len(present.workflows.chunks) > 2
    assert len(shared) == len(present.workflows.chunks) - 1
    assert registry.at(old) is past


def test_only_the_most_recent_few_are_kept(api: Api, recorded: Recorded) -> None:
    first = api.registry.at(recorded.commits[0])
    assert api.registry.at(recorded.commits[0]) is first
    for commit in recorded.commits[1:9]:
        api.registry.at(commit)
    assert api.registry.at(recorded.commits[0]) is not first


def test_looking_back_never_keeps_the_present_waiting(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    old = repo.head()
    repo.workflow("demo.third")
    repo.commit("Third")
    registry = Registry.open(repo.root)
    begun, go_on = threading.Event(), threading.Event()
    advance: Callable[..., object] = registry.indexer.advance

    def slow_for_the_past(*arguments: object, **more: object) -> object:
        if threading.current_thread() is not threading.main_thread():
            begun.set()
            assert go_on.wait(10)
        return advance(*arguments, **more)

    monkeypatch.setattr(registry.indexer, "advance", slow_for_the_past)
    looking = threading.Thread(target=registry.at, args=(old,))
    looking.start()
    assert begun.wait(10)
    repo.workflow("demo.fourth")
    repo.commit("Fourth")
    assert registry.refresh().workflows.get("demo.fourth")
    go_on.set()
    looking.join()
    assert registry.at(old).workflows.get("demo.third") is None


_TASKS = "definition:\n  tasks:\n    - name: a\n      action: core.noop\n      timeout: 3\n"


def _commit_text(tree: str, number: int) -> str:
    who = f"A <a@example.com> {1_600_000_000 + number} +0000"
    return f"tree {tree}\nauthor {who}\ncommitter {who}\n\nNumber {number}\n"
