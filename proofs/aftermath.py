"""After a crash: whether all that was acknowledged is there, and nothing else is."""

from collections.abc import Collection, Sequence
from contextlib import closing
from typing import NamedTuple

import yaml

from . import person
from .client import Client
from .clone import Clone, Commit, is_index_kept, path_of
from .server import Server
from .verdict import Verdict
from .writers import WORKFLOWS, Ack


class Round(NamedTuple):
    """What is known of a round: HEAD before it, what was acknowledged, what never got an answer, a person's work.

    After a loss of power the index may have been torn: somebody may have staged something in it, so it is kept.
    """

    number: int
    clone: Clone
    server: Server
    before: str
    acks: Sequence[Ack]
    unanswered: Collection[str]
    desk: person.Desk | None
    may_have_torn_index: bool = False


def examine(this: Round, verdict: Verdict) -> None:
    """Every promise, after the restart; each broken one is a loss."""
    found = [f"round {this.number}: {loss}" for check in _CHECKS for loss in check(this)]
    for loss in found:
        verdict.lost(loss)


def _line(this: Round) -> list[str]:
    commits = this.clone.line(this.before)
    known = {commit.id: commit for commit in commits}
    losses = [] if this.clone.is_ancestor(this.before) else ["HEAD before the round is not in HEAD's history"]
    for ack in this.acks:
        commit = known.get(ack.revision)
        if commit is None:
            losses.append(f"acknowledged, but not in HEAD's line: {ack}")
        elif commit.request != ack.request:
            losses.append(f"acknowledged as the commit of another request: {ack}, {commit}")
    asked = {ack.request for ack in this.acks} | set(this.unanswered)
    return losses + [loss for commit in commits for loss in _odd_commit(commit, asked)]


def _odd_commit(commit: Commit, asked: Collection[str]) -> list[str]:
    losses = []
    if len(commit.paths) != 1:
        losses.append(f"a commit of {len(commit.paths)} files: {commit}")
    if commit.request not in asked:
        losses.append(f"a commit that nobody asked for, or that was refused: {commit}")
    return losses


def _content(this: Round) -> list[str]:
    """HEAD holds the last version of each file in the line, whole; the label says whose it is."""
    tree = this.clone.tree()
    texts = this.clone.contents(tree.values())
    labels: dict[str, str] = {}
    losses = []
    for path, blob in tree.items():
        try:
            if path.endswith(".yaml"):
                labels[path] = yaml.safe_load(texts[blob])["label"]
        except (yaml.YAMLError, TypeError, KeyError) as error:
            losses.append(f"{path} of HEAD does not parse: {error}")
    last = {path: (commit, blob) for commit in this.clone.line(this.before) for path, blob in commit.paths.items()}
    for path, (commit, wanted) in last.items():
        if tree.get(path) != wanted:
            losses.append(f"HEAD has {tree.get(path)} for {path}, its last commit {wanted}")
        elif wanted is not None and labels.get(path) != commit.request:
            losses.append(f"{path} says {labels.get(path)}, and was last written by {commit.request}")
    return losses


def _serving(this: Round) -> list[str]:
    edited = {path_of(ref) for ref in person.REFS} if this.desk else set()
    tree = {path: blob for path, blob in this.clone.tree().items() if "/workflows/" in path and path not in edited}
    with closing(this.server.client()) as client:
        served = {path_of(ref): client.ask("GET", f"{WORKFLOWS}/{ref}").etag for ref in _listed(client)}
        problems = client.ask("GET", "/api/v1/problems").json()
    served = {path: blob for path, blob in served.items() if path not in edited}
    losses = [] if served == tree else [f"served {served}, committed {tree}"]
    return losses + ([f"problems: {problems}"] if problems["data"] else [])


def _listed(client: Client) -> list[str]:
    page = client.ask("GET", f"{WORKFLOWS}?per_page=100").json()
    return [item["ref"] for item in page["data"]]


def _cleanliness(this: Round) -> list[str]:
    clone = this.clone
    losses = [f"git fsck: {damage}"] if (damage := clone.damage()) else []
    left = (path for path in clone.leftovers() if not (this.may_have_torn_index and is_index_kept(path)))
    losses += [f"left behind: {path}" for path in left]
    if this.desk is None:
        return losses + ([f"git status: {status}"] if (status := clone.status()) else [])
    now = person.look(clone)
    return losses + ([] if now == this.desk else [f"a person's work was {this.desk}, is {now}"])


def _log(this: Round) -> list[str]:
    return [f"in the log: {line}" for line in this.server.mishaps()]


_CHECKS = (_line, _content, _serving, _cleanliness, _log)
