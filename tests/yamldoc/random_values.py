"""Random values, among them all that YAML makes difficult."""

import copy
import random
from typing import Any

TEXTS = [
    *("", " ", "yes", "on", "012", "1:30", "null", "~", "1.10", "2024-01-01", "0x10", "x y", "a: b", "a #b", "- x"),
    *(
        "{{ workflow.param.x }}",
        "a\nb",
        "a\nb\n",
        "one\n\ntwo\n",
        "x\n\n",
        "  lead\nb\n",
        "tab\tin",
        "it's",
        'say "hi"',
    ),
    *(
        "back\\slash",
        "ünïcode",
        "\U0001f600",
        "a,b",
        "[x]",
        "http://x.y/z?q=1",
        "#c",
        "trail \nx",
        "\nfirst",
        "k:",
        "-",
    ),
    *(
        "a long text that goes on and on so that folding it makes some sense to those who read it later",
        "one two three",
    ),
    *(
        "first line of it\nsecond line that is quite a bit longer than the first one was\nthird\n",
        "&a",
        "*a",
        "<<",
        "=",
    ),
]
KEYS = ["name", "action", "input", "timeout", "on", "x", "a b", "k.1", "yes", "012", "label", "tags", "enabled", "z-9"]
NUMBERS = [0, 1, -1, 16, 3600, 2**40, 1.5, -0.25, 1e22, 0.1]


class Making:
    """Makes values: the same seed makes the same ones."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self._fresh = 0

    def fresh(self) -> str:
        """A text that stands nowhere else."""
        self._fresh += 1
        return f"fresh{self._fresh}"

    def scalar(self) -> Any:
        pick = self.dice.random()
        if pick < 0.6:
            return self.dice.choice(TEXTS)
        return self.dice.choice([None, True, False, *NUMBERS]) if pick < 0.9 else self.fresh()

    def value(self, size: int) -> Any:
        pick = self.dice.random()
        if size <= 0 or pick < 0.4:
            return self.scalar()
        if pick < 0.75:
            return self.mapping(size)
        return self.tasks(size) if pick < 0.88 else self.listing(size)

    def mapping(self, size: int) -> dict[str, Any]:
        keys = self.dice.sample(KEYS, self.dice.randint(0, 4))
        return {key: self.value(size - 1) for key in keys}

    def listing(self, size: int) -> list[Any]:
        return [self.value(size - 1) for _ in range(self.dice.randint(0, 4))]

    def tasks(self, size: int) -> list[Any]:
        return [{"name": self.fresh(), **self.task(size)} for _ in range(self.dice.randint(1, 4))]

    def task(self, size: int) -> dict[str, Any]:
        return {key: value for key, value in self.mapping(size).items() if key != "name"}

    def document(self, size: int) -> dict[str, Any]:
        made = {key: self.value(size) for key in self.dice.sample(KEYS, self.dice.randint(1, 5))}
        for key in list(made):
            if self.dice.random() < 0.3:
                made[f"again {key}"] = copy.deepcopy(made[key])
            if self.dice.random() < 0.3 and isinstance(made[key], dict):
                made[f"more {key}"] = {**copy.deepcopy(made[key]), "more": self.scalar()}
        return made
