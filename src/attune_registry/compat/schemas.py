"""Two schemas of a workflow -> the reasons why the change breaks, adds or mends something.

Inputs: what a caller gives stays valid. A caller gives the properties that the old schema declares, at
every level, and where that schema leaves names open perhaps some that neither schema knows.
Outputs: what the workflow gives is what the old schema promised.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from jsonschema_rs import meta

from attune_registry.compat.annotations import changed_notes
from attune_registry.compat.cases import TOO_MUCH, Case, Gap
from attune_registry.compat.declared import Property, missing
from attune_registry.compat.drafts import draft_of
from attune_registry.compat.inclusion import Proof
from attune_registry.compat.loops import has_dynamic, has_loop
from attune_registry.compat.nodes import Node, root_node
from attune_registry.compat.reasons import Reason, changed, in_order
from attune_registry.compat.values import key

INPUTS = "/param_schema"
OUTPUTS = "/out_schema"
NO_INPUTS = {"type": "object", "additionalProperties": False}
ANY_INPUTS: dict[str, Any] = {}
UNSURE = "cannot tell whether "


def compare_inputs(old: Any, new: Any) -> list[Reason]:
    """Reasons from two values of `param_schema`; None declares no inputs, and as the new one takes any.

    So with the schema every input that it declared is gone, though none is refused.
    """
    try:
        return _inputs(old, new)
    except RecursionError:
        return [Reason("breaking", INPUTS, f"nested too deep: {UNSURE}earlier inputs stay valid")]


def _inputs(old: Any, new: Any) -> list[Reason]:
    if key(old) == key(new):
        return []
    declared, taken = NO_INPUTS if old is None else old, ANY_INPUTS if new is None else new
    if not (_is_schema(declared) and _is_schema(taken)):
        return [Reason("breaking", INPUTS, f"not a valid JSON Schema: {UNSURE}earlier inputs stay valid")]
    before, now = root_node(declared, INPUTS), root_node(taken, INPUTS)
    blind = _beyond_comparison(before, now)
    if blind:
        return [Reason("breaking", INPUTS, f"{blind}: {UNSURE}earlier inputs stay valid")]
    gone, added = missing(before, now), missing(now, before, by_name=True)
    narrowed = _without(Proof().gaps(_given(before), now), gone)
    widened = _beside(_without(Proof().gaps(_given(now, before), before), added), gone) if old is not None else []
    breaking = [Reason("breaking", each.pointer, f"{each.named('property')} removed") for each in gone]
    for gap in narrowed:
        message = changed(gap, left_is_old=True) + _doubt(gap, "earlier inputs stay valid")
        breaking.append(Reason("breaking", gap.right_at, message))
    more = [Reason("feature", each.pointer, f"new {each.named('property')}") for each in added]
    more += [Reason("feature", gap.left_at or INPUTS, changed(gap, left_is_old=False)) for gap in widened]
    if new is None:
        more = [Reason("feature", INPUTS, "param_schema is gone: any inputs are accepted now")]
    if old is None and not breaking and not more:
        return [Reason("fix", INPUTS, "param_schema is new; it declares no inputs, and there were none before")]
    return _all(breaking, more, old, new, INPUTS)


def compare_outputs(old: Any, new: Any) -> list[Reason]:
    """Reasons from two values of `out_schema`; None promises nothing.

    Where the old schema promised that there are no other properties, a new one breaks that promise.
    """
    try:
        return _outputs(old, new)
    except RecursionError:
        return [Reason("breaking", OUTPUTS, f"nested too deep: {UNSURE}earlier promises are kept")]


def _outputs(old: Any, new: Any) -> list[Reason]:
    if key(old) == key(new):
        return []
    if old is None:
        return [Reason("feature", OUTPUTS, "out_schema is new: it promises what nothing promised before")]
    if new is None:
        return _gone_outputs(old)
    if not (_is_schema(old) and _is_schema(new)):
        return [Reason("breaking", OUTPUTS, f"not a valid JSON Schema: {UNSURE}earlier promises are kept")]
    before, now = root_node(old, OUTPUTS), root_node(new, OUTPUTS)
    blind = _beyond_comparison(before, now)
    if blind:
        return [Reason("breaking", OUTPUTS, f"{blind}: {UNSURE}earlier promises are kept")]
    gone, added = missing(before, now), missing(now, before, by_name=True)
    widened = _beside(_without(Proof().gaps(Case((now,), scope=(now, before)), before), gone), gone)
    narrowed = _without(Proof().gaps(Case((before,), scope=(before,)), now), added)
    breaking = [Reason("breaking", each.pointer, f"{each.named('output')} removed") for each in gone]
    for gap in widened:
        message = changed(gap, left_is_old=False) + _doubt(gap, "outputs stay as promised")
        breaking.append(Reason("breaking", gap.left_at or OUTPUTS, message))
    more = [Reason("feature", each.pointer, f"new {each.named('output')}") for each in added]
    more += [Reason("feature", gap.right_at, changed(gap, left_is_old=True)) for gap in narrowed]
    return _all(breaking, more, old, new, OUTPUTS)


def _gone_outputs(old: Any) -> list[Reason]:
    if root_node(old, OUTPUTS).schema is True:
        return [Reason("fix", OUTPUTS, "out_schema is gone; it promised nothing")]
    return [Reason("breaking", OUTPUTS, "out_schema is gone, and with it all that it promised")]


def _is_schema(schema: Any) -> bool:
    return meta.is_valid({**schema, "$schema": draft_of(schema).address} if isinstance(schema, dict) else schema)


def _beyond_comparison(before: Node, now: Node) -> str:
    """What keeps two schemas from being compared; "" for nothing."""
    if has_loop(before) or has_loop(now):
        return "a $ref leads back to itself"
    if before.identity != now.identity and (has_dynamic(before) or has_dynamic(now)):
        return "a $dynamicRef leads elsewhere with each value"
    return ""


def _given(node: Node, *more: Node) -> Case:
    """What callers give: objects, unless the schema asks for something else, or says that it takes that too."""
    if isinstance(node.words.get("type"), list):
        return Case((node,), scope=(node, *more))
    objects = Case((node, node.made({"type": "object"})), scope=(node, *more))
    return Case((node,), scope=(node, *more)) if Proof().is_impossible(objects) else objects


def _without(found: Iterable[Gap], properties: list[Property]) -> list[Gap]:
    """The gaps but those that say again that a property came or went; one is enough of what was too much."""
    named = {each.named("property") for each in properties}
    kept = [gap for gap in found if not (gap.what in named and gap.right == "not allowed")]
    too_much = [gap for gap in kept if gap.what == TOO_MUCH]
    return [gap for gap in kept if gap.what != TOO_MUCH] + too_much[:1]


def _beside(found: list[Gap], gone: list[Property]) -> list[Gap]:
    """The gaps but those that say of a property that is gone what is no longer asked of it."""
    places = tuple(f"{each.pointer}/" for each in gone)
    return [gap for gap in found if not f"{gap.right_at}/".startswith(places)]


def _doubt(gap: Gap, what: str) -> str:
    return "" if gap.certain else f"; {UNSURE}{what}"


def _all(breaking: list[Reason], more: list[Reason], old: Any, new: Any, base: str) -> list[Reason]:
    told = {reason.message for reason in breaking}
    needed = {reason.pointer for reason in breaking if reason.message.endswith("required now")}
    more = [reason for reason in more if reason.message not in told and reason.pointer not in needed]
    more += _noted(old, new, base)
    if not breaking and not more:
        more = [Reason("fix", base, "titles, descriptions or wording changed; what is valid did not")]
    return in_order(breaking + more)


def _noted(old: Any, new: Any, base: str) -> Iterator[Reason]:
    """Defaults and deprecations. A changed default keeps every input valid but acts for those who leave it out,
    so it is a feature of inputs; of outputs nobody reads it. Deprecating is a feature (semver.org, 7)."""
    for note in changed_notes(old, new, base):
        is_feature = base == INPUTS if note.word == "default" else note.now == "true"
        message = f"{note.word}: {note.before} before, {note.now} now"
        yield Reason("feature" if is_feature else "fix", note.pointer, message)
