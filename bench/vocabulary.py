"""Words that generated workflows are written in: a few everywhere, most hardly anywhere."""

from itertools import accumulate
from pathlib import Path
from random import Random

import yaml

_LISTS = {
    name: text.split() for name, text in yaml.safe_load((Path(__file__).parent / "words.yaml").read_text()).items()
}
TAGS = _LISTS["tags"]
ACTIONS = _LISTS["actions"]
VERBS = _LISTS["verbs"]
NOUNS = _LISTS["nouns"]
COMMON = _LISTS["common"]
FIELDS = _LISTS["fields"]
OUTPUTS = _LISTS["outputs"]
STEPS = _LISTS["steps"]
LETTERS = _LISTS["letters"]
_RARE_COUNT = 6_000


def rare_words() -> list[str]:
    """Made-up names, each of which a hundred thousand workflows have some dozens of times at most."""
    dice = Random("rare words")
    found: dict[str, None] = {}
    while len(found) < _RARE_COUNT:
        syllables = ("".join(dice.choice(_LISTS[part]) for part in ("onsets", "nuclei", "codas")) for _ in range(2))
        found["".join(syllables)] = None
    return list(found)


class Draw:
    """Draws words so that the n-th of a list comes about 1/n as often as its first."""

    def __init__(self, words: list[str], flatness: float = 1.0) -> None:
        self._words = words
        self._weights = list(accumulate(1 / (rank + flatness) for rank in range(len(words))))

    def some(self, dice: Random, count: int) -> list[str]:
        """That many words, the same one perhaps more than once."""
        return dice.choices(self._words, cum_weights=self._weights, k=count)

    def different(self, dice: Random, count: int) -> list[str]:
        """At most that many words, each once."""
        return list(dict.fromkeys(self.some(dice, count)))
