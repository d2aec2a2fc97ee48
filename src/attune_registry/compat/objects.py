"""Objects: their properties by name, by pattern and all others; which are needed, and how many."""

from collections.abc import Iterator

from attune_registry.checks.jsonschemas import matches
from attune_registry.compat.cases import Case, Gap, Prover
from attune_registry.compat.nodes import Node
from attune_registry.compat.patterns import is_within, matches_all
from attune_registry.compat.scope import below, below_others, closure, is_map, names, patterns, treatment
from attune_registry.compat.strings import check_limits, least, most
from attune_registry.compat.values import listed, show

HOLDERS = ("properties", "patternProperties", "additionalProperties")
OTHERS = "properties without a name in the schema"


def member(case: Case, name: str) -> Case:
    """What is known of the value of one property."""
    found = [each for node in case.flat for each in treatment(node, name)]
    rules = [node.child("propertyNames") for node in case.flat if "propertyNames" in node.words]
    found += [rule.made(False) for rule in rules if rule.accepts(name) is False]
    return Case(tuple(found), scope=below(case.scope, name), depth=case.depth + 1)


def others(case: Case, matching: tuple[str, ...] = ()) -> Case:
    """What is known of properties that no schema names: of those that match these patterns, or match none."""
    found: list[Node] = []
    for node in case.flat:
        known = node.words.get("patternProperties", {})
        hits = [node.child("patternProperties", each) for each in matching if each in known]
        found += hits
        # A name that matches one pattern may match others, and then `additionalProperties` does not apply.
        if not hits and "additionalProperties" in node.words and not (matching and known):
            found.append(node.child("additionalProperties"))
    return Case(tuple(found), scope=below_others(case.scope), depth=case.depth + 1)


def needed(case: Case) -> set[str]:
    """The properties that must be there, with those that they need in turn."""
    found = {name for node in case.flat for name in node.words.get("required", ())}
    rules = [node.words["dependentRequired"] for node in case.flat if "dependentRequired" in node.words]
    size = -1
    while size != len(found):
        size = len(found)
        for rule in rules:
            found |= {need for name in found & rule.keys() for need in rule[name]}
    return found


def possible_names(case: Case, prover: Prover) -> list[str] | None:
    """Every property that there may be; None when names are open."""
    scope = closure(case.scope)
    if not prover.is_impossible(others(case)):
        return None
    known = (*case.flat, *scope)
    if any(not prover.is_impossible(others(case, (each,))) for each in patterns(known)):
        return None
    return [name for name in names(known) if not prover.is_impossible(member(case, name))]


def is_no_object(case: Case, prover: Prover) -> bool:
    """True only when no object fits: a property that must be there cannot, or they are too many or too few."""
    needs = needed(case)
    limit = most(case, "maxProperties")
    if limit is not None and max(len(needs), least(case, "minProperties")) > limit:
        return True
    if any(_is_never(case, name) or prover.is_impossible(member(case, name)) for name in sorted(needs)):
        return True
    if not least(case, "minProperties"):
        return False
    known = possible_names(case, prover)
    return known is not None and least(case, "minProperties") > len(known)


def _is_never(case: Case, name: str) -> bool:
    """True for a property that the values under comparison are taken not to have."""
    scope = closure(case.scope)
    return not is_map(scope) and name not in names(scope) and not any(matches(each, name) for each in patterns(scope))


def check_objects(case: Case, right: Node, prover: Prover) -> list[Gap]:
    """The objects that the case allows beyond those that `right` allows."""
    words = right.words
    found: list[Gap] = []
    have = needed(case)
    found += [_not_given(case, right, name) for name in words.get("required", ()) if name not in have]
    if {"minProperties", "maxProperties"} & words.keys():
        found += _check_count(case, right, prover, len(have))
    if any(word in words for word in HOLDERS):
        found += _check_members(case, right, prover)
        found += _check_others(case, right, prover)
    if "propertyNames" in words:
        found += _check_names(case, right, prover)
    for name in {**words.get("dependentRequired", {}), **words.get("dependentSchemas", {})}:
        found += _check_dependent(case, right, prover, name)
    if "unevaluatedProperties" in words:
        at = right.pointer + "/unevaluatedProperties"
        found.append(Gap("unevaluatedProperties", "as it was", "changed", case.at, at, False))
    return found


def _not_given(case: Case, right: Node, name: str) -> Gap:
    is_here = name in right.words.get("properties", {})
    at = right.child("properties", name).pointer if is_here else right.pointer + "/required"
    left = "not declared" if _is_never(case, name) else "optional"
    return Gap(f"property {show(name)}", left, "required", case.at, at)


def _check_count(case: Case, right: Node, prover: Prover, needs: int) -> list[Gap]:
    low, high = max(least(case, "minProperties"), needs), most(case, "maxProperties")
    known = possible_names(case, prover)
    if known is not None:
        high = len(known) if high is None else min(high, len(known))
    return check_limits(case, right, ("minProperties", "maxProperties"), low, high)


def _spoken_of(case: Case, right: Node) -> list[str]:
    """The names to look at one by one: those in scope, and those of `right` that the scope's rules reach."""
    scope = closure(case.scope)
    found = names(scope)
    rules = patterns(scope)
    for name in right.words.get("properties", {}):
        if is_map(scope) or any(matches(each, name) for each in rules):
            found[name] = None
    return list(found)


def _check_members(case: Case, right: Node, prover: Prover) -> Iterator[Gap]:
    for name in _spoken_of(case, right):
        for wanted in treatment(right, name):
            if wanted.schema is False:
                if not prover.is_impossible(member(case, name)):
                    yield Gap(f"property {show(name)}", "allowed", "not allowed", case.at, wanted.pointer)
            else:
                yield from prover.gaps(member(case, name), wanted)


def _check_others(case: Case, right: Node, prover: Prover) -> Iterator[Gap]:
    """Properties by pattern, and those that match nothing."""
    scope = closure(case.scope)
    rules = list(patterns((*scope, *case.flat)))
    wide = is_map(scope)
    for rule in rules:
        yield from _check_rule(case, right, prover, rule)
    for wanted in right.words.get("patternProperties", {}):
        if wide and wanted not in rules:
            yield from prover.gaps(others(case, (wanted,)), right.child("patternProperties", wanted))
    if "additionalProperties" in right.words:
        yield from _beyond(others(case), right, prover, OTHERS)


def _check_rule(case: Case, right: Node, prover: Prover, rule: str) -> Iterator[Gap]:
    """The properties whose names match a pattern that the scope has."""
    wanted = right.words.get("patternProperties", {})
    for each in wanted:
        both = (rule,) if each == rule else (rule, each)
        yield from prover.gaps(others(case, both), right.child("patternProperties", each))
    covered = any(matches_all(each) or is_within(rule, each) for each in wanted)
    if "additionalProperties" in right.words and not covered:
        yield from _beyond(others(case, (rule,)), right, prover, f"properties matching {show(rule)}")


def _beyond(case: Case, right: Node, prover: Prover, what: str) -> Iterator[Gap]:
    rest = right.child("additionalProperties")
    if rest.schema is not False:
        yield from prover.gaps(case, rest)
    elif not prover.is_impossible(case):
        yield Gap(what, "allowed", "not allowed", case.at, rest.pointer)


def _check_names(case: Case, right: Node, prover: Prover) -> Iterator[Gap]:
    wanted = right.child("propertyNames")
    known = possible_names(case, prover)
    if known is None:
        rules = [node.child("propertyNames") for node in case.flat if "propertyNames" in node.words]
        text = right.made({"type": "string"})
        gaps = prover.gaps(Case((text, *rules), depth=case.depth + 1), wanted)
        if gaps:
            yield Gap("names of properties", "any", show(wanted.schema), case.at, wanted.pointer)
        return
    bad = [name for name in known if wanted.accepts(name) is not True]
    if bad:
        yield Gap(f"properties named {listed(bad)}", "allowed", "not allowed", case.at, wanted.pointer)


def _check_dependent(case: Case, right: Node, prover: Prover, name: str) -> Iterator[Gap]:
    """What `right` asks of an object once it has some property."""
    having = case.also(right.made({"type": "object", "required": [name]}))
    if prover.is_impossible(having):
        return
    if name in right.words.get("dependentSchemas", {}):
        yield from prover.gaps(having, right.child("dependentSchemas", name))
    needs = right.words.get("dependentRequired", {}).get(name)
    if needs and prover.gaps(having, right.made({"required": needs})):
        what = f"with {show(name)}, the properties {listed(needs)}"
        yield Gap(what, "optional", "required", case.at, right.pointer + "/dependentRequired")
