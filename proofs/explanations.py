"""Whether every answer has an explanation in the line of commits."""

from collections import Counter
from collections.abc import Sequence

from .asked import Asked
from .clone import path_of
from .model import Replay, Windows, changes, verdict_on
from .verdict import Verdict

_CODES = {404: "WORKFLOW_NOT_FOUND", 409: "WORKFLOW_EXISTS", 412: "PRECONDITION_FAILED"}


def explain(replay: Replay, ledger: Sequence[Asked], verdict: Verdict) -> None:
    """Judges each answer by the state before its commit, or by some state between its request and its answer."""
    windows = Windows(replay, ledger)
    for asked in ledger:
        loss = _unexplained(asked, replay, windows.of(asked))
        if loss:
            verdict.lost(f"{loss}: {asked}")
    _count(replay, ledger, verdict)


def _count(replay: Replay, ledger: Sequence[Asked], verdict: Verdict) -> None:
    """As many commits as writes that changed something, each for one of them, of one file."""
    made = Counter(commit.request for commit in replay.commits)
    changed = Counter(asked.request for asked in ledger if _has_changed(asked, replay))
    verdict.tally["commits"] += len(replay.commits)
    verdict.tally["2xx answers that changed something"] += changed.total()
    verdict.expect(made == changed, f"commits and changes differ: {made - changed} {changed - made}")
    refs = {asked.request: asked.ref for asked in ledger}
    for commit in replay.commits:
        wanted = [path_of(refs.get(commit.request, "?.?"))]
        verdict.expect(list(commit.paths) == wanted, f"a commit of other files than {wanted}: {commit}")


def _has_changed(asked: Asked, replay: Replay) -> bool:
    """By the answer alone: it speaks of success, and its revision's content was not there before."""
    if asked.method == "GET" or not asked.is_success:
        return False
    if asked.method != "PUT":
        return True
    number = replay.number(asked.answer.revision)
    return bool(number and replay.commits[number - 1].request == asked.request)


def _unexplained(asked: Asked, replay: Replay, window: range) -> str:
    at = replay.number(asked.answer.revision)
    if at is None:
        return "X-Registry-Revision is no commit of the line"
    if asked.method == "GET":
        return _wrong_read(asked, replay, window, at)
    number = replay.commit_of(asked.request)
    if number is not None:
        return _wrong_commit(asked, replay, window, number, at)
    if asked.is_success:
        return _wrong_silence(asked, replay, window)
    verdicts = {verdict_on(asked, replay.states[number]) for number in window}
    is_right = asked.answer.status in verdicts and asked.answer.code == _CODES[asked.answer.status]
    return "" if is_right else f"a refusal that no state in {window} explains"


def _wrong_read(asked: Asked, replay: Replay, window: range, at: int) -> str:
    if at not in window:
        return f"a read of state {at}, older or newer than {window}"
    there = replay.states[at].get(asked.ref)
    if there is None:
        return "" if asked.answer.status == 404 else "read, but not there"
    return "" if asked.answer.etag == there.blob else f"read another version than {there}"


def _wrong_commit(asked: Asked, replay: Replay, window: range, number: int, at: int) -> str:
    before, after = replay.states[number - 1], replay.states[number].get(asked.ref)
    if not asked.is_success:
        return f"refused, and committed as number {number}"
    if verdict_on(asked, before) != 200:
        return f"done, where {verdict_on(asked, before)} is right (state {number - 1})"
    if number not in window or at != number:
        return f"commit {number} is not in {window}, or the answer speaks of {at}"
    if asked.method == "DELETE":
        return "" if after is None else "deleted, and still there"
    if after is None or asked.answer.etag != after.blob:
        return f"the answer's ETag is not that of {after}"
    wrong = [
        name
        for name in ("label", "description")
        if (asked.body or {}).get(name, getattr(after, name)) != getattr(after, name)
    ]
    return f"the commit has another {wrong[0]}: {after}" if wrong else ""


def _wrong_silence(asked: Asked, replay: Replay, window: range) -> str:
    """Success without a commit: right where it changed nothing, in some state that it may have been judged by."""
    fitting = (replay.states[number] for number in window)
    is_right = any(verdict_on(asked, state) == 200 and not changes(asked, state) for state in fitting)
    return "" if is_right else "success, but no commit"
