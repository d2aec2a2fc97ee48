"""The strings that a regular expression matches, as a value: built, tested for the empty string, derived."""

from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

Ranges = tuple[tuple[int, int], ...]
LAST = 0x10FFFF
# These stand for all digits, letters and spaces beyond ASCII: engines disagree whether `\d`, `\w`, `\s` have them.
OTHER_DIGIT, OTHER_WORD, OTHER_SPACE = LAST + 1, LAST + 2, LAST + 3
END = LAST + 4
MOST_OPTIONS = 32


class Intricate(Exception):
    """A language that would take too long: `(a{1,100}){1,100}` has as many beginnings as it has pairs."""


class Chars(NamedTuple):
    """One character out of these ranges; none at all when there are no ranges."""

    ranges: Ranges
    kind: Literal["chars"] = "chars"


class Chain(NamedTuple):
    """One after the other; the empty string when there are no parts."""

    parts: tuple["Language", ...]
    kind: Literal["chain"] = "chain"


class Choice(NamedTuple):
    """Any of these."""

    options: frozenset["Language"]
    kind: Literal["choice"] = "choice"


class Repeat(NamedTuple):
    """The same, at least `low` times and at most `high` (None for no limit)."""

    inner: "Language"
    low: int
    high: int | None
    kind: Literal["repeat"] = "repeat"


Language: TypeAlias = Chars | Chain | Choice | Repeat
NOTHING = Chars(())
EMPTY = Chain(())
ANY = Chars(((0, END - 1),))


def chain(*parts: Language) -> Language:
    """Parts in a row, in the one form that equal rows have."""
    flat: list[Language] = []
    for part in parts:
        if part == NOTHING:
            return NOTHING
        flat += part.parts if isinstance(part, Chain) else [part]
    return flat[0] if len(flat) == 1 else Chain(tuple(flat))


def choice(*options: Language) -> Language:
    """Options, without order and repeats."""
    flat: set[Language] = set()
    for option in options:
        flat |= option.options if isinstance(option, Choice) else {option}
    flat.discard(NOTHING)
    if not flat:
        return NOTHING
    if len(flat) > MOST_OPTIONS:
        raise Intricate
    return flat.pop() if len(flat) == 1 else Choice(frozenset(flat))


def repeat(inner: Language, low: int, high: int | None) -> Language:
    """A language some number of times."""
    if high == 0 or inner == EMPTY:
        return EMPTY
    return inner if (low, high) == (1, 1) else Repeat(inner, low, high)


@lru_cache(maxsize=4096)
def has_empty(language: Language) -> bool:
    """Is the empty string in it?"""
    if isinstance(language, Chars):
        return False
    if isinstance(language, Chain):
        return all(has_empty(part) for part in language.parts)
    if isinstance(language, Choice):
        return any(has_empty(option) for option in language.options)
    return language.low == 0 or has_empty(language.inner)


@lru_cache(maxsize=4096)
def after(language: Language, char: int) -> Language:
    """What may follow a first character (the derivative, J. A. Brzozowski 1964)."""
    if isinstance(language, Chars):
        return EMPTY if any(low <= char <= high for low, high in language.ranges) else NOTHING
    if isinstance(language, Choice):
        return choice(*(after(option, char) for option in language.options))
    if isinstance(language, Repeat):
        high = None if language.high is None else language.high - 1
        return chain(after(language.inner, char), repeat(language.inner, max(language.low - 1, 0), high))
    found: list[Language] = []
    for index, part in enumerate(language.parts):
        found.append(chain(after(part, char), *language.parts[index + 1 :]))
        if not has_empty(part):
            break
    return choice(*found)


def starts(language: Language) -> set[int]:
    """The first characters of all ranges in it, and those just behind: within two neighbours all are alike."""
    if isinstance(language, Chars):
        return {point for low, high in language.ranges for point in (low, high + 1)}
    if isinstance(language, Repeat):
        return starts(language.inner)
    inner = language.parts if isinstance(language, Chain) else language.options
    return {point for each in inner for point in starts(each)}
