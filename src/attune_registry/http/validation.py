"""Checks over HTTP, of what is sent and of what a pack has: they answer with problems and never write."""

from collections.abc import Iterable, Iterator
from typing import Any

import falcon
from falcon.asgi import Request, Response

from ..checks.rules import REFERENCE_RULES
from ..entries import problem_json
from ..layout import PACKS, Place, any_place_of, is_workflow_ref, pack_of, workflow_path
from ..problems import Problem, each_once
from ..rehearsal import Rehearsal, rehearse
from ..snapshot import Snapshot
from ..writing.creation import new_text, not_said, wrong_names
from ..writing.plans import Desk, not_found
from ..writing.shapes import WORKFLOW
from ..yamldoc.document import parse
from ..yamldoc.sameness import same
from . import answers
from .bodies import media_type, parse_object, read_bytes
from .door import Door
from .parameters import Given

YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
_MEDIA = (falcon.MEDIA_JSON, *YAML)
_Problems = list[dict[str, Any]]
# What refusals of a write call otherwise than the table of rules does.
_RULES = {"required": "schema-required", "ref": "ref-path-mismatch"}


class Validation:
    """`/api/v1/workflows/validate`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def on_post(self, req: Request, resp: Response) -> None:
        """What is wrong with a workflow: a body as for creating it, or the text of its file."""
        snapshot = await self._door.admit(req, resp)
        with Given(req, ("ref", "at")) as given:
            ref = _ref(given)
        raw = await read_bytes(req, _MEDIA)
        check = _check_body if media_type(req) == falcon.MEDIA_JSON else _check_text
        data = await self._door.aside(check, self._door, snapshot, ref, raw)
        _send(req, resp, {"data": data})


class PackValidation:
    """`/api/v1/packs/{ref}/workflows/validate`, as the Attune platform has it."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def on_post(self, req: Request, resp: Response, ref: str) -> None:
        """What is wrong with the workflows of a pack as they are now."""
        snapshot = await self._door.admit(req, resp)
        Given(req, ("at",)).refuse()
        data = await self._door.aside(_check_pack, snapshot, ref)
        _send(req, resp, {"data": data, "message": "Pack workflows validated successfully"})


def _send(req: Request, resp: Response, answer: dict[str, Any]) -> None:
    answers.refuse_other_media(req)
    resp.content_type = falcon.MEDIA_JSON
    resp.data = answers.as_json(answer)


def _ref(given: Given) -> str | None:
    ref = given.one("ref")
    if ref is not None and not is_workflow_ref(ref):
        given.wrong("ref", ref, "a workflow's ref, <pack>.<name>")
    return ref


def _check_text(door: Door, snapshot: Snapshot, ref: str | None, raw: bytes) -> dict[str, Any]:
    """The text of a file; without `?ref=` it is the workflow whose ref it has in it, or one without a ref."""
    data = parse(raw).data if ref is None else None
    said = data.get("ref") if isinstance(data, dict) else None
    own = said if isinstance(said, str) and is_workflow_ref(said) else None
    found = rehearse(door.registry, snapshot, ref or own, raw)
    return _answer(found.problems, found)


def _check_body(door: Door, snapshot: Snapshot, ref: str | None, raw: bytes) -> dict[str, Any]:
    """A body as for creating the workflow; with `?ref=` it needs to say neither `ref` nor `pack_ref`."""
    sent = parse_object(raw)
    body = {"ref": ref, "pack_ref": pack_of(ref), **sent} if ref else sent
    wrong = wrong_names(WORKFLOW, body)
    if ref and body["ref"] != ref:
        message = f"The body says {body['ref']!r}, and the parameter 'ref' says '{ref}'."
        wrong.append({"pointer": "/ref", "rule": "ref-path-mismatch", "message": message, "hint": "leave one out"})
    own = body.get("ref")
    known = own if isinstance(own, str) and is_workflow_ref(own) else None
    found = rehearse(door.registry, snapshot, known, new_text(Desk.over(door.registry, snapshot), WORKFLOW, body))
    path = workflow_path(known) if known else None
    named = [_problem(path, problem) for problem in wrong]
    return _answer(_in_body(named + not_said(wrong, found.problems), raw, sent), found)


def _problem(path: str | None, detail: dict[str, Any]) -> dict[str, Any]:
    """What is wrong with a body before its content, as a problem at its beginning."""
    named = {"rule": _RULES.get(detail["rule"], detail["rule"]), "hint": detail["hint"] or ""}
    placed = Problem(**{**detail, **named}, severity="error", line=1, column=1)
    return {**problem_json("", placed), "path": path}


def _in_body(problems: _Problems, raw: bytes, sent: dict[str, Any]) -> _Problems:
    """The problems at their lines in the JSON that was sent, which nearly always is YAML, too."""
    document = parse(raw)
    is_readable = same(document.data, sent)

    def placed(problem: dict[str, Any]) -> dict[str, Any]:
        at = document.position(problem["pointer"]) if is_readable else (1, 1)
        return {**problem, "line": at[0], "column": at[1]}

    return [placed(problem) for problem in problems]


def _answer(own: _Problems, found: Rehearsal) -> dict[str, Any]:
    """The problems of what was sent first, then those of other files."""
    ordered = sorted(own, key=lambda problem: (problem["line"], problem["column"], problem["rule"])) + found.elsewhere
    # As a write has it: of errors between workflows, those count that come with the text and are in it.
    alone = (problem for problem in ordered if problem["rule"] not in REFERENCE_RULES)
    answer: dict[str, Any] = {"valid": _is_clean(alone) and not found.has_wrong_calls, "problems": ordered}
    return answer | {"graph": found.graph} if found.graph is not None else answer


def _is_clean(problems: Iterable[dict[str, Any]]) -> bool:
    return not any(problem["severity"] == "error" for problem in problems)


def _check_pack(snapshot: Snapshot, ref: str) -> dict[str, Any]:
    """The platform's members (`pack_ref`, `validated_count`, `error_count`, `errors`), and what it has no word for."""
    entries = snapshot.workflows_in(ref)
    broken = _broken(snapshot, ref)
    if snapshot.packs.get(ref) is None and not entries and not broken:
        raise not_found(Place("pack", ref))
    problems = sorted((problem_json(*found) for found in each_once(_in_pack(snapshot, ref))), key=_by_place)
    workflows = {entry.path: entry.ref for entry in entries}
    workflows |= {path: place.ref for path in broken if (place := any_place_of(path)) and place.kind == "workflow"}
    errors: dict[str, list[str]] = {}
    for problem in problems:
        if problem["severity"] == "error" and problem["path"] in workflows:
            errors.setdefault(workflows[problem["path"]], []).append(problem["message"])
    return {
        "pack_ref": ref,
        "valid": _is_clean(problems),
        "files": len(workflows),
        "validated_count": len(workflows),
        "error_count": len(errors),
        "errors": errors,
        "problems": problems,
    }


def _broken(snapshot: Snapshot, ref: str) -> dict[str, tuple[Problem, ...]]:
    """The problems of the pack's files that nothing is served from."""
    return {path: found for path, found in snapshot.others.items() if path.startswith(f"{PACKS}/{ref}/")}


def _in_pack(snapshot: Snapshot, ref: str) -> Iterator[tuple[str, Problem]]:
    for path, problems in _broken(snapshot, ref).items():
        yield from ((path, problem) for problem in problems)
    pack = snapshot.packs.get(ref)
    if pack:
        yield from ((pack.path, problem) for problem in pack.problems)
    for entry in snapshot.workflows_in(ref):
        yield from ((entry.path, problem) for problem in entry.problems + snapshot.links.get(entry.ref, ()))


def _by_place(problem: dict[str, Any]) -> tuple[str, int, int, str]:
    return problem["path"], problem["line"], problem["column"], problem["rule"]
