"""Which known name somebody meant."""

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 60


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The name in `known` that `word` is a slip of, None when it is none of them."""
    return _nearest(word, tuple(sorted(known)))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint, or "" where no name is near."""
    guess = nearest(word, known)
    return f"did you mean {guess}?" if guess else ""


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
    humps = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", humps.lower()).strip("_") or "name"
