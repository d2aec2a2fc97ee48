"""A registry in a dictionary: replays the commits of the line and says whether they explain an answer."""

import bisect
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import yaml

from .asked import Asked
from .clone import Clone, Commit, path_of


class Version(NamedTuple):
    """A workflow as some commit has it."""

    blob: str
    label: str
    description: str


State = Mapping[str, Version]


class Replay:
    """The states of the line: number 0 is before all, number n is after the n-th commit."""

    def __init__(self, clone: Clone, before: str, refs: Iterable[str]) -> None:
        self.commits = clone.line(before)
        self._number = {commit.id: number for number, commit in enumerate([before_all(before), *self.commits])}
        self._by_request = {commit.request: number for number, commit in enumerate(self.commits, 1)}
        self._refs = {path_of(ref): ref for ref in refs}
        start = {path: blob for path, blob in clone.tree(before).items() if path in self._refs}
        blobs = [*start.values(), *(blob for commit in self.commits for blob in commit.paths.values() if blob)]
        self._texts = {blob: _version(blob, raw) for blob, raw in clone.contents(blobs).items()}
        self.states: list[State] = [{self._refs[path]: self._texts[blob] for path, blob in start.items()}]
        for commit in self.commits:
            self.states.append(self._after(self.states[-1], commit))

    def number(self, revision: str) -> int | None:
        """Which state a revision is."""
        return self._number.get(revision)

    def commit_of(self, request: str) -> int | None:
        """The number of the commit that a request has made."""
        return self._by_request.get(request)

    def _after(self, state: State, commit: Commit) -> State:
        after = dict(state)
        for path, blob in commit.paths.items():
            ref = self._refs.get(path, path)
            if blob is None:
                after.pop(ref, None)
            else:
                after[ref] = self._texts[blob]
        return after


class Windows:
    """Between which states an answer has come about, by what clients had already been told."""

    def __init__(self, replay: Replay, ledger: Sequence[Asked]) -> None:
        made = [(asked, replay.commit_of(asked.request)) for asked in ledger]
        acked = sorted((asked.got, number) for asked, number in made if number is not None and asked.is_success)
        self._acked_at = [got for got, _ in acked]
        self._newest = list(accumulate((number for _, number in acked), max))
        begun = sorted(((asked.sent, number) for asked, number in made if number is not None), reverse=True)
        self._begun_at = [-sent for sent, _ in begun]
        self._oldest = list(accumulate((number for _, number in begun), min))
        self._last = len(replay.commits)

    def of(self, asked: Asked) -> range:
        """The numbers of the states that it may have been judged by."""
        acked = bisect.bisect_right(self._acked_at, asked.sent)
        later = bisect.bisect_left(self._begun_at, -asked.got)
        first = self._newest[acked - 1] if acked else 0
        last = self._oldest[later - 1] - 1 if later else self._last
        return range(first, last + 1)


def before_all(commit: str) -> Commit:
    """The commit that the proof started at."""
    return Commit(commit, "", "", {})


def verdict_on(asked: Asked, state: State) -> int:
    """The status that a write gets in this state (200 for all that succeeds)."""
    there = state.get(asked.ref)
    if asked.method == "POST":
        return 409 if there else 200
    if there is None:
        return 404
    return 412 if asked.match and asked.match != there.blob else 200


def changes(asked: Asked, state: State) -> bool:
    """True when the write, made in this state, has something to commit."""
    if asked.method != "PUT":
        return True
    there = state[asked.ref]
    return any(getattr(there, name) != value for name, value in (asked.body or {}).items())


def _version(blob: str, raw: bytes) -> Version:
    said = yaml.safe_load(raw)
    return Version(blob, said["label"], said.get("description", ""))
