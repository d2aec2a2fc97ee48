"""Types: which a value may have, with numbers parted into whole ones and fractions."""

from attune_registry.compat.bounds import is_contradiction as no_number
from attune_registry.compat.cases import Case, Gap
from attune_registry.compat.nodes import Node
from attune_registry.compat.strings import is_contradiction as no_string

Atoms = frozenset[str]
ALL: Atoms = frozenset(("null", "boolean", "object", "array", "string", "integer", "fraction"))


def atoms(declared: str | list[str] | None) -> Atoms:
    """The value of `type`, none meaning any."""
    if declared is None:
        return ALL
    named = {declared} if isinstance(declared, str) else set(declared)
    return frozenset(named - {"number"} | ({"integer", "fraction"} if "number" in named else set()))


def written(kinds: Atoms) -> list[str]:
    """As `type` is written; fractions never stand alone there."""
    plain = sorted(kinds - {"fraction", "integer"})
    if "fraction" in kinds:
        return [*plain, "number"]
    return [*plain, "integer"] if "integer" in kinds else plain


def types_of(case: Case) -> Atoms:
    """The types that values of the case may have, leaving out those with contradictory limits."""
    found = ALL
    for node in case.flat:
        found &= atoms(node.words.get("type"))
    if "fraction" in found and not _has_fractions(case):
        found -= {"fraction"}
    for kind in ("integer", "fraction"):
        if kind in found and no_number(case, kind == "integer"):
            found -= {kind}
    if "string" in found and no_string(case):
        found -= {"string"}
    return found


def _has_fractions(case: Case) -> bool:
    steps = [node.words["multipleOf"] for node in case.flat if "multipleOf" in node.words]
    return not any(float(step).is_integer() for step in steps)


def check_type(case: Case, right: Node, kinds: Atoms) -> list[Gap]:
    """The types that the case allows beyond those that `right` allows."""
    if "type" not in right.words:
        return []
    allowed = atoms(right.words["type"])
    if kinds <= allowed:
        return []
    left, wanted = " or ".join(written(kinds)), " or ".join(written(allowed))
    left = "any" if kinds == ALL else left
    return [Gap("type", left, wanted, case.at, right.pointer + "/type")]
