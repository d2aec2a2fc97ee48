"""The drafts of JSON Schema: how each differs from 2020-12, whose words the comparison speaks."""

from typing import Any, NamedTuple


class Draft(NamedTuple):
    """One draft: the address of its metaschema, and which of today's words say nothing in it.

    In one that is `legacy`, `$ref` hides what stands beside it. A document's own name stands in `id_word`.
    """

    address: str
    silent: frozenset[str] = frozenset()
    legacy: bool = False
    id_word: str = "$id"


_SINCE_2020 = frozenset(("prefixItems", "$dynamicRef", "$dynamicAnchor"))
_SINCE_2019 = _SINCE_2020 | {
    *("dependentRequired", "dependentSchemas", "minContains", "maxContains"),
    *("unevaluatedItems", "unevaluatedProperties", "$anchor", "$recursiveRef", "$recursiveAnchor"),
}
_SINCE_7 = _SINCE_2019 | {"if", "then", "else"}
_SINCE_6 = _SINCE_7 | {"const", "contains", "propertyNames", "$id"}

TODAYS = Draft("https://json-schema.org/draft/2020-12/schema", frozenset(("$recursiveRef", "$recursiveAnchor")))
# Of which every word stays: what says nothing where it stands can be where a reference leads.
AS_WRITTEN = Draft(TODAYS.address)
_OTHERS = {
    "draft-04": Draft("http://json-schema.org/draft-04/schema#", _SINCE_6, legacy=True, id_word="id"),
    "draft-06": Draft("http://json-schema.org/draft-06/schema#", _SINCE_7, legacy=True),
    "draft-07": Draft("http://json-schema.org/draft-07/schema#", _SINCE_2019, legacy=True),
    "2019-09": Draft("https://json-schema.org/draft/2019-09/schema", _SINCE_2020),
}


def draft_of(root: Any) -> Draft:
    """The draft that a schema names; an unknown one is taken for today's."""
    name = str(root.get("$schema", "")) if isinstance(root, dict) else ""
    return next((draft for known, draft in _OTHERS.items() if known in name), TODAYS)
