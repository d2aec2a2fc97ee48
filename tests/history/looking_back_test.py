"""history, show, diff and changes on the command line: on the repository alone, without a server."""

import json
import os
import pty
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from attune_registry.cli.failures import COULD_NOT_RUN
from gitrepo import WORKFLOW, Repo
from in_process import Api
from serving import COMMAND


def run(repo: Repo, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [*COMMAND, *arguments, "--repo", str(repo.root)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def said(repo: Repo, *arguments: str) -> str:
    done = run(repo, *arguments)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    return done.stdout


def said_as_json(repo: Repo, *arguments: str) -> Any:
    return json.loads(said(repo, *arguments, "--json"))


@pytest.fixture
def changed(repo: Repo) -> Repo:
    """One workflow changed, one deleted."""
    repo.workflow("demo.first", label="Changed")
    repo.commit("Change the first\n\nFor a reason.", date=1_700_000_100)
    repo.git("rm", "-q", "packs/demo/workflows/second.yaml")
    repo.commit("Delete the second", date=1_700_000_200)
    return repo


def test_what_is_kept_and_cannot_be_used_costs_time_and_no_words(changed: Repo) -> None:
    commands = (
        ("history", "--json"),
        ("show", "demo.first"),
        ("show", "demo.first", "--json"),
        ("diff", "HEAD~1", "HEAD"),
    )
    before = [said(changed, *arguments) for arguments in commands]
    state = changed.root / ".git/attune-registry"
    for name in ("line", "snapshot", "records.sqlite"):
        for file in state.glob(f"{name}*"):
            file.unlink()
        (state / name).mkdir()
    for arguments, expected in zip(commands, before, strict=True):
        done = run(changed, *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, ""), arguments


def test_history_is_that_of_the_api(changed: Repo) -> None:
    api = Api(changed.root)
    for arguments, path in (
        (("demo.first",), "workflows/demo.first/history"),
        (("demo",), "packs/demo/history"),
        ((), "history"),
        (("demo.second", "--at", "HEAD~1"), "workflows/demo.second/history?at=HEAD~1"),
    ):
        assert said_as_json(changed, "history", *arguments)["data"] == api.get(f"/api/v1/{path}").json()["data"]
    api.close()


def test_history_is_readable(changed: Repo) -> None:
    text = said(changed, "history", "demo.first")
    assert (
        text.splitlines()[0]
        == f"{changed.git('rev-parse', 'HEAD~1')[:10]} 2023-11-14T22:15:00Z updated  demo.first 1.0.0"
    )
    assert "    Change the first\n    Tess Tester <tess@example.com>; changed: label\n" in text
    assert "deleted  demo.second" in said(changed, "history", "--limit", "1")


def test_show_prints_the_very_bytes(changed: Repo) -> None:
    first = changed.root / "packs/demo/workflows/first.yaml"
    assert said(changed, "show", "demo.first") == first.read_text()
    assert said(changed, "show", "demo.second", "--at", "HEAD~1").startswith("# second: made by a test.\n")
    first.write_text("label: Edited\n")
    assert said(changed, "show", "demo.first") == "label: Edited\n"
    assert "Changed" in said(changed, "show", "demo.first", "--at", "HEAD")
    assert said(changed, "show", "demo", "--at", "HEAD") == "label: demo\nversion: 1.0.0\n"


def test_show_prints_both_files_of_a_workflow_in_two(changed: Repo) -> None:
    action, graph = "packs/demo/actions/blue.yaml", "packs/demo/actions/workflows/deploy.workflow.yaml"
    texts = ["label: Blue\nworkflow_file: workflows/deploy.workflow.yaml\n", "tasks: []\n"]
    changed.write(action, texts[0])
    changed.write(graph, texts[1])
    changed.commit("Two files")
    assert said(changed, "show", "demo.blue") == "---\n".join(texts)
    changed.write(graph, "tasks: {}")
    assert said(changed, "show", "demo.blue") == f"{texts[0]}---\ntasks: {{}}"
    changed.git("rm", "-q", "-f", action, graph)
    changed.commit("Gone")
    assert said(changed, "show", "demo.blue", "--at", "HEAD~1") == "---\n".join(texts)


def test_show_as_json_is_the_apis_detail(changed: Repo) -> None:
    api = Api(changed.root)
    assert said_as_json(changed, "show", "demo.first") == api.get("/api/v1/workflows/demo.first").json()
    assert (
        said_as_json(changed, "show", "demo.second", "--at", "HEAD~1")
        == api.get("/api/v1/workflows/demo.second?at=HEAD~1").json()
    )
    api.close()


def test_diff_is_that_of_the_api(changed: Repo) -> None:
    api = Api(changed.root)
    assert said_as_json(changed, "diff", "HEAD~2") == api.get("/api/v1/diff?from=HEAD~2").json()
    text = said(changed, "diff", "HEAD~2", "HEAD", "demo.first")
    assert '  ~ /label: "first" -> "Changed"\n' in text
    assert "demo.second" not in text
    assert said(changed, "diff", "HEAD~1", "HEAD", "demo.first") == ""
    assert "demo.second" in said(changed, "diff", "HEAD~2", "HEAD", "demo.second")
    assert "demo.second" in said(changed, "diff", "HEAD~2", "HEAD", "demo")
    patch = said(changed, "diff", "HEAD~2", "HEAD", "--patch")
    assert patch == api.get("/api/v1/diff?from=HEAD~2", Accept="text/x-diff").text
    api.close()


@pytest.mark.parametrize(
    ("before", "after", "label", "said_of_it"),
    [
        ("2.0.0", "1.0.0", "first", "(fix, has a lower one than before)"),
        ("2.0.0", "1.0.0", "Changed", "(fix, asks for a patch version, has a lower one than before)"),
        ("1.0.0", "1.0.0", "Changed", "(fix, asks for a patch version, has none)"),
        ("1.0.0", "2.0.0", "Changed", "(fix)"),
        ("1.0.0", "1.0.1", "Changed", "(fix)"),
    ],
)
def test_diff_speaks_of_a_version_where_it_is_too_low(
    repo: Repo, before: str, after: str, label: str, said_of_it: str
) -> None:
    for version, text in ((before, "first"), (after, label)):
        repo.workflow("demo.first", WORKFLOW.format(label=text).replace("version: 1.0.0", f"version: {version}"))
        repo.commit()
    assert said(repo, "diff", "HEAD~1").splitlines()[0] == f"updated demo.first {said_of_it}"


@pytest.mark.alone
def test_changes_are_the_feed(changed: Repo) -> None:
    api = Api(changed.root)
    rows = [json.loads(line) for line in said(changed, "changes", "--json").splitlines()]
    assert rows == api.get("/api/v1/changes").json()["data"]
    assert "deleted  workflow demo.second" in said(changed, "changes", "--since", "HEAD~1")
    api.close()


def test_changes_are_followed(changed: Repo) -> None:
    command = [*COMMAND, "changes", "--since", "HEAD~1", "--follow", "--json", "--repo", str(changed.root)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert json.loads(process.stdout.readline())["ref"] == "demo.second"
        changed.workflow("demo.third")
        commit = changed.commit("Third")
        row = json.loads(process.stdout.readline())
        assert (row["commit"], row["ref"], row["change"]) == (commit, "demo.third", "created")
        changed.git("reset", "-q", "--hard", "HEAD~2")
        assert json.loads(process.stdout.readline()) == {"commit": changed.head(), "change": "reset"}
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("history", "demo.never"), "No commit ever touched 'demo.never'."),
        (("history", "demo.first", "--at", "nowhere"), "There is no revision 'nowhere' in this clone."),
        (("show", "demo.second"), "There is no workflow 'demo.second'. It was deleted; see 'history demo.second'."),
        (("show", "demo.second", "--at", "HEAD"), "There was no workflow 'demo.second' at HEAD."),
        (("diff", "nowhere"), "There is no revision 'nowhere' in this clone."),
        (("diff", "HEAD~1", "HEAD", "demo.nope"), "There is no workflow 'demo.nope' at HEAD~1, nor at HEAD."),
        (("diff", "HEAD~1", "HEAD", "nope", "-p"), "There is no pack 'nope' at HEAD~1, nor at HEAD."),
        (("diff", "HEAD~1", "HEAD", ""), "There is no pack '' at HEAD~1, nor at HEAD."),
        (("changes", "--since", "nowhere"), "There is no revision 'nowhere' in this clone."),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(changed: Repo, arguments: tuple[str, ...], sentence: str) -> None:
    done = run(changed, *arguments)
    assert done.returncode == COULD_NOT_RUN
    assert done.stdout == ""
    assert done.stderr.strip().endswith(sentence)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "demo.first", "--at", ""),
        ("show", "demo.first", "--json", "--at", ""),
        ("history", "--at", ""),
        ("diff", ""),
        ("diff", "HEAD", ""),
        ("compat", ""),
        ("changes", "--since", ""),
        ("validate", "--changed", ""),
        ("validate", "--at", ""),
        ("rollback", "demo.first", "--to", ""),
    ],
)
def test_an_empty_variable_of_a_script_is_no_revision(changed: Repo, arguments: tuple[str, ...]) -> None:
    done = run(changed, *arguments)
    assert (done.returncode, done.stdout) == (COULD_NOT_RUN, "")
    assert "'' is not a revision" in done.stderr or "--since is empty" in done.stderr


def test_a_terminal_gets_colours_but_no_commands_from_a_commit(changed: Repo) -> None:
    changed.workflow("demo.first", label="Again")
    changed.git("commit", "-qam", "Evil \x1b]0;title\x07 subject")
    for arguments in (("history",), ("diff", "HEAD~3"), ("diff", "HEAD~3", "-p"), ("changes",), ("show", "demo.first")):
        shown = _on_a_terminal(changed.root, *arguments)
        assert b"\x1b[" in shown, arguments
        assert b"\x1b]" not in shown
        assert b"\x07" not in shown
    assert b"\x1b[" not in _on_a_terminal(changed.root, "history", NO_COLOR="1")


def test_show_gives_a_terminal_whole_lines_but_no_commands_from_the_file(changed: Repo) -> None:
    long = " ".join(f"word{number}" for number in range(60))
    changed.workflow("demo.first", f"# \x1b]0;title\x07\x1b[2J\r\nlabel: {long}\n\tversion: 1.0.0\n")
    shown = _on_a_terminal(changed.root, "show", "demo.first", COLUMNS="40")
    assert b"\x1b]" not in shown
    assert b"\x07" not in shown
    assert b"\x1b[2J" not in shown
    lines = re.sub(rb"\x1b\[[0-9;]*m", b"", shown).decode().splitlines()
    head, tail = "# packs/demo/workflows/first.yaml in the working tree", "    version: 1.0.0"
    assert lines == [head, "# \ufffd]0;title\ufffd\ufffd[2J", f"label: {long}", tail]
    changed.commit()
    again = re.sub(rb"\x1b\[[0-9;]*m", b"", _on_a_terminal(changed.root, "show", "demo.first")).decode()
    assert again.splitlines()[0] == f"# packs/demo/workflows/first.yaml at {changed.head()[:10]}"


def _on_a_terminal(root: Path, *arguments: str, **env: str) -> bytes:
    ours, theirs = pty.openpty()
    command = [*COMMAND, *arguments, "--repo", str(root)]
    process = subprocess.Popen(command, stdout=theirs, env={**os.environ, "TERM": "xterm-256color", **env})
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    assert process.wait(timeout=30) == 0
    return b"".join(parts)
