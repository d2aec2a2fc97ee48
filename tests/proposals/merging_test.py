"""What comes out when two sides changed the same files: every byte of both, or a conflict that is named."""

from typing import Any

import pytest

from gitrepo import Repo
from http_asserts import assert_error
from in_process import Api

PATH = "packs/demo/workflows/first.yaml"
TEXT = """\
# What it is for
label:   'First'      # the name

version: 1.0.0
tags: [a, b]
enabled:   true   # until spring

definition:
    tasks:
    -   name: one
        action: core.noop      # first
        timeout: 30
    -   {name: two, action: core.noop, timeout: 30}
    -   name: three
        action: core.noop
        timeout: 30
"""


@pytest.fixture
def two_sides(repo: Repo, api: Api) -> Repo:
    """`repo` with a file by hand, and nobody asked for approvals."""
    repo.write(PATH, TEXT)
    repo.write("registry/config.yaml", "required_approvals: 0\n")
    repo.commit("By hand")
    return repo


def diverge(repo: Repo, ours: dict[str, str | None], theirs: dict[str, str | None]) -> None:
    """Commits on both sides, by people with git."""
    repo.git("switch", "-q", "-c", "proposals/fix")
    put(repo, theirs)
    repo.git("switch", "-q", "main")
    put(repo, ours)


def put(repo: Repo, files: dict[str, str | None]) -> None:
    for path, text in files.items():
        if text is None:
            repo.git("rm", "-q", path)
        else:
            repo.write(path, text)
    repo.commit("Change")


def merge(api: Api) -> Any:
    dry = api.post("/api/v1/proposals/fix/merge?dry_run=true", who="ann")
    answer = api.post("/api/v1/proposals/fix/merge", who="ann")
    assert dry.status_code == answer.status_code
    return answer


def change(*edits: tuple[str, str], text: str = TEXT) -> str:
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


TWO, NAME = "{name: two, action: core.noop, timeout: 30}", "label:   'First'      # the name"
MERGED = {
    "far apart": ([("1.0.0", "1.0.1")], [("# first\n        timeout: 30", "# first\n        timeout: 60")]),
    "one line": ([(TWO, TWO.replace("30", "60"))], [(TWO, TWO.replace("noop", "echo"))]),
    "neighbours": ([("'First'", "'Best'")], [("1.0.0", "1.0.1"), ("tags: [a, b]", "tags: [a]")]),
    "comments too": ([("# the name", "# its name")], [("1.0.0", "1.0.1")]),
    "comments on both sides": ([("# What it is for", "# Why")], [("# first", "# the first"), ("[a, b]", "[b]")]),
    "same tags": ([("[a, b]", "[a, b, x]")], [("[a, b]", "[b]")]),
    "both the same": ([("1.0.0", "1.1.0")], [("1.0.0", "1.1.0"), ("[a, b]", "[b]")]),
}


@pytest.mark.parametrize("case", MERGED)
def test_different_fields_of_one_file_are_merged(two_sides: Repo, api: Api, case: str) -> None:
    ours, theirs = MERGED[case]
    diverge(two_sides, {PATH: change(*ours)}, {PATH: change(*theirs)})
    answer = merge(api)
    assert answer.status_code == 200, answer.text
    if case == "both the same":
        theirs = theirs[1:]
    if case == "one line":
        expected = change((TWO, TWO.replace("30", "60").replace("noop", "echo")))
    elif case == "same tags":
        expected = change(("[a, b]", "[b, x]"))
    else:
        expected = change(*ours, *theirs)
    assert (two_sides.root / PATH).read_text() == expected
    assert two_sides.status() == ""


CONFLICTS: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]], list[str]]] = {
    "a field": ([("1.0.0", "1.0.1")], [("1.0.0", "2.0.0"), ("[a, b]", "[b]")], ["/version"]),
    "fields": ([("1.0.0", "1.0.1"), ("'First'", "A")], [("1.0.0", "2.0.0"), ("'First'", "B")], ["/label", "/version"]),
    "a field of a task": (
        [(TWO, TWO.replace("30", "60"))],
        [(TWO, TWO.replace("30", "90"))],
        ["/definition/tasks/1/timeout"],
    ),
    "a task": ([(f"    -   {TWO}\n", "")], [(TWO, TWO.replace("30", "90"))], ["/definition/tasks/1"]),
    "the order of tasks": (
        [(TWO, TWO.replace("two", "more") + f"\n    -   {TWO}")],
        [(TWO, f"{TWO}\n    -   {TWO.replace('two', 'more')}")],
        ["/definition/tasks"],
    ),
    "a comment": ([("# the name", "# ours"), ("1.0.0", "1.0.1")], [("# the name", "# theirs"), ("[a, b]", "[]")], [""]),
}


@pytest.mark.parametrize("case", CONFLICTS)
def test_the_same_field_is_a_conflict_that_is_named(two_sides: Repo, api: Api, case: str) -> None:
    ours, theirs, pointers = CONFLICTS[case]
    diverge(two_sides, {PATH: change(*ours)}, {PATH: change(*theirs)})
    head = two_sides.head()
    refused = assert_error(merge(api), 409, "MERGE_CONFLICT")
    assert [(row["ref"], row["path"], row["pointer"]) for row in refused["details"]] == [
        ("demo.first", PATH, pointer) for pointer in pointers
    ]
    assert all(pointer in refused["error"] for pointer in pointers)
    assert two_sides.head() == head
    (row,) = api.get("/api/v1/proposals").json()["data"]
    assert (row["mergeable"], row["reasons"][0]["code"]) == (False, "MERGE_CONFLICT")
    detail = api.get("/api/v1/proposals/fix").json()["data"]
    assert [found["pointer"] for found in detail["conflicts"]] == pointers


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({PATH: None}, {PATH: change(("1.0.0", "1.0.1"))}),
        ({PATH: change(("1.0.0", "1.0.1"))}, {PATH: None}),
        ({"packs/demo/workflows/new.yaml": TEXT}, {"packs/demo/workflows/new.yaml": change(("[a, b]", "[]"))}),
        ({"notes.txt": "ours\n"}, {"notes.txt": "theirs\n"}),
    ],
)
def test_files_in_conflict_are_named(
    two_sides: Repo, api: Api, ours: dict[str, str | None], theirs: dict[str, str | None]
) -> None:
    diverge(two_sides, ours, theirs)
    refused = assert_error(api.post("/api/v1/proposals/fix/merge"), 409, "MERGE_CONFLICT")
    (row,) = refused["details"]
    assert row["path"] == next(iter(ours))
    assert row["pointer"] == ""


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({PATH: None}, {PATH: None, "packs/demo/workflows/second.yaml": TEXT}),
        ({"packs/demo/workflows/new.yaml": TEXT}, {"packs/demo/workflows/new.yaml": TEXT, PATH: None}),
        ({"a.txt": "ours\n"}, {PATH: TEXT + "# more\n"}),
        ({PATH: TEXT.replace("\n", "\r\n")}, {"packs/demo/workflows/new.yaml": TEXT.replace("\n", "\r\n")}),
    ],
)
def test_files_that_do_not_meet_are_merged_as_git_does(
    two_sides: Repo, api: Api, ours: dict[str, str | None], theirs: dict[str, str | None]
) -> None:
    diverge(two_sides, ours, theirs)
    two_sides.git("branch", "by-git", "main")
    parents = (two_sides.head(), two_sides.git("rev-parse", "proposals/fix").strip())
    answer = merge(api)
    assert answer.status_code == 200, answer.text
    assert two_sides.git("log", "-1", "--format=%P").split() == list(parents)
    merged = two_sides.git("rev-parse", "HEAD^{tree}")
    two_sides.git("switch", "-q", "by-git")
    two_sides.git("merge", "-q", "--no-edit", parents[1])
    assert two_sides.git("rev-parse", "HEAD^{tree}") == merged


@pytest.mark.parametrize(("line", "status"), [(30, 200), (3, 409)])
def test_text_that_is_not_utf_8_is_merged_by_lines(two_sides: Repo, api: Api, line: int, status: int) -> None:
    notes = two_sides.root / "packs/demo/notes.md"
    lines = [b"J\xfcrgen\n", *(b"%d\n" % number for number in range(40))]
    changed = {number: [*lines[:number], b"gr\xf6\xdfer %d\n" % number, *lines[number + 1 :]] for number in (3, 30)}
    notes.write_bytes(b"".join(lines))
    two_sides.commit("Notes")
    two_sides.git("switch", "-q", "-c", "proposals/fix")
    notes.write_bytes(b"".join(changed[3]))
    two_sides.commit("Proposed")
    two_sides.git("switch", "-q", "main")
    ours = [*changed[line][:line], b"ours\n", *changed[line][line + 1 :]]
    notes.write_bytes(b"".join(ours))
    two_sides.commit("Served")
    answer = merge(api)
    assert answer.status_code == status, answer.text
    both = [*changed[3][:10], *ours[10:]] if status == 200 else ours
    assert notes.read_bytes() == b"".join(both)


def test_a_merge_is_the_same_to_the_one_who_made_it_as_to_who_comes_later(two_sides: Repo, api: Api) -> None:
    brought: dict[str, str | None] = {
        "README.md": "More\n",
        "packs/demo/notes.txt": "Notes\n",
        "packs/demo/workflows/second.yaml": None,
        "packs/new/pack.yaml": "label: New\nversion: 1.0.0\n",
        "packs/new/workflows/one.yaml": TEXT,
        "registry/config.yaml": "required_approvals: 0\nrequire_if_match: true\n",
    }
    diverge(two_sides, {PATH: change(("1.0.0", "1.0.1"))}, brought | {PATH: change(("[a, b]", "[b]"))})
    assert api.post("/api/v1/proposals/fix/merge").status_code == 200
    later = Api(two_sides.root, "later")
    for path in ("workflows", "packs", "history", "changes", "problems", "workflows/demo.first", "packs/new"):
        assert api.get(f"/api/v1/{path}").content == later.get(f"/api/v1/{path}", who="later").content
    here, there = api.registry.snapshot.line, later.registry.snapshot.line
    assert here.paths_at(here.length - 1) == there.paths_at(there.length - 1)
    later.close()


def test_what_merges_but_does_not_hold_together_is_refused(two_sides: Repo, api: Api) -> None:
    """Each side by itself is fine: one takes a task away, the other begins to name it."""
    without = change((f"    -   {TWO}\n", ""))
    naming = change(
        (
            "        action: core.noop\n        timeout: 30\n",
            "        action: core.noop\n        on_success: two\n        timeout: 30\n",
        )
    )
    diverge(two_sides, {PATH: without}, {PATH: naming})
    refused = assert_error(merge(api), 409, "CHECKS_FAILED")
    assert {row["path"] for row in refused["details"]} == {PATH}
    assert all(row["severity"] == "error" for row in refused["details"])


def test_errors_that_were_there_before_are_not_the_proposals(two_sides: Repo, api: Api) -> None:
    diverge(two_sides, {"packs/demo/workflows/broken.yaml": "label: [\n"}, {PATH: TEXT + "# more\n"})
    assert merge(api).status_code == 200


def test_a_mode_that_the_proposal_changes_is_merged(two_sides: Repo, api: Api) -> None:
    """A rollback brings a file's mode back, too, and has to be mergeable where a branch is protected."""
    two_sides.write("packs/demo/gone.sh", "#!/bin/sh\n").chmod(0o755)
    script = two_sides.write("packs/demo/run.sh", "#!/bin/sh\n")
    was = two_sides.commit("Scripts")
    script.chmod(0o755)
    two_sides.write("packs/demo/run.sh", "#!/bin/sh\nexit\n")
    two_sides.git("rm", "-q", "packs/demo/gone.sh")
    two_sides.commit("Executable")
    rolled = api.post("/api/v1/rollback?proposal=fix", {"to": was, "pack_ref": "demo"})
    assert rolled.status_code == 200, rolled.text
    two_sides.write(PATH, TEXT.replace("First", "Ours"))
    two_sides.commit("Meanwhile")
    assert merge(api).status_code == 200
    modes = two_sides.git("ls-tree", "-r", "HEAD", "--format=%(objectmode) %(path)", "packs/demo").splitlines()
    assert "100644 packs/demo/run.sh" in modes
    assert "100755 packs/demo/gone.sh" in modes
    assert two_sides.status() == ""


def test_a_mode_alone_is_merged_with_what_the_other_side_wrote(two_sides: Repo, api: Api) -> None:
    two_sides.git("switch", "-q", "-c", "proposals/fix")
    (two_sides.root / PATH).chmod(0o755)
    two_sides.commit("Executable")
    two_sides.git("switch", "-q", "main")
    put(two_sides, {PATH: TEXT.replace("First", "Ours")})
    assert merge(api).status_code == 200
    assert two_sides.git("ls-tree", "HEAD", PATH).startswith("100755")
    assert (two_sides.root / PATH).read_text() == TEXT.replace("First", "Ours")
    assert two_sides.status() == ""


def test_links_are_left_to_git(two_sides: Repo, api: Api) -> None:
    two_sides.git("switch", "-q", "-c", "proposals/fix")
    (two_sides.root / "packs/demo/workflows/link.yaml").symlink_to("first.yaml")
    two_sides.commit("Link")
    two_sides.git("switch", "-q", "main")
    assert_error(merge(api), 409, "NOT_PLAIN_FILES")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"packs/demo/big": "a file\n"}, {"packs/demo/big/inner.txt": "in a folder\n"}),
        ({"packs/demo/big/inner.txt": "in a folder\n"}, {"packs/demo/big": "a file\n"}),
    ],
)
def test_a_file_in_the_place_of_a_folder_is_a_conflict(
    two_sides: Repo, api: Api, ours: dict[str, str | None], theirs: dict[str, str | None]
) -> None:
    diverge(two_sides, ours, theirs)
    assert api.get("/api/v1/proposals/fix").json()["data"]["mergeable"] is False
    (row,) = assert_error(merge(api), 409, "MERGE_CONFLICT")["details"]
    assert row["path"] == next(iter(theirs))


def test_a_folder_that_the_proposal_makes_a_file_is_a_conflict(two_sides: Repo, api: Api) -> None:
    two_sides.write("packs/demo/notes/a.md", "1\n")
    two_sides.commit("Notes")
    diverge(two_sides, {"a.txt": "a\n"}, {"packs/demo/notes/a.md": None, "packs/demo/notes": "all in one\n"})
    (row,) = assert_error(merge(api), 409, "MERGE_CONFLICT")["details"]
    assert row["path"] == "packs/demo/notes"


@pytest.mark.parametrize("is_ours_older", [True, False])
def test_sides_that_have_merged_each_other_and_kept_their_own_are_in_conflict(
    two_sides: Repo, api: Api, monkeypatch: pytest.MonkeyPatch, is_ours_older: bool
) -> None:
    """git has two bases for them, and takes the younger one first; what is older must not decide what is served."""

    def commit(day: int, *arguments: str) -> None:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2024-03-0{day}T00:00:00Z")
        two_sides.git(*arguments)

    two_sides.git("switch", "-q", "-c", "proposals/fix")
    two_sides.write(PATH, change(("1.0.0", "1.0.1")))
    commit(2 if is_ours_older else 1, "commit", "-qam", "Proposed")
    two_sides.git("switch", "-q", "main")
    two_sides.write(PATH, change(("1.0.0", "1.0.2")))
    commit(1 if is_ours_older else 2, "commit", "-qam", "Served")
    two_sides.git("tag", "served")
    commit(3, "merge", "-q", "-s", "ours", "-m", "Keep ours", "proposals/fix")
    two_sides.git("switch", "-q", "proposals/fix")
    commit(3, "merge", "-q", "-s", "ours", "-m", "Keep the proposal's", "served")
    two_sides.git("switch", "-q", "main")
    (row,) = assert_error(merge(api), 409, "MERGE_CONFLICT")["details"]
    assert (row["ref"], row["path"]) == ("demo.first", PATH)
    assert two_sides.git("branch", "--list", "proposals/fix").strip() == "proposals/fix"
    assert api.get("/api/v1/workflows/demo.first").json()["data"]["version"] == "1.0.2"


K1, K2 = "packs/demo/workflows/k1.yaml", "packs/demo/workflows/k2.yaml"


def cross(repo: Repo, monkeypatch: pytest.MonkeyPatch, *, is_ours_older: bool) -> None:
    """Each side adds a file, and merges what the other had by then: git has two bases for them."""
    days = iter((1, 2) if is_ours_older else (2, 1))
    repo.git("switch", "-q", "-c", "proposals/fix")
    for path, branch in ((K2, "main"), (K1, "proposals/fix")):
        repo.git("switch", "-q", branch)
        repo.write(path, TEXT)
        repo.git("add", path)
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2024-03-0{next(days)}T00:00:00Z")
        repo.git("commit", "-qm", f"Add {path}")
        repo.git("tag", path[-7:-5])
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-03-03T00:00:00Z")
    repo.git("merge", "-q", "-m", "Cross", "k2")
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "-m", "Cross", "k1")
    assert len(repo.git("merge-base", "--all", "main", "proposals/fix").split()) == 2


@pytest.mark.parametrize("is_ours_older", [True, False])
def test_what_one_side_alone_changed_after_they_crossed_is_merged(
    two_sides: Repo, api: Api, monkeypatch: pytest.MonkeyPatch, is_ours_older: bool
) -> None:
    cross(two_sides, monkeypatch, is_ours_older=is_ours_older)
    put(two_sides, {K2: change(("'First'", "Ours"))})
    two_sides.git("switch", "-q", "proposals/fix")
    put(two_sides, {K1: change(("'First'", "Theirs"))})
    two_sides.git("switch", "-q", "main")
    detail = api.get("/api/v1/proposals/fix").json()["data"]
    assert [(row["ref"], row["change"]) for row in detail["workflows"]] == [("demo.k1", "updated")]
    assert [row["pointer"] for row in detail["workflows"][0]["changes"]] == ["/label"]
    tree = two_sides.git("merge-tree", "--write-tree", "main", "proposals/fix").strip()
    assert merge(api).status_code == 200
    assert two_sides.git("rev-parse", "HEAD^{tree}").strip() == tree
    assert two_sides.status() == ""


@pytest.mark.parametrize("is_ours_older", [True, False])
def test_what_both_changed_after_they_crossed_is_merged_by_fields_or_in_conflict(
    two_sides: Repo, api: Api, monkeypatch: pytest.MonkeyPatch, is_ours_older: bool
) -> None:
    cross(two_sides, monkeypatch, is_ours_older=is_ours_older)
    put(two_sides, {K1: change(("1.0.0", "1.0.1")), K2: change(("1.0.0", "1.0.1"))})
    two_sides.git("switch", "-q", "proposals/fix")
    put(two_sides, {K1: change(("'First'", "Theirs")), K2: change(("1.0.0", "1.0.2"))})
    two_sides.git("switch", "-q", "main")
    (row,) = assert_error(merge(api), 409, "MERGE_CONFLICT")["details"]
    assert (row["ref"], row["pointer"], row["base"]) == ("demo.k2", "/version", "1.0.0")


@pytest.mark.parametrize("is_ours_older", [True, False])
def test_sides_that_crossed_twice_are_merged_by_what_they_had_before(
    two_sides: Repo, api: Api, monkeypatch: pytest.MonkeyPatch, is_ours_older: bool
) -> None:
    cross(two_sides, monkeypatch, is_ours_older=is_ours_older)
    two_sides.git("tag", "ours")
    two_sides.git("switch", "-q", "proposals/fix")
    put(two_sides, {K2: change(("1.0.0", "1.0.1"))})
    two_sides.git("tag", "theirs")
    two_sides.git("merge", "-q", "-m", "Cross again", "ours")
    put(two_sides, {K1: change(("1.0.0", "1.0.1"))})
    two_sides.git("switch", "-q", "main")
    put(two_sides, {PATH: change(("1.0.0", "1.0.1"))})
    two_sides.git("merge", "-q", "-m", "Cross again", "theirs")
    (row,) = api.get("/api/v1/proposals/fix").json()["data"]["workflows"]
    assert (row["ref"], row["change"]) == ("demo.k1", "updated")
    assert merge(api).status_code == 200
    assert (two_sides.root / K1).read_text() == (two_sides.root / K2).read_text() == change(("1.0.0", "1.0.1"))


@pytest.mark.parametrize("is_ours_older", [True, False])
def test_an_approval_outlives_what_the_branch_served_gets_after_they_crossed(
    two_sides: Repo, api: Api, monkeypatch: pytest.MonkeyPatch, is_ours_older: bool
) -> None:
    cross(two_sides, monkeypatch, is_ours_older=is_ours_older)
    two_sides.git("switch", "-q", "proposals/fix")
    put(two_sides, {K1: change(("'First'", "Theirs"))})
    two_sides.git("switch", "-q", "main")
    assert api.post("/api/v1/proposals/fix/review", {"verdict": "approve"}, who="ann").status_code == 200
    before = api.get("/api/v1/proposals/fix").json()["data"]
    for day in range(1, 6):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2024-03-0{day}T12:00:00Z")
        put(two_sides, {"notes.txt": f"{day}\n"})
        row = api.get("/api/v1/proposals/fix").json()["data"]
        assert row["approvals"] == ["ann"]
        assert (row["base"], row["workflows"]) == (before["base"], before["workflows"])


def test_a_conflict_in_an_action_names_its_workflow(two_sides: Repo, api: Api) -> None:
    action = "label: {}\nworkflow_file: workflows/two.workflow.yaml\n"
    two_sides.write("packs/demo/actions/two.yaml", action.format("Two"))
    two_sides.write("packs/demo/actions/workflows/two.workflow.yaml", "version: 1.0.0\ntasks: []\n")
    two_sides.commit("In two files")
    path = "packs/demo/actions/two.yaml"
    diverge(two_sides, {path: action.format("Ours")}, {path: action.format("Theirs")})
    (row,) = assert_error(merge(api), 409, "MERGE_CONFLICT")["details"]
    assert (row["ref"], row["pointer"]) == ("demo.two", "/label")


def test_a_conflict_in_tasks_names_the_workflows_whose_tasks_they_are(two_sides: Repo, api: Api) -> None:
    path, tasks = "packs/demo/actions/workflows/shared.workflow.yaml", "version: {}\ntasks: []\n"
    for name in ("two", "three"):
        two_sides.write(f"packs/demo/actions/{name}.yaml", "label: It\nworkflow_file: workflows/shared.workflow.yaml\n")
    two_sides.write(path, tasks.format("1.0.0"))
    two_sides.commit("In two files")
    diverge(two_sides, {path: tasks.format("1.0.1")}, {path: tasks.format("1.0.2")})
    refused = assert_error(merge(api), 409, "MERGE_CONFLICT")
    assert [(row["ref"], row["path"], row["pointer"]) for row in refused["details"]] == [
        ("demo.three", path, "/version"),
        ("demo.two", path, "/version"),
    ]
    assert "'demo.three', 'demo.two': " in refused["error"]


def test_uncommitted_edits_are_in_the_way_and_stay(two_sides: Repo, api: Api) -> None:
    diverge(two_sides, {"a.txt": "a\n"}, {PATH: TEXT + "# more\n"})
    two_sides.write(PATH, "label: by hand\n")
    assert_error(merge(api), 409, "UNCOMMITTED_EDITS")
    assert two_sides.status() == f" M {PATH}\n"
