"""`name=value name=value` and comma-separated names, as StackStorm's short forms have them."""

import re
from typing import Any

import yaml

# A word is looked at from its start alone: what follows its name is the same for each letter that it could begin with.
_NAME = r"(?<![\w.-])(?>(?:(?![A-Za-z_])[\w.-])*)([A-Za-z_][\w.-]*+)"
# A value is quoted, an expression, or runs to the next blank. An expression that does not end is no longer than this.
_VALUE = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|<%.{,999}?%>|\{\{.{,999}?\}\}|\S+)"""
_PAIR = re.compile(f"{_NAME}={_VALUE}", re.DOTALL)


def pairs(text: str) -> dict[str, Any]:
    """The pairs in a text."""
    return {name: _value(said) for name, said in _PAIR.findall(text)}


def names(said: Any) -> list[str]:
    """The names in a name, a list of names, or names with commas between them."""
    if isinstance(said, str):
        return [name.strip() for name in said.split(",") if name.strip()]
    return [name for part in said for name in names(part)] if isinstance(said, list) else []


def _value(said: str) -> Any:
    if said[0] in "\"'":
        return said[1:-1].replace(f"\\{said[0]}", said[0])
    if said.startswith(("<%", "{{")):
        return said
    try:
        value = yaml.safe_load(said)
    except yaml.YAMLError:
        return said
    return value if isinstance(value, str | int | float | bool) else said
