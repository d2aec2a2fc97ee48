"""A workflow in two files, an action's and the one with its tasks, as one content with one id."""

import re
from typing import NamedTuple

from attune_registry.yamldoc.recent import parse_again

# What somebody who is at work on it has left of an action's file is no YAML, but still one with tasks.
_NAMED = re.compile(
    rb"""^([ \t]*+)(\{?)[ \t]*+["']?workflow_file["']?[ \t]*+:[ \t]*+["']?([^"'\s#,{}\[\]]+)""", re.MULTILINE
)
_FIRST_KEY = re.compile(rb"""^(?![ \t]*+(?:\#|---|%|$))([ \t]*+)(\{?)""", re.MULTILINE)
_NOTHING = (b"null", b"~")
_GRAPH = re.compile(r"workflows/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.workflow\.ya?ml\Z")
# What an action says of its workflow, and the file with the tasks need not.
_HEAD = re.compile(
    rb"""^["']?(?:ref|label|description|tags|enabled|parameters|output|output_schema)["']?[ \t]*:""", re.MULTILINE
)
_TASKS = re.compile(rb"""^["']?tasks["']?[ \t]*:""", re.MULTILINE)
_JOINT = "+"
# What stands for the blob of tasks where there is none: the id of no content.
NO_TASKS = "f" * 40


class Pair(NamedTuple):
    """The bytes of an action's file, and of the file that it names (None: there is none)."""

    action: bytes
    graph: bytes | None


Raw = bytes | tuple[bytes, bytes | None]


def joined(action: str, graph: str | None) -> str:
    """The id of a content in two blobs."""
    return f"{action}{_JOINT}{graph or ''}"


def is_joined(blob: str) -> bool:
    """True for the id of a content in two blobs."""
    return _JOINT in blob


def parted(blob: str) -> tuple[str, str]:
    """The two blobs of a joined id; the second is empty where there is no such file."""
    action, _, graph = blob.partition(_JOINT)
    return action, graph


def names_workflow(raw: bytes | None) -> bool:
    """True for the file of an action that is a workflow; any other action is none of the registry's business."""
    return raw is not None and _said(raw) is not None


def named_graph(raw: bytes) -> str | None:
    """What an action's file names as its workflow_file, if it is a place where one can be."""
    said = _said(raw) or ""
    return said if _GRAPH.match(said) else None


def is_whole(raw: bytes) -> bool:
    """True for a file of tasks that is a workflow where no action names it: one that says what an action would say.

    And for one that says nothing clear: what has become of a workflow that somebody broke is no mere list of tasks.
    """
    return _HEAD.search(raw) is not None or _TASKS.search(raw) is None


def _said(raw: bytes) -> str | None:
    """What the key workflow_file says, "" for what is no text; None where it is not there, or has nothing in it."""
    if b"workflow_file" not in raw:
        return None
    document = parse_again(raw)
    if not document.loadable:
        return _named_by_a_line(raw)
    said = document.data.get("workflow_file") if isinstance(document.data, dict) else None
    return said if said is None or isinstance(said, str) else ""


def _named_by_a_line(raw: bytes) -> str | None:
    """What the key says as far as it can be told from its line, which has to stand as far in as the first key."""
    first = _FIRST_KEY.search(raw)
    for found in _NAMED.finditer(raw):
        indent, brace, said = found.groups()
        is_own = first is not None and (bool(first[2] or brace) or indent == first[1])
        if is_own and said.lower() not in _NOTHING:
            return said.decode(errors="replace")
    return None
