"""Regular expressions: does everything that one matches match the other?"""

from functools import lru_cache

from attune_registry.compat.expressions import Unreadable, read
from attune_registry.compat.languages import NOTHING, Intricate, Language, after, has_empty, starts

MOST_STEPS = 4000


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
    try:
        return _walk(read(narrow, unicode=unicode), read(wide, unicode=unicode))
    except (Unreadable, Intricate, RecursionError):
        return None


def _walk(narrow: Language, wide: Language) -> bool:
    """Step through both at once, as far as strings that tell them apart can lie."""
    points = {0} | starts(narrow) | starts(wide)
    seen = {(narrow, wide)}
    todo = [(narrow, wide)]
    while todo:
        left, right = todo.pop()
        if has_empty(left) and not has_empty(right):
            return False
        if len(seen) * len(points) > MOST_STEPS:
            raise Intricate
        for point in points:
            step = (after(left, point), after(right, point))
            if step[0] != NOTHING and step not in seen:
                seen.add(step)
                todo.append(step)
    return True
