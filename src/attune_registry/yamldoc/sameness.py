"""When two values are the same to JSON: 1, 1.0 and true are three."""

from typing import Any


def same(left: Any, right: Any) -> bool:
    """True for equal values of equal types, all the way down; the order of keys does not matter."""
    if left is right:
        return True
    if left.__class__ is not right.__class__:
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(map(same, left.values(), map(right.__getitem__, left)))
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)
