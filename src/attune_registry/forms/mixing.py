"""What a file of the platform's layout says twice, or in words of the registry's own: it would be lost silently."""

from collections.abc import Iterator
from typing import Any

from attune_registry.pointers import pointer
from attune_registry.problems import Finding

# What the platform calls otherwise. Left where they stand, they would be parts of the definition.
_SCHEMAS = (("param_schema", "parameters"), ("out_schema", "output"))
# What is said by two keys, and which of them is served. `variables` alone is served, too.
_PAIRS = (("output", "output_schema"), ("variables", "vars"))


def check(part: dict[str, Any]) -> Iterator[Finding]:
    """The keys of a file that are not of its layout, and those of two that are not served."""
    for key, own in _SCHEMAS:
        if key in part:
            hint = f"say it in {own}" if own in part else f"did you mean {own}?"
            yield Finding("unknown-field", pointer(key), f'"{key}" is not a known key here', hint, at_key=True)
    for served, lost in _PAIRS:
        if served in part and lost in part and part[served] != part[lost]:
            message = f"{served} and {lost} say the same thing, and only {served} counts"
            yield Finding("layout-key", pointer(lost), message, "leave one of them", at_key=True)
    if "variables" in part and "vars" not in part:
        message = '"variables" is not what this layout calls them'
        yield Finding("layout-key", "/variables", message, "write vars", at_key=True)
    yield from _twice(part.get("vars"))


def _twice(said: Any) -> Iterator[Finding]:
    """Variables that a list has more than once; the last value is served."""
    seen: set[str] = set()
    for number, part in enumerate(said if isinstance(said, list) else ()):
        for name in part if isinstance(part, dict) else ():
            if name in seen:
                message = f"{name} is a variable already, and only its last value counts"
                yield Finding("layout-key", pointer("vars", number, name), message, "leave one of them", at_key=True)
            seen.add(name)
