"""What is made before its turn, on what another worker is about to land, is what would have been made at its turn."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future

import pytest
from writes import Before, assert_whole, everything

from attune_registry.changes import portion
from attune_registry.errors import Conflict, Unavailable
from attune_registry.git.repository import Repository
from attune_registry.layout import Place
from attune_registry.registry import Registry
from attune_registry.snapshot import Snapshot
from attune_registry.writing.deletion import Deletion
from attune_registry.writing.draft import Draft
from attune_registry.writing.landing import land
from attune_registry.writing.making import Done
from attune_registry.writing.plans import Write
from attune_registry.writing.rollback import Rollback
from attune_registry.writing.transaction import Transaction
from attune_registry.writing.update import Update
from attune_registry.writing.writer import Writer
from authors import ANN, creation
from gitrepo import Repo
from waiting import wait_until

FIRST = Place("workflow", "demo.first")
SECOND = Place("workflow", "demo.second")


@pytest.fixture
def handed_over(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many writes of each draft were made use of."""
    counts: list[int] = []
    genuine = Draft.handed_to

    def counting(draft: Draft, transaction: Transaction, snapshot: Snapshot, writes: Sequence[Write]) -> list[Done]:
        found = genuine(draft, transaction, snapshot, writes)
        counts.append(len(found))
        return found

    monkeypatch.setattr(Draft, "handed_to", counting)
    return counts


class Next:
    """The worker whose turn is next."""

    def __init__(self, repo: Repo) -> None:
        self.registry = Registry.open(repo.root)
        self.writer = Writer(self.registry)
        self.writer.start()
        self.answers: list[Future[Done]] = []

    def prepare(self, writes: list[Write], drafted: int) -> None:
        """Wait for the turn with these writes, until so many of them are drafted."""
        self.answers = [self.writer.submit(write) for write in writes]
        wait_until(lambda: self.writer._draft is not None and len(self.writer._draft) == drafted)

    def commits(self) -> list[str | None]:
        return [answer.result(timeout=30).commit for answer in self.answers]


@pytest.fixture
def next_one(repo: Repo) -> Iterator[Next]:
    worker = Next(repo)
    yield worker
    worker.writer.stop()


def test_shared_tasks_are_told_of_all_their_workflows_by_who_has_drafted_the_write(
    repo: Repo, next_one: Next, before_landing: Before, handed_over: list[int]
) -> None:
    for name in ("blue", "green"):
        repo.write(f"packs/demo/actions/{name}.yaml", f"label: {name}\nworkflow_file: workflows/deploy.workflow.yaml\n")
    path = "packs/demo/actions/workflows/deploy.workflow.yaml"
    repo.write(path, "tasks:\n  - {name: one, action: core.echo, timeout: 5}\n")
    repo.commit()
    writer = Registry.open(repo.root)
    tasks = [{"tasks": [{"name": name, "action": "core.echo", "timeout": 5}]} for name in ("two", "three")]
    blue, green = Place("workflow", "demo.blue"), Place("workflow", "demo.green")
    before_landing(lambda: next_one.prepare([Update(blue, {"definition": tasks[1]}, ANN), Deletion(blue, ANN)], 2))
    land(writer, [Update(green, {"definition": tasks[0]}, ANN)])
    assert all(next_one.commits())
    assert handed_over == [2]
    writer.refresh()
    scratch = Registry.open(repo.root).snapshot.line
    for line in (scratch, next_one.registry.snapshot.line, writer.snapshot.line):
        assert [(at.place.ref, at.change) for at in portion(line, line.row_count() - 5, 5).events] == [
            *(("demo.blue", "updated"), ("demo.green", "updated")) * 2,
            ("demo.blue", "deleted"),
        ]


def test_writes_are_made_on_what_is_about_to_land(
    repo: Repo, next_one: Next, before_landing: Before, handed_over: list[int]
) -> None:
    writer = Registry.open(repo.root)
    writes = [creation("demo.new"), Update(FIRST, {"label": "Next"}, ANN), Deletion(Place("workflow", "demo.a"), ANN)]
    before_landing(lambda: next_one.prepare(writes, len(writes)))
    land(writer, [creation("demo.a"), Update(FIRST, {"label": "Before"}, ANN)])
    commits = next_one.commits()
    assert handed_over == [3]
    assert repo.git("log", "--format=%s", "-5", "--reverse").splitlines() == [
        *("Create demo.a 1.0.0", "Update demo.first 1.0.0"),
        *("Create demo.new 1.0.0", "Update demo.first 1.0.0", "Delete demo.a"),
    ]
    assert repo.git("rev-list", "-3", "HEAD").split() == commits[::-1]
    assert "\nlabel: Next\n" in repo.git("show", "HEAD:packs/demo/workflows/first.yaml")
    writer.refresh()
    assert everything(next_one.registry) == everything(writer) == everything(Registry.open(repo.root))
    assert_whole(repo)


def test_what_was_made_on_what_never_came_is_made_again(
    repo: Repo, next_one: Next, before_landing: Before, handed_over: list[int]
) -> None:
    before = repo.head()

    def fail() -> None:
        next_one.prepare([creation("demo.new"), creation("demo.a")], 1)
        raise Unavailable("The disk is full.")

    before_landing(fail)
    with pytest.raises(Unavailable):
        land(Registry.open(repo.root), [creation("demo.a")])
    assert len(next_one.commits()) == 2
    assert handed_over == [0]
    assert repo.git("rev-parse", "HEAD~2").strip() == before
    assert everything(next_one.registry) == everything(Registry.open(repo.root))
    assert_whole(repo)


def test_a_person_who_comes_in_between_is_respected(
    repo: Repo, next_one: Next, before_landing: Before, handed_over: list[int]
) -> None:
    def edit() -> None:
        next_one.prepare([creation("demo.new"), Update(SECOND, {"label": "Next"}, ANN)], 2)
        repo.workflow("demo.second", label="By hand")

    before_landing(edit)
    land(Registry.open(repo.root), [creation("demo.a")])
    created, updated = next_one.answers
    assert created.result(timeout=30).commit == repo.head()
    with pytest.raises(Conflict) as refused:
        updated.result(timeout=30)
    assert refused.value.code == "UNCOMMITTED_EDITS"
    assert handed_over == [0]
    assert repo.status() == " M packs/demo/workflows/second.yaml\n"


def test_a_commit_that_comes_in_between_is_built_upon(
    repo: Repo, next_one: Next, before_landing: Before, handed_over: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = Transaction.begin

    def begin_late(repository: Repository) -> Transaction:
        monkeypatch.setattr(Transaction, "begin", genuine)
        repo.workflow("demo.second", label="By hand")
        repo.git("commit", "-qam", "By hand")
        return genuine(repository)

    def prepare() -> None:
        next_one.prepare([creation("demo.new"), Update(SECOND, {"description": "Next"}, ANN)], 2)
        monkeypatch.setattr(Transaction, "begin", begin_late)

    before_landing(prepare)
    land(Registry.open(repo.root), [creation("demo.a")])
    assert len(next_one.commits()) == 2
    assert handed_over == [0]
    assert repo.git("log", "--format=%s", "-4").splitlines()[2:] == ["By hand", "Create demo.a 1.0.0"]
    text = (repo.root / "packs/demo/workflows/second.yaml").read_text()
    assert "label: By hand" in text
    assert "description: Next" in text
    assert_whole(repo)


def test_what_is_refused_or_asks_git_is_left_for_its_turn(
    repo: Repo, next_one: Next, before_landing: Before, handed_over: list[int]
) -> None:
    begun = repo.head()
    repo.workflow("demo.first", label="Changed")
    repo.commit()
    rollback = Rollback(FIRST, begun, ANN)
    writes = [creation("demo.new"), creation("demo.a"), rollback, creation("demo.newer")]
    before_landing(lambda: next_one.prepare(writes, 1))
    land(Registry.open(repo.root), [creation("demo.a")])
    new, again, back, newer = next_one.answers
    with pytest.raises(Conflict) as refused:
        again.result(timeout=30)
    assert refused.value.code == "WORKFLOW_EXISTS"
    assert handed_over == [1]
    done = [answer.result(timeout=30).commit for answer in (new, back, newer)]
    assert repo.git("rev-list", "-3", "HEAD").split() == done[::-1]
    assert_whole(repo)
