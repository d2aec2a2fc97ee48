"""Document -> checked file: every problem in it, and what it says in the contract's form."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from attune_registry.checks import graph, practices, secrets, slips, templates, texts
from attune_registry.checks.comments import ignores
from attune_registry.checks.contract import Contract, Schema
from attune_registry.checks.echoes import without_echoes
from attune_registry.checks.expressions import is_template
from attune_registry.checks.form import pack_form, workflow_form
from attune_registry.checks.kept_json import kept_json
from attune_registry.checks.quoting import quoted
from attune_registry.checks.rules import REFERENCE_RULES, RULES, level_of
from attune_registry.checks.schemas import check_schema
from attune_registry.checks.settings import Settings
from attune_registry.checks.structure import shape
from attune_registry.checks.together import together
from attune_registry.layout import pack_of
from attune_registry.problems import QUOTE_IT, SEVERITIES, Finding, Position, Problem, Severity, in_order
from attune_registry.yamldoc.document import Document

__all__ = ["CheckedFile", "Contract", "check_pack", "check_workflow"]

# A file with more is somebody's mistake, or attack: to list them all helps nobody.
MOST_PROBLEMS = 300

# Action, pointer of the task, line and column of the action, and the inputs as JSON: {name: [literal]}, or
# {name: []} where a template decides.
Call = tuple[str, str, int, int, bytes]


class CheckedFile(NamedTuple):
    """`data` has the contract's form, None when the file's shape does not allow one.

    `waived` is what comments wave off of the rules between workflows: (line, rule), line 0 for the whole file.
    """

    data: dict[str, Any] | None
    problems: tuple[Problem, ...]
    calls: tuple[Call, ...] = ()
    waived: tuple[tuple[int, str], ...] = ()


def check_workflow(document: Document, ref: str, contract: Contract) -> CheckedFile:
    """Everything there is to say about a workflow file by itself: all at once, whatever is wrong with its shape."""
    findings = [*document.faults, *_shape(document, ref, contract.workflow), *slips.check(document.data)]
    is_shapeless = _is_shapeless(document, findings)
    if not isinstance(document.data, dict):
        return CheckedFile(None, place(findings, document, contract))
    form = workflow_form(document.data)
    definition = form["definition"]
    tasks = graph.build(definition if isinstance(definition, dict) else {})
    findings.extend(meaning(form, tasks, contract))
    problems = place(findings, document, contract)
    if is_shapeless:
        return CheckedFile(None, problems)
    return CheckedFile(form, problems, tuple(calls(tasks, _action_of(document))), waived(document))


def meaning(
    form: dict[str, Any], tasks: graph.Graph, contract: Contract, *, is_flat: bool = False
) -> Iterator[Finding]:
    """What is wrong with what a file says, beyond its shape, in those parts that have theirs.

    `is_flat` for a file of the platform's own layout, where `workflow` holds the variables.
    """
    said = texts.gather(form, tasks)
    if isinstance(form["definition"], dict):
        yield from graph.check(tasks)
        yield from templates.Check(form, tasks, contract.extras, is_flat=is_flat).findings(said)
        yield from practices.check(tasks)
    for name in ("param_schema", "out_schema"):
        if isinstance(form[name], dict):
            yield from check_schema(form[name], f"/{name}")
    yield from secrets.check(form, said)


def check_pack(document: Document, ref: str, contract: Contract) -> CheckedFile:
    """Everything there is to say about a pack file by itself."""
    findings = [*document.faults, *_shape(document, ref, contract.pack)]
    if isinstance(document.data, dict):
        findings.extend(slips.check_pack(document.data))
        findings.extend(secrets.check_pack(document.data))
    if _is_shapeless(document, findings):
        return CheckedFile(None, place(findings, document, contract))
    return CheckedFile(pack_form(document.data), place(findings, document, contract))


def place(findings: Iterable[Finding], document: Document, contract: Contract) -> tuple[Problem, ...]:
    """The findings as problems: placed in the text, graded by the settings, less those that comments wave off."""
    waved_off = ignores(document)
    told = together(
        findings, lambda finding: bool(waved_off.by_line) and waved_off.covers(_placed(finding, "advice", document))
    )
    graded = _graded([*told, *waved_off.findings], contract.settings)
    if not graded:
        return ()
    placed = [_placed(finding, level, document) for level, finding in graded[:MOST_PROBLEMS]]
    return in_order(without_echoes([problem for problem in placed if not waved_off.covers(problem)]))


def _graded(findings: list[Finding], settings: Settings) -> list[tuple[Severity, Finding]]:
    """The findings that count; in a file with more than can be listed, the gravest first."""
    graded = []
    for finding in findings:
        level = level_of(finding.rule, settings.rules)
        if level != "off":
            graded.append((level, finding))
    if len(graded) > MOST_PROBLEMS:
        graded.sort(key=lambda pair: SEVERITIES.index(pair[0]))
    return graded


def _placed(finding: Finding, level: Severity, document: Document) -> Problem:
    if finding.at:
        at = finding.at
    elif finding.offset is not None:
        at = document.position_in(finding.pointer, finding.offset)
    else:
        at = document.position(finding.pointer, finding.at_key)
    hint = _as_written(finding, document) if finding.hint == QUOTE_IT else finding.hint
    return Problem(finding.rule, level, finding.message, finding.pointer, at.line, at.column, hint)


def _as_written(finding: Finding, document: Document) -> str:
    """1.10 and 0x1F are not what the parser makes of them: whoever quotes a scalar wants it as it stands."""
    text = document.scalar(finding.pointer)
    return f"{QUOTE_IT}: {quoted(text)}" if text else QUOTE_IT


def _shape(document: Document, ref: str, schema: Schema) -> Iterator[Finding]:
    if not document.loadable:
        return
    data = document.data
    yield from shape_of(data, schema)
    told = (("ref", ref), ("pack_ref", pack_of(ref))) if "." in ref else (("ref", ref),)
    for name, right in told if isinstance(data, dict) else ():
        if isinstance(data.get(name), str) and data[name] != right:
            message = f"The file says {name}: {data[name]}, and its path says {right}"
            yield Finding("ref-path-mismatch", f"/{name}", message, f"write {name}: {right}, or leave it out")
    yield from practices.check_ref(ref)


def shape_of(data: Any, schema: Schema) -> Iterator[Finding]:
    """Where a file's data is not what its schema, and the one below it, ask for."""
    if schema.is_too_much_for(data):
        message = "It takes too many steps to hold this file against the registry's own schema"
        yield Finding("schema-value", "", message, "make the file flatter, or the schema in registry/schemas simpler")
    else:
        yield from shape(data, schema.data, schema.validator)
    if schema.floor:
        yield from shape(data, schema.floor.data, schema.floor.validator)


def _is_shapeless(document: Document, findings: list[Finding]) -> bool:
    return not document.loadable or breaks_shape(findings)


def breaks_shape(findings: Iterable[Finding]) -> bool:
    """True when a file with these findings has no meaning in the contract's form."""
    return any(RULES[finding.rule].fixed for finding in findings if finding.rule in RULES)


def waived(document: Document) -> tuple[tuple[int, str], ...]:
    """What comments in a file wave off of the rules between workflows: (line, rule), line 0 for the whole file."""
    waved_off = ignores(document)
    by_line = {0: waved_off.everywhere, **waved_off.by_line}
    return tuple((line, rule) for line, rules in by_line.items() for rule in sorted(rules & REFERENCE_RULES))


def calls(tasks: graph.Graph, position: Callable[[graph.Node], Position]) -> Iterator[Call]:
    """The actions that tasks run, each at the position of the task's action."""
    for node in tasks.nodes:
        action = node.task.get("action")
        if isinstance(action, str):
            at = position(node)
            given = node.task.get("input")
            inputs = given.items() if isinstance(given, dict) else ()
            literals = {name: [] if _has_template(value) else [value] for name, value in inputs}
            yield action, node.at, at.line, at.column, kept_json(literals)


def _action_of(document: Document) -> Callable[[graph.Node], Position]:
    return lambda node: document.action_position(node.task, node.at)


def _has_template(value: Any) -> bool:
    if value.__class__ is str:
        return "{" in value and is_template(value)
    if value.__class__ is dict:
        return any(map(_has_template, value.values()))
    return value.__class__ is list and any(map(_has_template, value))
