"""Regular expressions: does everything that one matches match the other?"""

from functools import lru_cache

from attune_registry.compat.expressions import Unreadable, read
from attune_registry.compat.languages import NOTHING, after, has_empty, starts

MOST_STATES = 400
MOST_STARTS = 80


@lru_cache(maxsize=512)
def is_within(narrow: str, wide: str) -> bool | None:
    """Does every string that matches `narrow` match `wide`? None when there is no telling.

    Engines read `\\d`, `\\w`, `\\s` and `.` in two ways; an answer is one that holds for both.
    """
    if narrow == wide:
        return True
    answers = {_is_within(narrow, wide, unicode) for unicode in (False, True)}
    return answers.pop() if len(answers) == 1 else None


def matches_all(pattern: str) -> bool:
    """True only when every string matches."""
    return is_within("", pattern) is True


def _is_within(narrow: str, wide: str, unicode: bool) -> bool | None:
    """Step through both at once, as far as strings that tell them apart can lie."""
    try:
        start = (read(narrow, unicode=unicode), read(wide, unicode=unicode))
    except (Unreadable, RecursionError):
        return None
    points = {0} | starts(start[0]) | starts(start[1])
    if len(points) > MOST_STARTS:
        return None
    seen = {start}
    todo = [start]
    while todo:
        left, right = todo.pop()
        if has_empty(left) and not has_empty(right):
            return False
        for point in points:
            step = (after(left, point), after(right, point))
            if step[0] != NOTHING and step not in seen:
                seen.add(step)
                todo.append(step)
        if len(seen) > MOST_STATES:
            return None
    return True
