"""What one file says, checked and ready to serve: made of its bytes and ref alone, so it can be kept."""

import marshal
from typing import Any, NamedTuple

import orjson

from .checks.engine import CheckedFile, Contract, check_pack
from .checks.references import Called
from .forms.checking import check_workflow_file
from .forms.pairs import Raw
from .layout import Place
from .priority import breathe
from .problems import Problem, has_errors
from .yamldoc.recent import parse_again

# Raise it when Record, Problem or Called change their shape, or files were misread (5: on early releases of 3.11) or
# misjudged (6: `tasks.items()` was a task that is not there, and its file not served; 8: `workflow_file: >-` named no
# file), or are kept otherwise (7: with a sum): what other versions packed is then left alone.
RECORD_SHAPE = 8
_DETAIL_FIELDS = {
    "workflow": ("label", "description", "version", "param_schema", "out_schema", "definition", "tags", "enabled"),
    "pack": ("label", "description", "version", "tags", "dependencies"),
}
_SUMMARY_FIELDS = {
    "workflow": ("label", "description", "version", "tags", "enabled"),
    "pack": ("label", "description", "version", "tags"),
}


class Record(NamedTuple):
    """One file's content. `detail` and `summary` are the JSON members the contract names, without braces.

    `folded` is the text that a search looks through, `waived` what comments wave off of the rules between workflows.
    A record with errors has problems and nothing to serve.
    """

    problems: tuple[Problem, ...]
    is_valid: bool
    label: str = ""
    version: str = ""
    tags: tuple[str, ...] = ()
    enabled: bool = True
    folded: bytes = b""
    summary: bytes = b""
    detail: bytes = b""
    waived: tuple[tuple[int, str], ...] = ()
    calls: tuple[Called, ...] = ()

    @property
    def is_passing(self) -> bool:
        """True when it says something of this clone as it is now, and not of the file."""
        return any(problem.rule == "file-missing" for problem in self.problems)


def make_record(raw: Raw, place: Place, contract: Contract) -> Record:
    """Parse and check a file, or the two of a workflow that is in two. Never raises: what is wrong is a problem."""
    breathe()
    if place.kind == "workflow" or isinstance(raw, tuple):
        checked = check_workflow_file(raw, place.ref, contract)
    else:
        checked = check_pack(parse_again(raw), place.ref, contract)
    if checked.data is None or has_errors(checked.problems):
        return Record(checked.problems, is_valid=False)
    return _serveable(checked, checked.data, place)


def pack_record(record: Record) -> bytes:
    """A record as bytes, for a cache or another process."""
    problems, calls = list(map(tuple, record.problems)), list(map(tuple, record.calls))
    return marshal.dumps((problems, *record[1:-1], calls))


def unpack_record(packed: bytes) -> Record:
    """The record in these bytes. Raises EOFError, TypeError or ValueError where there is none."""
    # marshal, not pickle: it can build nothing but plain values, whatever is in the file.
    fields = list(marshal.loads(packed))
    fields[0] = tuple(map(Problem._make, fields[0]))
    fields[-1] = tuple(map(Called._make, fields[-1]))
    return Record(*fields)


def fold(text: str) -> bytes:
    """Text as it is compared in a search: case ignored, in any script."""
    return text.casefold().encode()


def members(data: dict[str, Any], names: tuple[str, ...]) -> bytes:
    """These members of an object as JSON, without the braces; null where one is absent."""
    return orjson.dumps({name: data.get(name) for name in names})[1:-1]


def _serveable(checked: CheckedFile, data: dict[str, Any], place: Place) -> Record:
    label, description = data["label"], data.get("description") or ""
    return Record(
        problems=checked.problems,
        is_valid=True,
        label=label,
        version=data["version"],
        tags=tuple(data["tags"]),
        enabled=data.get("enabled", True),
        folded=fold(label) + b"\0" + fold(description),
        summary=members(data, _SUMMARY_FIELDS[place.kind]),
        detail=members(data, _DETAIL_FIELDS[place.kind]),
        waived=checked.waived,
        calls=tuple(map(Called._make, checked.calls)),
    )
