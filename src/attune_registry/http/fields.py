"""Bodies that ask for something to be done: their fields, every fault in them at once."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from .. import errors
from ..checks.nearest import Guesses
from ..pointers import pointer


class Field(NamedTuple):
    """A field of a body: its type, in code and in words, and whether it has to be there."""

    kind: type
    described: str
    required: bool = False
    one_of: tuple[str, ...] = ()
    may_be_empty: bool = False


def read_fields(body: dict[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The body; a field that is null is as good as absent. Raises Invalid with a detail for each fault."""
    guesses = Guesses()
    wrong = [
        _detail(name, "unknown-field", f"There is no field '{name}' here.", guesses.did_you_mean(name, fields))
        for name in body
        if name not in fields
    ]
    given = {name: value for name, value in body.items() if value is not None}
    for name, field in fields.items():
        if name not in given:
            if field.required:
                wrong.append(_detail(name, "required", f"'{name}' is missing.", f"it is {field.described}"))
        elif type(given[name]) is not field.kind or (given[name] == "" and not field.may_be_empty):
            wrong.append(_detail(name, "type", f"'{name}' has to be {field.described}.", ""))
        elif field.one_of and given[name] not in field.one_of:
            hint = guesses.did_you_mean(given[name], field.one_of)
            wrong.append(_detail(name, "value", f"'{name}' has to be {field.described}.", hint))
    if wrong:
        count = "a problem" if len(wrong) == 1 else f"{len(wrong)} problems"
        raise errors.Invalid(f"The body has {count}; see details.", details=wrong)
    return given


def _detail(name: str, rule: str, message: str, hint: str) -> dict[str, Any]:
    return {"pointer": pointer(name), "rule": rule, "message": message, "hint": hint or None}
