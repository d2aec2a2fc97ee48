"""The first-parent line: grown in steps, cut, forked, kept on disk; always what a walk from scratch would give."""

import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from recordings import Recorded

from attune_registry import line as line_module
from attune_registry.git.first_parents import Walked
from attune_registry.git.repository import Repository
from attune_registry.line import Line, follow
from attune_registry.line_cache import FILE_NAME, LineCache
from attune_registry.line_file import pack, unpack
from attune_registry.line_tables import Touches
from attune_registry.registry import Registry
from gitrepo import Repo


def described(line: Line) -> dict[str, Any]:
    """Everything that a line can be asked."""
    paths = sorted(line.paths_since(0))
    packs = {path.split("/")[1] for path in paths if path.startswith("packs/")}
    return {
        "tip": line.tip,
        "commits": list(line.steps(0, line.length)),
        "places": [line.position(commit) for commit, _ in line.steps(0, line.length)],
        "paths": [line.paths_at(at) for at in range(line.length)],
        "touches": {path: line.touches(path) for path in paths},
        "positions": {path: line.positions(path) for path in paths},
        "ends": {path: line.ends(path) for path in paths},
        "born": {path: [line.born(path, at) for at in range(line.length + 1)] for path in paths[:4]},
        "before": {path: [line.touch_before(path, at) for at in range(line.length + 1)] for path in paths[:4]},
        "rows": [line.row(number) for number in range(line.row_count())],
        "before rows": [line.rows_before(at) for at in range(line.length + 1)],
        "packs": {ref: [line.row(at, ref) for at in range(line.row_count(ref))] for ref in sorted(packs)},
    }


@pytest.fixture(scope="module")
def repository(recorded: Recorded) -> Repository:
    return Repository.open(recorded.repo.root)


def test_a_line_that_jumps_about_is_one_from_scratch_wherever_it_is(recorded: Recorded, repository: Repository) -> None:
    everything = recorded.repo.git("rev-list", "HEAD").split()
    chance = random.Random(9)
    at = Line()
    asides: list[tuple[Line, str]] = []
    for commit in chance.sample(everything, 40):
        if chance.random() < 0.4:
            asides.append((follow(repository, at, commit, aside=True).line, commit))
        else:
            at = follow(repository, at, commit).line
            assert described(at) == described(follow(repository, Line(), commit).line)
    for aside, commit in asides:
        assert described(aside) == described(follow(repository, Line(), commit).line)


def test_a_line_that_was_kept_is_the_line(repository: Repository, recorded: Recorded) -> None:
    whole = follow(repository, Line(), recorded.commits[-1]).line
    for line in (whole, whole.cut(120), Line(), follow(repository, whole, recorded.commits[-1] + "").line):
        tables = unpack(pack(line.whole(), "key"), "key")
        assert tables is not None
        assert described(Line(tables=tables)) == described(line)


def test_a_kept_line_grows_like_any_other(repository: Repository, recorded: Recorded) -> None:
    tables = unpack(pack(follow(repository, Line(), recorded.commits[200]).line.whole(), ""), "")
    assert tables is not None
    kept = Line(tables=tables)
    aside = follow(repository, kept, recorded.commits[250], aside=True).line
    grown = follow(repository, kept, recorded.commits[-1]).line
    assert described(grown) == described(follow(repository, Line(), recorded.commits[-1]).line)
    assert described(aside) == described(follow(repository, Line(), recorded.commits[250]).line)
    assert described(kept) == described(follow(repository, Line(), recorded.commits[200]).line)


def test_a_path_is_as_old_as_what_is_there_since_it_was_deleted_last(
    repository: Repository, recorded: Recorded
) -> None:
    line = follow(repository, Line(), recorded.commits[-1]).line
    tables = unpack(pack(line.cut(200).whole(), ""), "")
    assert tables is not None
    # Some of it kept, some added since, some on a line that has left another.
    grown = follow(repository, Line(tables=tables), recorded.commits[-1]).line
    aside = follow(repository, line.cut(line.length // 2), recorded.commits[-1], aside=True).line
    paths = {path for at in range(line.length) for path in line.paths_at(at)}
    deleted = {path for path in paths if any(touch.blob is None for touch in line.touches(path)[:-1])}
    assert len(deleted) > 5
    for path in paths:
        first = None
        touches = dict(zip(line.positions(path), line.touches(path), strict=True))
        for at in range(line.length):
            if at in touches:
                first = None if touches[at].blob is None else at if first is None else first
            assert line.born(path, at + 1) == grown.born(path, at + 1) == aside.born(path, at + 1) == first


def test_deletions_are_found_among_ids_with_zeros() -> None:
    touches = Touches()
    for position, blob in enumerate(("00" * 19 + "01", "01" + "00" * 19, None, "00" * 10 + "01" * 10, "ff" * 20)):
        touches.append(0, position << 8, blob)
    lives = [touches.life(0, (at << 8) + 1) for at in range(5)]
    assert [life and life.first for life in lives] == [0, 0, None, 3 << 8, 3 << 8]


def test_no_damage_to_the_file_is_taken_for_a_line(repository: Repository, recorded: Recorded) -> None:
    raw = pack(follow(repository, Line(), recorded.commits[60]).line.whole(), "key")
    chance = random.Random(10)
    assert unpack(raw, "other key") is None
    assert unpack(raw.replace(b"attune-registry line", b"attune-registry lime"), "key") is None
    for length in (0, 1, len(raw) // 2, len(raw) - 1):
        assert unpack(raw[:length], "key") is None
    for _ in range(200):
        at = chance.randrange(len(raw))
        damaged = raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :]
        assert unpack(damaged, "key") is None


def test_a_restart_walks_only_the_commits_that_came_since(
    recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.repo.git("clone", "-q", str(recorded.repo.root), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    Registry.open(clone.root)
    clone.workflow("alpha.newer")
    newer = clone.commit("Newer")
    walked: list[str] = []
    changes_of: Callable[..., Any] = line_module.changes_of

    def counting(repository: Repository, commits: Sequence[Walked]) -> Any:
        walked.extend(commit.commit for commit in commits)
        return changes_of(repository, commits)

    monkeypatch.setattr(line_module, "changes_of", counting)
    again = Registry.open(clone.root)
    assert walked == [newer]
    assert described(again.snapshot.line) == described(follow(again.repository, Line(), newer).line)


def test_a_kept_line_of_a_history_that_was_rewritten_does_no_harm(recorded: Recorded, tmp_path: Path) -> None:
    recorded.repo.git("clone", "-q", "--no-local", str(recorded.repo.root), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    Registry.open(clone.root)
    clone.git("reset", "-q", "--hard", recorded.commits[100])
    clone.workflow("beta.otherwise")
    tip = clone.commit("Otherwise")
    registry = Registry.open(clone.root)
    assert described(registry.snapshot.line) == described(follow(registry.repository, Line(), tip).line)


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"{}\n", b"[1]\nabc"])
def test_a_broken_file_costs_a_walk_and_no_more(recorded: Recorded, tmp_path: Path, damage: bytes) -> None:
    recorded.repo.git("clone", "-q", str(recorded.repo.root), str(tmp_path / "clone"))
    registry = Registry.open(tmp_path / "clone")
    file = registry.repository.state_folder / FILE_NAME
    whole = file.read_bytes()
    file.write_bytes(damage)
    again = Registry.open(tmp_path / "clone")
    assert described(again.snapshot.line) == described(registry.snapshot.line)
    assert unpack(file.read_bytes(), "") is not None
    assert len(file.read_bytes()) == len(whole)


def test_a_folder_that_cannot_be_written_costs_a_walk_and_no_more(
    recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    recorded.repo.git("clone", "-q", str(recorded.repo.root), str(tmp_path / "clone"))
    monkeypatch.setattr("attune_registry.state_file.os.replace", refuse)
    registry = Registry.open(tmp_path / "clone")
    assert described(registry.snapshot.line) == described(
        follow(registry.repository, Line(), recorded.commits[-1]).line
    )
    assert [file.name for file in registry.repository.state_folder.glob(f"{FILE_NAME}*")] == []


def test_two_workers_that_keep_it_at_once_leave_a_whole_one(recorded: Recorded, tmp_path: Path) -> None:
    recorded.repo.git("clone", "-q", str(recorded.repo.root), str(tmp_path / "clone"))
    repository = Repository.open(tmp_path / "clone")
    lines = [follow(repository, Line(), commit).line for commit in recorded.commits[150::30]]
    threads = [threading.Thread(target=LineCache(repository).keep, args=(line, 0)) for line in lines for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert LineCache(repository).load().length in {0, *(line.length for line in lines)}
    assert LineCache(repository).load().tip in {line.tip for line in lines}
    assert [file.name for file in repository.state_folder.iterdir() if file.name.startswith(f"{FILE_NAME}.")] == []


def test_readers_of_an_older_state_see_nothing_of_what_is_added(repository: Repository, recorded: Recorded) -> None:
    tables = unpack(pack(follow(repository, Line(), recorded.commits[100]).line.whole(), ""), "")
    assert tables is not None
    older = Line(tables=tables)
    before = described(Line(tables=unpack(pack(tables, ""), "")))
    seen: list[bool] = []
    reading = threading.Event()

    def read() -> None:
        reading.set()
        for _ in range(5):
            seen.append(described(older) == before)

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait()
    line = older
    for commit in recorded.commits[101:]:
        line = follow(repository, line, commit).line
    reader.join()
    assert seen == [True] * 5
    assert described(line) == described(follow(repository, Line(), recorded.commits[-1]).line)
