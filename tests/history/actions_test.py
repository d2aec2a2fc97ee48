"""Workflows in two files in the feed, in histories and in differences: a file of tasks has no name of its own there."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from attune_registry.changes import portion
from attune_registry.entries import timestamp
from attune_registry.git.repository import Repository
from attune_registry.history import Event
from attune_registry.layout import Place
from attune_registry.line import Line, follow
from attune_registry.line_file import pack, unpack
from attune_registry.pairs import files_of, first_of
from attune_registry.registry import Registry
from attune_registry.source import Source
from attune_registry.writing.deletion import Deletion
from attune_registry.writing.landing import land
from attune_registry.writing.plans import Write
from attune_registry.writing.rollback import Rollback, WideRollback
from attune_registry.writing.update import Update
from authors import ANN
from gitrepo import Repo
from in_process import Api

FOLDER = "packs/demo/actions"
NAMES = ("blue", "deploy", "green", "red")
CHANGES = "/api/v1/changes?per_page=1000"


def action(named: str | None, label: str = "Action") -> str:
    return f"label: {label}\n" + (f"workflow_file: workflows/{named}.workflow.yaml\n" if named else "runner: noop\n")


def tasks(message: str, label: str = "") -> str:
    """The text of a file of tasks; with a label it can be served by itself."""
    said = f"  - {{name: one, action: core.echo, input: {{message: {message}}}, timeout: 5}}\n"
    return (f"label: {label}\n" if label else "") + f"tasks:\n{said}"


def write(repo: Repo, name: str, named: str | None, label: str = "Action") -> str:
    repo.write(f"{FOLDER}/{name}.yaml", action(named, label))
    return f"{FOLDER}/{name}.yaml"


def write_tasks(repo: Repo, name: str, message: str, label: str = "") -> str:
    repo.write(f"{FOLDER}/workflows/{name}.workflow.yaml", tasks(message, label))
    return f"{FOLDER}/workflows/{name}.workflow.yaml"


def told(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["ref"], row["change"]) for row in rows]


def events(line: Line) -> list[Event]:
    return portion(line, 0, line.row_count()).events


def everything(line: Line) -> list[object]:
    """What a line tells, of each commit and in all."""
    commits = [(commit, line.paths_at(at)) for at, (commit, _) in enumerate(line.steps(0, line.length))]
    return [commits, events(line), [line.row(at, "demo") for at in range(line.row_count("demo"))]]


def from_scratch(repo: Repo) -> Line:
    return follow(Repository.open(repo.root), Line(), repo.head()).line


def assert_adds_up(repo: Repo, line: Line) -> None:
    """The events, one after the other, come to what the newest commit has, and each begins where the last one ended."""
    there: dict[Place, str] = {}
    for at in events(line):
        assert at.old == there.pop(at.place, None), at
        assert (at.old is None) == (at.change in ("created", "restored")), at
        assert (at.new is None) == (at.change == "deleted"), at
        if at.new:
            there[at.place] = at.new
    source = Source(Repository.open(repo.root), line.tip, {})
    places = [Place("workflow", f"demo.{name}") for name in (*NAMES, "first", "second")]
    files = {place: first_of(files_of(source, place), lambda: line) for place in places}
    found = {place: file.blob for place, file in files.items() if file}
    assert {place: blob for place, blob in there.items() if place.kind == "workflow"} == found


@pytest.fixture
def api(repo: Repo) -> Iterator[Api]:
    made = Api(repo.root)
    yield made
    made.close()


@pytest.fixture
def shared(repo: Repo) -> str:
    """Two actions with their tasks in one file that is named like neither; the commit."""
    write(repo, "blue", "deploy", "Blue")
    write(repo, "green", "deploy", "Green")
    write_tasks(repo, "deploy", "hi")
    return repo.commit("Two that share")


@pytest.mark.alone
def test_a_file_of_tasks_is_told_as_the_workflows_whose_actions_name_it(repo: Repo, api: Api, shared: str) -> None:
    write_tasks(repo, "deploy", "ho")
    changed = repo.commit("Other tasks")
    repo.git("rm", "-q", "-r", FOLDER)
    gone = repo.commit("Gone")
    rows = api.get(f"{CHANGES}&since={shared}~1").json()["data"]
    assert [(row["commit"], *at) for row, at in zip(rows, told(rows), strict=True)] == [
        (shared, "demo.blue", "created"),
        (shared, "demo.green", "created"),
        (changed, "demo.blue", "updated"),
        (changed, "demo.green", "updated"),
        (gone, "demo.blue", "deleted"),
        (gone, "demo.green", "deleted"),
    ]
    history = api.get("/api/v1/workflows/demo.blue/history").json()["data"]
    assert [(row["change"], row["fields"]) for row in history][:2] == [
        ("deleted", ["label", "version", "definition", "tags", "enabled"]),
        ("updated", ["definition"]),
    ]
    assert api.get("/api/v1/workflows/demo.deploy/history").status_code == 404
    assert told(api.get("/api/v1/packs/demo/history").json()["data"])[: len(rows)] == told(rows)[::-1]


@pytest.mark.alone
def test_a_write_of_shared_tasks_over_http_is_told_of_every_workflow_that_has_them(
    repo: Repo, api: Api, shared: str
) -> None:
    definition = {"tasks": [{"name": "one", "action": "core.echo", "timeout": 5}]}
    answer = api.put("/api/v1/workflows/demo.blue", {"definition": definition})
    assert answer.status_code == 200, answer.text
    assert api.delete("/api/v1/workflows/demo.blue").status_code == 200
    assert api.delete("/api/v1/workflows/demo.green").status_code == 200
    assert told(api.get(f"{CHANGES}&since={shared}").json()["data"]) == [
        ("demo.blue", "updated"),
        ("demo.green", "updated"),
        ("demo.blue", "deleted"),
        ("demo.green", "deleted"),
    ]
    assert everything(api.registry.snapshot.line) == everything(from_scratch(repo))


@pytest.mark.alone
def test_a_diff_is_of_the_workflows_whose_tasks_differ(repo: Repo, api: Api, shared: str) -> None:
    write(repo, "deploy", "own", "Deploy")
    write_tasks(repo, "own", "own")
    begun = repo.commit("One that is named like the tasks of others")
    path = write_tasks(repo, "deploy", "ho")
    changed = repo.commit("Other tasks")
    span = f"from={begun}&to={changed}"
    found = api.get(f"/api/v1/diff?{span}").json()["data"]["workflows"]
    assert told(found) == [("demo.blue", "updated"), ("demo.green", "updated")]
    assert [row["pointer"] for row in found[0]["changes"]] == ["/definition/tasks/0/input/message"]
    assert told(api.get(f"/api/v1/workflows/demo.blue/diff?{span}").json()["data"]["workflows"]) == told(found)[:1]
    assert api.get(f"/api/v1/workflows/demo.deploy/diff?{span}").json()["data"]["workflows"] == []
    patch = repo.git("diff", begun, changed)
    for scope, expected in (("diff", patch), ("workflows/demo.green/diff", patch), ("workflows/demo.deploy/diff", "")):
        assert api.get(f"/api/v1/{scope}?{span}", accept="text/x-diff").text == expected
    assert path in patch


@pytest.mark.alone
def test_tasks_that_stand_for_themselves_are_taken_over_and_let_go(repo: Repo, api: Api) -> None:
    begun = repo.head()
    write_tasks(repo, "deploy", "hi", "Alone")
    repo.commit("Alone")
    assert api.get("/api/v1/workflows/demo.deploy").json()["data"]["label"] == "Alone"
    path = write(repo, "blue", "deploy", "Blue")
    named = repo.commit("Named")
    assert api.get("/api/v1/workflows/demo.deploy").status_code == 404
    repo.write(path, action(None))
    let_go = repo.commit("An action like any other")
    assert api.get("/api/v1/workflows/demo.deploy").json()["data"]["label"] == "Alone"
    assert told(api.get(f"{CHANGES}&since={begun}").json()["data"]) == [
        ("demo.deploy", "created"),
        ("demo.blue", "created"),
        ("demo.deploy", "deleted"),
        ("demo.blue", "deleted"),
        ("demo.deploy", "restored"),
    ]
    found = api.get(f"/api/v1/diff?from={named}&to={let_go}").json()["data"]["workflows"]
    assert told(found) == [("demo.blue", "deleted"), ("demo.deploy", "created")]


@pytest.mark.alone
def test_tasks_that_are_left_over_are_no_workflow(repo: Repo, api: Api) -> None:
    """Who runs workflows cascades on a deletion: what nobody can run any more has to be told as one."""
    begun = repo.head()
    path = write(repo, "deploy", "deploy", "Deploy")
    left = write_tasks(repo, "deploy", "hi")
    there = repo.commit("There")
    repo.git("rm", "-q", path)
    gone = repo.commit("Take the action away")
    assert told(api.get(f"{CHANGES}&since={begun}").json()["data"]) == [
        ("demo.deploy", "created"),
        ("demo.deploy", "deleted"),
    ]
    assert api.get("/api/v1/workflows/demo.deploy").status_code == 404
    assert told(api.get(f"/api/v1/diff?from={there}&to={gone}").json()["data"]["workflows"]) == [
        ("demo.deploy", "deleted")
    ]
    problems = [row for row in api.get("/api/v1/problems").json()["data"] if row["severity"] == "error"]
    assert [(row["path"], row["rule"]) for row in problems] == [(left, "workflow-file")]
    write_tasks(repo, "deploy", "hi", "Whole")
    repo.commit("Say what it is")
    assert told(api.get(f"{CHANGES}&since={gone}").json()["data"]) == [("demo.deploy", "restored")]
    assert api.get("/api/v1/workflows/demo.deploy").json()["data"]["label"] == "Whole"
    assert all(row["path"] != left for row in api.get("/api/v1/problems").json()["data"])


@pytest.mark.alone
def test_tasks_whose_content_is_not_here_are_a_problem_of_their_workflow(repo: Repo) -> None:
    path = write_tasks(repo, "deploy", "hi", "Alone")
    commit = repo.commit("Alone")
    blob = repo.git("rev-parse", f"HEAD:{path}").strip()
    (repo.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    source = Source(Repository.open(repo.root), commit, {})
    assert [file.path for file in files_of(source, Place("workflow", "demo.deploy"))] == [path]


@pytest.mark.alone
def test_an_action_whose_content_is_not_here_is_no_workflow(repo: Repo) -> None:
    write_tasks(repo, "deploy", "hi")
    path = write(repo, "deploy", "deploy")
    alone = write_tasks(repo, "other", "hi", "Other")
    commit = repo.commit("Both")
    blob = repo.git("rev-parse", f"HEAD:{path}").strip()
    (repo.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    source = Source(Repository.open(repo.root), commit, {})
    assert files_of(source, Place("workflow", "demo.deploy")) == []
    assert [file.path for file in files_of(source, Place("workflow", "demo.other"))] == [alone]


@pytest.mark.alone
def test_what_was_whole_and_is_torn_goes_on_being_served(repo: Repo, api: Api) -> None:
    write_tasks(repo, "deploy", "hi", "Alone")
    repo.commit("Alone")
    for torn in ("label: [\n", "", "{"):
        repo.write(f"{FOLDER}/workflows/deploy.workflow.yaml", torn)
        repo.commit("Tear it")
        data = api.get("/api/v1/workflows/demo.deploy").json()["data"]
        assert (data["label"], data["stale"]) == ("Alone", True)


@pytest.mark.alone
def test_dates_are_those_of_the_history(repo: Repo, api: Api) -> None:
    """A workflow is not older than its action because the tasks that this names are."""
    began = 1_800_000_000
    write_tasks(repo, "deploy", "hi")
    repo.commit(date=began)
    write_tasks(repo, "other", "ho")
    write(repo, "blue", "other", "Blue")
    repo.commit(date=began + 60)
    write(repo, "blue", "deploy", "Blue")
    repo.commit(date=began + 120)
    data = api.get("/api/v1/workflows/demo.blue").json()["data"]
    assert (data["created"], data["updated"]) == (timestamp(began + 60), timestamp(began + 120))
    dates = [row["date"] for row in api.get("/api/v1/workflows/demo.blue/history").json()["data"]]
    assert dates == [data["updated"], data["created"]]


@pytest.mark.alone
@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_among_actions_the_events_add_up_to_what_is_there(repo: Repo, seed: int) -> None:
    chance = random.Random(seed)
    repository = Repository.open(repo.root)
    line = follow(repository, Line(), repo.head()).line
    for number in range(30):
        for _ in range(chance.randrange(1, 4)):
            _change(repo, chance, number)
        commit = repo.commit(f"Change {number}")
        aside = follow(repository, line, commit, aside=True).line
        line = follow(repository, line, commit).line
        assert everything(aside) == everything(line)
    assert everything(line) == everything(from_scratch(repo))
    kept = unpack(pack(aside.whole(), "key"), "key")
    assert kept
    assert everything(Line(tables=kept)) == everything(line)
    assert_adds_up(repo, line)


def _change(repo: Repo, chance: random.Random, number: int) -> None:
    name, what = chance.choice(NAMES), chance.randrange(10)
    if what < 4:
        write(repo, name, chance.choice((*NAMES, None)), f"Label {number}")
    elif what < 7:
        write_tasks(repo, name, f"message {number}", chance.choice(("", "Alone")))
    else:
        gone = chance.choice((f"{name}.yaml", f"workflows/{name}.workflow.yaml"))
        (repo.root / FOLDER / gone).unlink(missing_ok=True)


@pytest.mark.alone
@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_written_among_actions_the_writer_knows_what_git_would_tell(repo: Repo, seed: int) -> None:
    chance = random.Random(seed)
    for name in NAMES:
        write(repo, name, chance.choice(NAMES))
        write_tasks(repo, name, "hi", "Alone")
    begun = repo.commit("Begin")
    registry = Registry.open(repo.root)
    other = Registry.open(repo.root)
    for number in range(8):
        land(registry, [_write(chance, number, begun) for _ in range(chance.randrange(1, 5))])
        other.refresh()
        expected = everything(from_scratch(repo))
        assert everything(registry.snapshot.line) == expected
        assert everything(other.snapshot.line) == expected
    assert_adds_up(repo, registry.snapshot.line)


def _write(chance: random.Random, number: int, begun: str) -> Write:
    place = Place("workflow", f"demo.{chance.choice(NAMES)}")
    what = chance.randrange(8)
    if what < 3:
        return Update(place, {"label": f"Label {number} {chance.random()}"}, ANN)
    if what < 5:
        definition = {"tasks": [{"name": f"task_{chance.randrange(1000)}", "action": "core.echo", "timeout": 5}]}
        return Update(place, {"definition": definition}, ANN)
    if what == 5:
        return Rollback(place, begun, ANN)
    return WideRollback("demo", begun, ANN) if what == 6 and number % 3 == 0 else Deletion(place, ANN)
