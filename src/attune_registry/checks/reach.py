"""How much is compiled where each part of a schema gets a validator of its own: all that the part leads to."""

from collections.abc import Iterable
from typing import Any

from attune_registry.checks.subschemas import Subschema, inner
from attune_registry.checks.targets import Targets

# Each takes 5 to 20 us and up to three kilobytes. A chain of 4,000 references in 180 KB came to 8 million.
_MOST = 100_000


def is_too_much(schema: dict[str, Any], parts: Iterable[Subschema]) -> bool:
    """True where the parts of a schema lead to more than can be compiled, each counted for every part that does."""
    targets, left = Targets(schema), _MOST
    for part in parts:
        seen: set[int] = set()
        followed: set[int] = set()
        pending: list[Any] = [part.schema]
        while pending:
            each = pending.pop()
            if not isinstance(each, dict) or id(each) in seen:
                continue
            seen.add(id(each))
            if len(seen) > left:
                return True
            pending.extend(schema for _, _, schema in inner(each))
            said = map(each.get, ("$ref", "$dynamicRef", "$recursiveRef"))
            for found in (targets.of(reference) for reference in said if isinstance(reference, str)):
                if id(found) not in followed:
                    followed.add(id(found))
                    pending.extend(found)
        left -= len(seen)
    return False
