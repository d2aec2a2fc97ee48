"""A breach of a schema, in words for a person."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from attune_registry.checks.jsonschemas import matches
from attune_registry.checks.nearest import did_you_mean
from attune_registry.checks.quoting import a_type, listed, quoted, type_of
from attune_registry.pointers import pointer, split
from attune_registry.problems import QUOTE_IT, Finding

# Of keys that are one too many.
_MOST = 50
_NUMBERS = ("integer", "number")
_JSON_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
TRUTH = {
    **dict.fromkeys(("true", "yes", "on", "y", "1"), "true"),
    **dict.fromkeys(("false", "no", "off", "n", "0"), "false"),
}
_DURATION = re.compile(r"([0-9]{1,6}) ?([smhd])(?:ec|in|our|ay|r)?s?\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_IN_SECONDS = frozenset({"timeout", "delay"})
_SEMANTIC = "write it as MAJOR.MINOR.PATCH in quotes, like"


class Breach(NamedTuple):
    """`value`, at the pointer `at`, breaks `keyword` of `schema`, whose value is `limit`."""

    keyword: str
    limit: Any
    value: Any
    schema: dict[str, Any]
    at: str
    message: str


def in_words(breach: Breach) -> list[Finding]:
    """What there is to say about a breach; one finding for each key that is missing or one too many."""
    return _EXPLAINERS.get(breach.keyword, _other)(breach)


def _required(breach: Breach) -> list[Finding]:
    known = breach.schema.get("properties", {})
    findings = []
    for name in breach.limit:
        if name not in breach.value:
            message = missing(name) + (f" in {_called(breach.at)}" if breach.at else "")
            findings.append(Finding("schema-required", breach.at, message, _example_hint(name, known.get(name, {}))))
    return findings


def missing(name: str) -> str:
    """What is said of a key that the schema requires at the top of a file."""
    return f"{quoted(name)} is missing"


def _called(at: str) -> str:
    """What a person would call the place."""
    parts = split(at)
    if not parts:
        return "the file"
    return f"item {int(parts[-1]) + 1} of {parts[-2]}" if parts[-1].isdecimal() and len(parts) > 1 else parts[-1]


def _example_hint(name: str, schema: Any) -> str:
    examples = schema.get("examples") if isinstance(schema, dict) else None
    return f"add it, like {name}: {quoted(examples[0])}" if examples else f"add {name}"


def _additional(breach: Breach) -> list[Finding]:
    known = list(breach.schema.get("properties", {}))
    patterns = list(breach.schema.get("patternProperties", {}))
    findings = []
    for name in breach.value:
        if name not in known and not any(matches(pattern, name) for pattern in patterns):
            hint = did_you_mean(name, known) or (f"known keys are {', '.join(known)}" if known else "")
            at = breach.at + pointer(name)
            findings.append(Finding("unknown-field", at, f"{quoted(name)} is not a known key", hint, at_key=True))
            if len(findings) >= _MOST:
                break
    return findings


def _type(breach: Breach) -> list[Finding]:
    wanted = breach.limit if isinstance(breach.limit, list) else [breach.limit]
    name = _called(breach.at)
    message = f"{name} must be {listed([a_type(kind) for kind in wanted])}, not {_shown(breach.value)}"
    return [Finding("schema-type", breach.at, message, _type_hint(name, breach.value, wanted))]


def _shown(value: Any) -> str:
    kind = type_of(value)
    return a_type(kind) if kind in ("null", "object", "array") else f"{a_type(kind)} ({quoted(value)})"


def _type_hint(name: str, value: Any, wanted: list[str]) -> str:
    if value is None:
        return f"give {name} a value, or leave the key out"
    if "string" in wanted and isinstance(value, (int, float, bool)):
        semantic = name == "version" and not isinstance(value, bool)
        return f'{_SEMANTIC} "1.0.0"' if semantic else QUOTE_IT
    if isinstance(value, str):
        return _text_hint(name, value, wanted)
    if "array" in wanted and isinstance(value, dict):
        return "start each item with a dash"
    if "object" in wanted and isinstance(value, list):
        return "write keys and values, without dashes"
    if wanted == ["integer"] and isinstance(value, float):
        return f"write {'the seconds as ' if name in _IN_SECONDS else ''}a whole number"
    return ""


def _text_hint(name: str, text: str, wanted: list[str]) -> str:
    if any(kind in wanted for kind in _NUMBERS):
        span = _DURATION.match(text) if name in _IN_SECONDS else None
        if span:
            return f"in seconds: {int(span[1]) * _SECONDS[span[2]]}"
        return "leave out the quotes" if text.isdecimal() else ""
    if "boolean" in wanted and text.lower() in TRUTH:
        return "leave out the quotes" if text in ("true", "false") else f"write {TRUTH[text.lower()]}"
    if "array" in wanted:
        return f"write a list: [{text}]"
    return f"write {{type: {text}}}" if "object" in wanted and text in _JSON_TYPES else ""


def _by_pattern(breach: Breach) -> list[Finding]:
    name, value = _called(breach.at), breach.value
    if name == "version":
        message = f"{quoted(value)} is not a semantic version"
        return [Finding("version-format", breach.at, message, f'{_SEMANTIC} "{_as_version(value)}"')]
    if name == "action":
        message = f"{quoted(value)} does not name an action"
        return [Finding("action-format", breach.at, message, "write pack.action, like core.http")]
    if not value.strip():
        return [Finding("schema-value", breach.at, f"{name} is blank", "write something")]
    message = f"{name} is {quoted(value)}, which does not match {breach.limit}"
    return [Finding("schema-value", breach.at, message)]


def _as_version(text: str) -> str:
    """The semantic version that was probably meant."""
    parts = text.strip().lstrip("vV").split(".")
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdecimal() and len(part) < 9 for part in parts):
        return "1.0.0"
    numbers = [str(int(part)) for part in parts]
    return ".".join([*numbers, "0", "0"][:3])


def _enum(breach: Breach) -> list[Finding]:
    allowed = [quoted(value) for value in breach.limit]
    message = f"{_called(breach.at)} is {quoted(breach.value)}, not one of {', '.join(allowed)}"
    texts = [value for value in breach.limit if isinstance(value, str)]
    hint = did_you_mean(breach.value, texts) if isinstance(breach.value, str) else ""
    return [Finding("schema-value", breach.at, message, hint)]


def _other(breach: Breach) -> list[Finding]:
    name = _called(breach.at)
    limit = breach.limit
    if breach.keyword in ("minLength", "minItems") and not breach.value:
        return [Finding("schema-value", breach.at, f"{name} is empty", "write something")]
    words = _LIMITS.get(breach.keyword)
    message = f"{name} {words.format(limit=limit)}, not {_plainly(breach.value)}" if words else breach.message[:300]
    return [Finding("schema-value", breach.at, message)]


def _plainly(value: Any) -> str:
    if isinstance(value, str) and not value:
        return "empty"
    return str(len(value)) if isinstance(value, (list, dict)) else quoted(value)


def _unique(breach: Breach) -> list[Finding]:
    seen: list[Any] = []
    for index, value in enumerate(breach.value):
        if value in seen:
            message = f"{quoted(value)} is in {_called(breach.at)} already"
            return [Finding("schema-value", breach.at + pointer(index), message, "leave one of them out")]
        seen.append(value)
    return [Finding("schema-value", breach.at, f"{_called(breach.at)} says something twice")]


_LIMITS = {
    "minimum": "must be at least {limit}",
    "maximum": "must be at most {limit}",
    "exclusiveMinimum": "must be more than {limit}",
    "exclusiveMaximum": "must be less than {limit}",
    "minLength": "must have at least {limit} characters",
    "maxLength": "must have at most {limit} characters",
    "minItems": "must have at least {limit} items",
    "maxItems": "must have at most {limit} items",
}

_EXPLAINERS: dict[str, Callable[[Breach], list[Finding]]] = {
    "required": _required,
    "additionalProperties": _additional,
    "type": _type,
    "pattern": _by_pattern,
    "enum": _enum,
    "uniqueItems": _unique,
}
