"""Regular expressions: does everything that one matches match the other?"""

# With search semantics these match any string whatever, so they ask nothing.
UNIVERSAL = frozenset(("", "^", "$", ".*", "^.*", "(.*)", "[\\s\\S]*", "^[\\s\\S]*$"))


def matches_all(pattern: str) -> bool:
    """True only when every string matches."""
    return pattern in UNIVERSAL


def is_within(narrow: str, wide: str) -> bool | None:
    """Does every string that matches `narrow` match `wide`? None when there is no telling."""
    return True if narrow == wide or matches_all(wide) else None
