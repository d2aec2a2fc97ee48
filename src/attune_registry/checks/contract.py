"""What the files of one registry are held against: its schemas and its settings."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from itertools import chain
from typing import Any, NamedTuple

import jsonschema_rs
import orjson

from attune_registry.checks.effort import MOST_WRITTEN_OUT, STEP, Allowance, Effort, over_the_limit
from attune_registry.checks.jsonschemas import compile_schema
from attune_registry.checks.rules import RULES_VERSION, level_of
from attune_registry.checks.settings import Settings, read_settings
from attune_registry.checks.surroundings import Extras
from attune_registry.layout import CONFIG_PATH, PACK_SCHEMA_PATH, WORKFLOW_SCHEMA_PATH
from attune_registry.pointers import pointer
from attune_registry.problems import Finding, Position, Problem, in_order
from attune_registry.yamldoc.compose import MAX_DEPTH
from attune_registry.yamldoc.document import Document, parse

# A file has half as many levels, and for each a schema takes two. It is written again in others, and read step by step.
_MOST_LEVELS = 2 * MAX_DEPTH
# What decides about templates, schemas and YAML beside our own code.
_DECIDERS = ("jinja2", "jsonschema", "jsonschema-rs", "pyyaml")


class Schema(NamedTuple):
    """A schema, compiled; `floor` holds against what a registry's own may have left out (None: it is our own).

    `effort` counts what a file would take, where that may be more than can be spent.
    """

    data: dict[str, Any]
    validator: jsonschema_rs.Validator
    floor: "Schema | None"
    effort: Effort | None = None

    def is_too_much_for(self, data: Any) -> bool:
        """True where nobody can tell in bearable time whether `data` meets the schema."""
        allowance = Allowance()
        return self.effort is not None and not allowance.covers(STEP * self.effort.steps(self.data, data, allowance))


@dataclass(frozen=True, slots=True)
class Contract:
    """The schemas and settings of a registry. `raw` is what it was made of, to make it again elsewhere."""

    digest: str
    settings: Settings
    extras: Extras
    workflow: Schema
    pack: Schema
    raw: tuple[bytes | None, bytes | None, bytes | None]

    @classmethod
    def load(
        cls, config_raw: bytes | None, workflow_schema_raw: bytes | None, pack_schema_raw: bytes | None
    ) -> tuple["Contract", dict[str, tuple[Problem, ...]]]:
        """The contract in these files, and their problems by path.

        A file that is not there, or is no good, leaves its place to the default.
        """
        settings, findings, document = read_settings(config_raw)
        workflow, workflow_problems = _schema("workflow", workflow_schema_raw)
        pack, pack_problems = _schema("pack", pack_schema_raw)
        raw = (config_raw, workflow_schema_raw, pack_schema_raw)
        extras = Extras(settings.filters, settings.tests, settings.variables)
        contract = cls(_digest(settings, workflow, pack), settings, extras, workflow, pack, raw)
        problems = {
            CONFIG_PATH: _placed(findings, document),
            WORKFLOW_SCHEMA_PATH: workflow_problems,
            PACK_SCHEMA_PATH: pack_problems,
        }
        return contract, {path: found for path, found in problems.items() if found}


def _digest(settings: Settings, workflow: Schema, pack: Schema) -> str:
    """Names everything that decides what is found in a file."""
    decisive = {
        "rules_version": RULES_VERSION,
        "rules": dict(settings.rules),
        "templates": [sorted(names) for names in (settings.filters, settings.tests, settings.variables)],
        "schemas": [workflow.data, pack.data],
        "deciders": [metadata.version(name) for name in _DECIDERS],
    }
    return hashlib.sha256(orjson.dumps(decisive, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _placed(findings: tuple[Finding, ...], document: Document | None) -> tuple[Problem, ...]:
    problems = []
    for finding in findings:
        level = level_of(finding.rule, {})
        if document is not None and level != "off":
            at = finding.at or document.position(finding.pointer, finding.at_key)
            problems.append(Problem(finding.rule, level, finding.message, finding.pointer, *at, finding.hint))
    return in_order(problems)


@cache
def packaged_schema(kind: str) -> bytes:
    """The schema of workflow or pack files that comes with the package."""
    return resources.files("attune_registry").joinpath("schemas", f"{kind}.schema.json").read_bytes()


@cache
def _packaged(kind: str) -> Schema:
    data = orjson.loads(packaged_schema(kind))
    return Schema(data, compile_schema(data), None)


@cache
def _floor(kind: str) -> Schema:
    """The packaged schema without its word against unknown keys, which is for a registry's own schema to say."""
    data = {**_packaged(kind).data, "additionalProperties": True}
    return Schema(data, compile_schema(data), None)


def _schema(kind: str, raw: bytes | None) -> tuple[Schema, tuple[Problem, ...]]:
    """The schema in these bytes, or the packaged one and the problem with these."""
    packaged = _packaged(kind)
    if raw is None or raw == packaged_schema(kind):
        return packaged, ()
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return packaged, (_fault(f"This is not JSON: {error.msg}", Position(error.lineno, error.colno)),)
    if not isinstance(data, dict):
        return packaged, (_fault("A schema is an object", Position(1, 1)),)
    if _is_deep(data):
        return packaged, (_fault(f"This is nested more than {_MOST_LEVELS} levels deep", Position(1, 1)),)
    if data == packaged.data:
        return packaged, ()
    try:
        validator = compile_schema(data)
    except jsonschema_rs.ValidationError as error:
        at = pointer(*error.instance_path)
        where = parse(raw).position(at)
        return packaged, (_fault(f"This is no JSON Schema: {error.message}", where, at),)
    effort = Effort(data)
    over = over_the_limit(data, effort)
    if over is not None:
        message = f"With every reference written out, this is more than {MOST_WRITTEN_OUT:,} schemas for one value"
        return packaged, (_fault(message, parse(raw).position(over), over),)
    return Schema(data, validator, _floor(kind), None if effort.is_tame() else effort), ()


def _is_deep(data: dict[str, Any]) -> bool:
    level: list[Any] = [data]
    for _ in range(_MOST_LEVELS):
        within = (part.values() if isinstance(part, dict) else part for part in level if isinstance(part, dict | list))
        level = list(chain.from_iterable(within))
    return bool(level)


def _fault(message: str, at: Position, where: str = "") -> Problem:
    hint = "mend it; until then the schema that comes with the registry stands in for it"
    return Problem("schema-file", "error", message, where, at.line, at.column, hint)
