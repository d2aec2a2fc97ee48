"""The bytes of a workflow, in whichever layout -> checked: every problem in its own file, and what it says."""

from collections.abc import Iterable, Iterator
from typing import Any

from attune_registry.checks import graph, practices, slips
from attune_registry.checks.contract import Contract
from attune_registry.checks.engine import (
    Call,
    CheckedFile,
    breaks_shape,
    calls,
    check_workflow,
    meaning,
    place,
    shape_of,
    waived,
)
from attune_registry.checks.form import workflow_form
from attune_registry.forms import mixing
from attune_registry.forms.attune import Attune, is_flat
from attune_registry.forms.beside import template_words
from attune_registry.forms.pairs import Raw, named_graph
from attune_registry.forms.relaxed import relaxed
from attune_registry.layout import graph_path, pack_of
from attune_registry.pointers import split
from attune_registry.problems import QUOTE_IT, Finding, Position, Problem, in_order
from attune_registry.yamldoc.document import Document, parse
from attune_registry.yamldoc.recent import parse_again

# What the contract calls its fields, and what they are called in the platform's files.
_WORDS = (
    ("param_schema", "parameters"),
    ("out_schema", "output"),
    ("declare it in variables", "declare it in vars"),
    ("variables must be a mapping, not a list", "vars must be a mapping, or a list of mappings of one key"),
    ("variables must be", "vars must be"),
)


def check_workflow_file(raw: Raw, ref: str, contract: Contract) -> CheckedFile:
    """Everything there is to say about a workflow by itself, in the layout that it has."""
    document = parse_again(raw[0] if isinstance(raw, tuple) else raw)
    check = _check_of(document, raw, ref, contract)
    if check is not None:
        return check.result()
    if isinstance(raw, tuple):
        faults = place(document.faults, document, contract)
        return CheckedFile(None, (*faults, _no_graph(document, named_graph(raw[0]))))
    return check_workflow(document, ref, contract)


def workflow_view(raw: Raw, ref: str) -> dict[str, Any] | None:
    """What a workflow says in the contract's form, unchecked; None where it cannot be read."""
    parts = raw if isinstance(raw, tuple) else (raw,)
    found = [parse(part).data for part in parts if part is not None]
    data = tuple(part for part in found if isinstance(part, dict))
    if not data or len(data) < len(found):
        return None
    is_attune = isinstance(raw, tuple) or is_flat(data[0])
    return workflow_form(Attune(data, ref).view() if is_attune else data[0])


def as_sent(problems: Iterable[Problem], raw: Raw, ref: str, contract: Contract) -> list[Problem]:
    """The problems of a workflow's files in the contract's words and at its pointers, as far as it has them."""
    check = _check_of(parse_again(raw[0] if isinstance(raw, tuple) else raw), raw, ref, contract)
    if check is None:
        return [*problems]
    check.result()
    return [check.in_contract(problem) for problem in problems]


def breaches(view: dict[str, Any], contract: Contract) -> list[Finding]:
    """What keeps fields in the contract's form from being a workflow of the platform's, whatever a file waves off."""
    form = workflow_form(view)
    definition = form["definition"]
    tasks = graph.build(definition if isinstance(definition, dict) else {})
    found = [*shape_of(view, relaxed(contract.workflow)), *meaning(form, tasks, contract, is_flat=True)]
    return [finding for finding in found if breaks_shape((finding,))]


def _check_of(document: Document, raw: Raw, ref: str, contract: Contract) -> "_Check | None":
    """The check of a workflow in the platform's layout; None for one in another, or without the file of its tasks."""
    if not isinstance(raw, tuple):
        return _Check((document,), ("",), ref, contract) if is_flat(document.data) else None
    action, tasks = raw
    named = named_graph(action)
    if named is None or tasks is None:
        return None
    return _Check((document, parse_again(tasks)), ("", graph_path(pack_of(ref), named)), ref, contract)


def _no_graph(action: Document, named: str | None) -> Problem:
    at = action.position("/workflow_file")
    message = f"There is no file '{named}' beside this one"
    if named is None:
        message = "workflow_file names no place where a workflow's tasks can be"
    hint = "write the file's path from here, as workflows/<name>.workflow.yaml"
    return Problem("workflow-file", "error", message, "/workflow_file", at.line, at.column, hint)


class _Check:
    """The check of one workflow in the platform's layout, in one document or two."""

    def __init__(self, documents: tuple[Document, ...], paths: tuple[str, ...], ref: str, contract: Contract) -> None:
        self._documents = documents
        self._paths = paths
        self._ref = ref
        self._contract = contract
        self._found: list[list[Finding]] = [list(document.faults) for document in documents]
        # What was found in the contract's form, by where it is told of, and in which words; "" for any.
        self._told: dict[tuple[str, str, str, str], Finding] = {}

    def result(self) -> CheckedFile:
        """All problems, and the workflow if its shape allows."""
        parts = tuple(document.data for document in self._documents if isinstance(document.data, dict))
        if len(parts) < len(self._documents):
            self._note_shapeless()
            return CheckedFile(None, self._problems())
        self._form = Attune(parts, self._ref)
        view = self._form.view()
        self._note(shape_of(view, relaxed(self._contract.workflow)))
        self._note(slips.check_tasks(view["definition"].get("tasks"), "/definition/tasks"))
        self._note_refs()
        is_shapeless = any(map(breaks_shape, self._found))
        form = workflow_form(view)
        tasks = graph.build(form["definition"])
        self._note(self._but_read_beside(meaning(form, tasks, self._contract, is_flat=True)))
        problems = self._problems()
        if is_shapeless:
            return CheckedFile(None, problems)
        called = tuple(self._called(call) for call in calls(tasks, self._action))
        return CheckedFile(form, problems, called, waived(self._documents[-1]))

    def _called(self, call: Call) -> Call:
        action, at, line, column, inputs = call
        return action, self._form.spot(at).pointer, line, column, inputs

    def _note(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            spot = self._form.spot(finding.pointer)
            message, hint = finding.message, finding.hint
            for word, own in _WORDS:
                message, hint = message.replace(word, own), hint.replace(word, own)
            at_key = finding.at_key or spot.is_key
            moved = finding._replace(pointer=spot.pointer, message=message, hint=hint, at_key=at_key)
            self._found[spot.part].append(moved)
            for message in (moved.message, ""):
                self._told[self._paths[spot.part], moved.rule, moved.pointer, message] = finding

    def in_contract(self, problem: Problem) -> Problem:
        """A problem of the result in the contract's words and at its pointer; what is of the files alone stays so."""
        finding = self._told.get((problem.path, problem.rule, problem.pointer, problem.message))
        if finding is None:
            # Of several tasks it is told in words of its own.
            same = self._told.get((problem.path, problem.rule, problem.pointer, ""))
            return problem if same is None else problem._replace(pointer=same.pointer)
        hint = problem.hint if finding.hint == QUOTE_IT else finding.hint
        return problem._replace(pointer=finding.pointer, message=finding.message, hint=hint)

    def _but_read_beside(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings less the parameters said to be unused that templates of the action's own read."""
        words: set[str] | None = None
        for finding in findings:
            if finding.rule == "parameter-unused":
                words = set(template_words(self._form.beside())) if words is None else words
                if split(finding.pointer)[-1] in words:
                    continue
            yield finding

    def _note_refs(self) -> None:
        for part, finding in self._form.slips():
            self._found[part].append(finding)
        for found, document in zip(self._found, self._documents, strict=True):
            found.extend(mixing.check(document.data))
        for part, said in self._form.refs():
            if said != self._ref:
                message = f"The file says ref: {said}, and its path says {self._ref}"
                hint = f"write ref: {self._ref}, or leave it out"
                self._found[part].append(Finding("ref-path-mismatch", "/ref", message, hint))
        self._found[0].extend(practices.check_ref(self._ref))

    def _note_shapeless(self) -> None:
        for found, document in zip(self._found, self._documents, strict=True):
            if document.loadable and not isinstance(document.data, dict):
                found.append(
                    Finding("schema-type", "", "The file is no mapping of fields", "write label: ... and so on")
                )

    def _problems(self) -> tuple[Problem, ...]:
        placed: list[Problem] = []
        for document, path, findings in zip(self._documents, self._paths, self._found, strict=True):
            problems = place(findings, document, self._contract)
            placed.extend(problem._replace(path=path) for problem in problems)
        return in_order(placed)

    def _action(self, node: graph.Node) -> Position:
        spot = self._form.spot(f"{node.at}/action")
        return self._documents[spot.part].position(spot.pointer, spot.is_key)
