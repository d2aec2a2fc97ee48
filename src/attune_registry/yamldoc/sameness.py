"""When two values are the same to JSON: 1, 1.0 and true are three."""

from typing import Any

from attune_registry.yamldoc.in_order import InOrder


def same(left: Any, right: Any) -> bool:
    """True for equal values of equal types, all the way down; the order of keys matters to InOrder alone."""
    if left is right:
        return True
    if left.__class__ is not right.__class__:
        return _same_in_order(left, right)
    if isinstance(left, dict):
        is_ordered = left.__class__ is not InOrder or list(left) == list(right)
        return (
            is_ordered and left.keys() == right.keys() and all(map(same, left.values(), map(right.__getitem__, left)))
        )
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def _same_in_order(left: Any, right: Any) -> bool:
    """True for a mapping in order and another one which has that order; all else is of two types."""
    if InOrder not in (left.__class__, right.__class__) or not (isinstance(left, dict) and isinstance(right, dict)):
        return False
    return list(left) == list(right) and all(map(same, left.values(), right.values()))
