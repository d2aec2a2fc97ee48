"""Which known name somebody meant."""

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 60
# How many names are looked at for the words of one file; each takes 10 to 50 us.
_MOST_NAMES = 40_000


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The name in `known` that `word` is a slip of, None when it is none of them."""
    return _nearest(word, tuple(sorted(known)))


def slipped(word: str, known: Iterable[str]) -> str | None:
    """The name in `known` that is but one slip of the finger away: a letter more, less or other, or two exchanged."""
    return _slipped(word, tuple(sorted(known)))


@lru_cache(maxsize=4096)
def _slipped(word: str, known: tuple[str, ...]) -> str | None:
    plain = _plain(word)
    return next((name for name in known if name != word and _is_one_slip(plain, name)), None)


def _is_one_slip(word: str, name: str) -> bool:
    if abs(len(word) - len(name)) > 1:
        return False
    start = _shared(word, name)
    end = _shared(word[start:][::-1], name[start:][::-1])
    said, meant = word[start : len(word) - end], name[start : len(name) - end]
    return max(len(said), len(meant)) < 2 or (len(meant) == 2 and said == meant[::-1])


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint, or "" where no name is near."""
    guess = nearest(word, known)
    return f"did you mean {guess}?" if guess else ""


class Guesses:
    """The hints for one file: as many as there are, where thousands of wrong words meet thousands of names some."""

    def __init__(self) -> None:
        self._left = _MOST_NAMES

    def did_you_mean(self, word: str, *known: Collection[str], but: str | None = None) -> str:
        """A hint with one of the known names, but for one of them; "" where none is near, or all is spent."""
        if not self._covers(sum(map(len, known))):
            return ""
        return did_you_mean(word, {name for names in known for name in names if name != but})

    def nearest(self, word: str, known: Collection[str]) -> str | None:
        """As the function of this name says; None where all is spent."""
        return nearest(word, known) if self._covers(len(known)) else None

    def slipped(self, word: str, known: Collection[str]) -> str | None:
        """As the function of this name says; None where all is spent."""
        return slipped(word, known) if self._covers(len(known)) else None

    def _covers(self, count: int) -> bool:
        if count > self._left:
            return False
        self._left -= count
        return True


@lru_cache(maxsize=4096)
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    if word in known or len(word) > _LONGEST:
        return None
    plain = _plain(word)
    names = {_plain(name): name for name in reversed(known)}
    if plain in names:
        return names[plain]
    close = difflib.get_close_matches(plain, names, n=1, cutoff=0.75 if len(plain) < 6 else 0.8)
    return names[close[0]] if close else None


def _plain(name: str) -> str:
    return _HUMP.sub("_", name).lower().replace("-", "_").replace(" ", "_")


def in_snake_case(name: str) -> str:
    """The name as it would be written in snake_case."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    humps = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", bare)
    return re.sub(r"[^a-z0-9]+", "_", humps.lower()).strip("_") or "name"
