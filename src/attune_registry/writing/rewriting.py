"""What the files of a pack or workflow say -> what they are to say, each change made where its field stands."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from .. import errors
from ..checks.contract import Contract
from ..forms import parameters
from ..forms.attune import Attune, is_flat
from ..forms.checking import breaches
from ..forms.inexpressible import Inexpressible
from ..forms.pairs import Raw
from ..pointers import split
from ..priority import breathe
from ..yamldoc.patch import patch
from ..yamldoc.recent import parse_again
from ..yamldoc.sameness import same
from .shapes import Shape, invalid


class Rewritten(NamedTuple):
    """The text of every file of a pack or workflow, and the names of the fields that changed."""

    texts: Mapping[str, bytes]
    changed: tuple[str, ...]


def raw_of(texts: Mapping[str, bytes]) -> Raw:
    """The content of these files as it is checked."""
    first, *more = texts.values()
    return (first, more[0]) if more else first


def rewritten(
    shape: Shape, ref: str, texts: Mapping[str, bytes], body: Mapping[str, Any], contract: Contract
) -> Rewritten:
    """The files with the body's fields in them; null takes a field away.

    Raises Conflict where a file is broken, or has a layout with no place for the change, and Invalid where no layout
    has one.
    """
    parts = tuple(_data_of(path, raw) for path, raw in texts.items())
    breathe()
    if shape.kind == "workflow" and (len(parts) > 1 or is_flat(parts[0])):
        return _in_attune(shape, ref, texts, parts, body, contract)
    data = parts[0]
    changed = tuple(name for name in shape.fields if name in body and not _has(shape, data, name, body[name]))
    new = {name: value for name, value in data.items() if name not in changed or body[name] is not None}
    new.update((name, body[name]) for name in changed if body[name] is not None)
    (path, raw), *_ = texts.items()
    return Rewritten({path: patch(raw, new) if changed else raw}, changed)


def _has(shape: Shape, data: Mapping[str, Any], name: str, value: Any) -> bool:
    # Null takes a field away, whatever it is then; where a list may stand, nothing is an empty one.
    said, default = data.get(name), shape.defaults.get(name)
    is_absent = name not in data or (said is None and default == [])
    return same(value, default if is_absent and value is not None else said)


def _in_attune(
    shape: Shape,
    ref: str,
    texts: Mapping[str, bytes],
    parts: tuple[dict[str, Any], ...],
    body: Mapping[str, Any],
    contract: Contract,
) -> Rewritten:
    form = Attune(parts, ref)
    view = _in_order(form.view())
    wanted = _in_order(body)
    changed = tuple(name for name in shape.fields if name in body and not _has(shape, view, name, wanted[name]))
    if not changed:
        return Rewritten(texts, ())
    fields = {name: body[name] for name in changed}
    try:
        made = form.updated(fields)
    except Inexpressible as error:
        _refuse_breaches(ref, view, fields, contract)
        raise _no_place(next(iter(texts)), str(error)) from error
    after = {path: patch(raw, part) for (path, raw), part in zip(texts.items(), made, strict=True)}
    said = _in_order(Attune(tuple(_data_of(path, raw) for path, raw in after.items()), ref).view())
    # What was said nowhere may be told differently now; what was said, or sent, may not.
    meant = {**view, **{name: wanted[name] for name in changed}}
    lost = [name for name, value in meant.items() if name in shape.fields and not _has(shape, said, name, value)]
    if lost:
        _refuse_breaches(ref, view, fields, contract)
        raise _no_place(next(iter(texts)), f"'{lost[0]}' would not read back as it was sent")
    return Rewritten(after, changed)


def _refuse_breaches(ref: str, view: Mapping[str, Any], fields: Mapping[str, Any], contract: Contract) -> None:
    """Raise Invalid where fields that a file cannot take could stand in none, of whatever layout."""
    said = {name: value for name, value in {**view, **fields}.items() if value is not None}
    found = [
        finding for finding in breaches(said, contract) if split(finding.pointer)[:1] in ([name] for name in fields)
    ]
    if found:
        raise invalid("workflow", ref, found)


def _in_order(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: parameters.in_order(value) if name.endswith("_schema") else value for name, value in fields.items()}


def _no_place(path: str, why: str) -> errors.Conflict:
    return errors.Conflict(
        f"'{path}' has the platform's own layout, which has no place for this change: {why}; change the file itself, "
        "or what you send.",
        code="LAYOUT_CANNOT_SAY",
    )


def broken(path: str, how: str = "is broken") -> errors.Conflict:
    """The answer to a change of a file that is none to start from."""
    return errors.Conflict(
        f"'{path}' {how} as committed, see /api/v1/problems; mend it or roll it back first.", code="FILE_BROKEN"
    )


def _data_of(path: str, raw: bytes) -> dict[str, Any]:
    document = parse_again(raw)
    if not document.loadable or not isinstance(document.data, dict):
        raise broken(path)
    return document.data
