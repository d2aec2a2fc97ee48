"""Data that a schema does not take -> why, in findings; it takes libraries that only files with mistakes need."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
from jsonschema import exceptions, validators
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.exceptions import Unresolvable

from attune_registry.checks.jsonschemas import matches
from attune_registry.checks.quoting import quoted
from attune_registry.checks.wording import Breach, in_words
from attune_registry.pointers import pointer
from attune_registry.problems import Finding

_MOST = 100


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[exceptions.ValidationError]:
    if isinstance(instance, str) and not matches(pattern, instance):
        yield exceptions.ValidationError(f"{quoted(instance)} does not match {pattern}")


# Python's engine for regular expressions can be made to run for years; the validator that decides has another.
_extend: Callable[..., type[Validator]] = validators.extend
_Explainer = _extend(jsonschema.Draft202012Validator, {"pattern": _pattern})
# jsonschema's own default would look a $ref up on the network.
_NOTHING_ELSE: Registry[Any] = Registry()


def explained(data: Any, schema: Any) -> list[Finding]:
    """Every way in which `data` is not what `schema` asks for; none where jsonschema cannot tell."""
    findings: list[Finding] = []
    try:
        for error in _Explainer(schema, registry=_NOTHING_ELSE).iter_errors(data):
            findings.extend(_findings(error))
            if len(findings) >= _MOST:
                break
    except (ValueError, LookupError, RecursionError, re.error, Unresolvable):
        # A schema of an organisation's own may use what jsonschema cannot do: the verdict stands, in fewer words.
        pass
    return list(dict.fromkeys(findings))


def _findings(error: exceptions.ValidationError) -> list[Finding]:
    if error.context:
        error = exceptions.best_match([error]) or error
    schema = error.schema if isinstance(error.schema, dict) else {}
    at = pointer(*error.absolute_path)
    breach = Breach(str(error.validator), error.validator_value, error.instance, schema, at, error.message)
    return in_words(breach)
