"""JSON Schema validators that fetch nothing and match patterns in linear time."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

# A pattern with look-around or back-references needs a backtracking engine; this is how far it may go.
_BACKTRACK_LIMIT = 20_000
_NEEDS_BACKTRACKING = re.compile(r"\(\?[=!<]|\\[1-9]|\\k<")

_BY_DIALECT: Mapping[str, type[jsonschema_rs.Validator]] = {
    "https://json-schema.org/draft/2020-12/schema": jsonschema_rs.Draft202012Validator,
    "https://json-schema.org/draft/2019-09/schema": jsonschema_rs.Draft201909Validator,
    "http://json-schema.org/draft-07/schema": jsonschema_rs.Draft7Validator,
    "http://json-schema.org/draft-06/schema": jsonschema_rs.Draft6Validator,
    "http://json-schema.org/draft-04/schema": jsonschema_rs.Draft4Validator,
}
DIALECTS = tuple(_BY_DIALECT)
LATEST = DIALECTS[0]
_ASIDE = "urn:attune-registry:schema"

# Escapes and classes, in which * and + stand for themselves; what repeats; and what repeats that again.
_ATOMS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_REPEATED = re.compile(r"(?:[*+]|(?<!\()\?|\{[0-9]+(?:,[0-9]*)?\})\??([*+]|\{[0-9]+(?:,[0-9]*)?\})")

_BEYOND_THE_METASCHEMA = (b"$", b"attern")


def dialect_of(schema: Any) -> str | None:
    """The dialect a schema is written in (2020-12 where it does not say); None for one not known here."""
    named = schema.get("$schema", LATEST) if isinstance(schema, dict) else LATEST
    plain = named.rstrip("#") if isinstance(named, str) else ""
    return plain if plain in _BY_DIALECT else None


def compile_schema(schema: Any, dialect: str = LATEST, formats: bool = False) -> jsonschema_rs.Validator:
    """A validator for `schema`, which with `formats` minds the formats in it, too.

    Raises jsonschema_rs.ValidationError for what is no schema, has a pattern that does not compile, or a $ref that
    leads out of it.
    """
    options = _patterns_for(orjson.dumps(schema).decode())
    kind = _BY_DIALECT[dialect]
    try:
        return kind(schema, offline=True, pattern_options=options, validate_formats=formats)
    except ValueError:
        if dialect in DIALECTS[:2] or not meets_metaschema(schema, dialect):
            raise
    # Up to draft-07 the schema of schemas calls (?i) no regex, which the engine takes; what is referred to is spared.
    aside = jsonschema_rs.Registry([(_ASIDE, {**schema, "$schema": f"{dialect}#"})])
    return kind({"$ref": _ASIDE}, registry=aside, offline=True, pattern_options=options, validate_formats=formats)


def ensure_valid(schema: Any, dialect: str = LATEST) -> None:
    """Raise as compile_schema does; where there is no reference and no pattern, the metaschema alone decides."""
    text = orjson.dumps(schema)
    if any(mark in text for mark in _BEYOND_THE_METASCHEMA) or not meets_metaschema(schema, dialect):
        compile_schema(schema, dialect)


def meets_metaschema(schema: Any, dialect: str) -> bool:
    """True for what has the shape of a schema, wherever its references lead and whatever its patterns say."""
    return accepts(_metaschema(dialect), schema)


@lru_cache
def _metaschema(dialect: str) -> jsonschema_rs.Validator:
    reference = dialect if dialect in DIALECTS[:2] else dialect + "#"
    return _BY_DIALECT[dialect]({"$ref": reference}, offline=True, validate_formats=False)


def compile_map(schema: Any, dialect: str = LATEST) -> jsonschema_rs.ValidatorMap | None:
    """Validators for the schemas within a schema, by `#` and pointer; None where one cannot be had."""
    try:
        return jsonschema_rs.validator_map_for(
            {**schema, "$schema": dialect},
            offline=True,
            pattern_options=_patterns_for(orjson.dumps(schema).decode()),
            validate_formats=True,
        )
    except ValueError:
        return None


def _patterns_for(text: str) -> jsonschema_rs.FancyRegexOptions | jsonschema_rs.RegexOptions:
    if _NEEDS_BACKTRACKING.search(text):
        return jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACK_LIMIT)
    return jsonschema_rs.RegexOptions()


def accepts(validator: jsonschema_rs.Validator, value: Any) -> bool:
    """True when `value` is valid; what the validator cannot even read is not."""
    try:
        return validator.is_valid(value)
    except ValueError:
        return False


def matches(pattern: str, text: str) -> bool:
    """True when `pattern` is found in `text`; a pattern that does not compile matches nothing."""
    matcher = _matcher(pattern)
    return matcher is not None and accepts(matcher, text)


@lru_cache(maxsize=1024)
def _matcher(pattern: str) -> jsonschema_rs.Validator | None:
    try:
        return compile_schema({"pattern": pattern})
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def regex_fault(pattern: str) -> str:
    """Why a regular expression does not compile, "" when it does."""
    try:
        compile_schema({"pattern": pattern})
    except ValueError:
        return python_fault(pattern) or "it is no regular expression of ECMA-262"
    return repeat_fault(pattern)


def repeat_fault(pattern: str) -> str:
    """Why a pattern repeats what cannot be repeated, "" when it does not; the engine here takes a** for a*."""
    bare = _ATOMS.sub("x", pattern)
    fault = _REPEATED.search(bare)
    return f"there is nothing that {fault[1]} could repeat" if fault else ""


def python_fault(pattern: str) -> str:
    """What Python says about the pattern; its words are the clearer ones."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as fault:
        return str(fault)
    except ValueError:  # more digits than Python makes a number of
        return "the repetition number is too large"
    return ""
