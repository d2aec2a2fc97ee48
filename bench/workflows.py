"""One generated workflow as the text of a file: made of a number alone, the same in every run."""

import json
from functools import cache
from random import Random
from typing import NamedTuple

from .vocabulary import ACTIONS, COMMON, FIELDS, NOUNS, OUTPUTS, STEPS, TAGS, VERBS, Draw, rare_words

PACK_SIZE = 50
# Files are between 1 and 8 KB: what is too short gets a comment, what is long enough no further task.
_SHORT, _LONG = 1_024, 6_000
_TAGS, _ACTIONS, _COMMON = Draw(TAGS, 1.5), Draw(ACTIONS, 3), Draw(COMMON, 4)
_RARE = rare_words()
_TYPES = {
    "string": ("{{type: string, minLength: {0}}}", "type: string\n      description: {1}"),
    "integer": ("{{type: integer, minimum: {0}, maximum: {2}}}", "type: integer\n      default: {0}"),
    "boolean": ("{{type: boolean}}", "type: boolean\n      default: false"),
    "choice": (
        "{{type: string, enum: [{1}, {3}, none_of_{0}]}}",
        "enum:\n        - {1}\n        - {3}\n        - n{0}",
    ),
}
_COMMENTS = (
    "# {0} is slow on Mondays: see the runbook of {1}.",
    "# Agreed with the {1} team; ask them before this goes below {2}.",
    "# {0} was {2} until the incident of {1}.",
)
# What people write in templates, and how often: paths above all, then filters, conditions and loops last.
_MESSAGES = {
    "{noun} {{{{ {param} }}}}: {rare} {common}": 30,
    "{{{{ {output} }}}} {common} {rare}": 25,
    "{rare} {common} {noun}": 25,
    "{rare} {{{{ {param} | default('{noun}') }}}} {common} {{{{ {output} }}}}": 6,
    "{common} {{{{ {param} | upper }}}}, {{{{ {output} | tojson }}}}": 6,
    "{{{{ {param} if {param} else '{rare}' }}}}/{noun}/{{{{ {output} }}}}": 4,
    "{{% if {param} %}}{rare} {common}{{% else %}}{noun} {common}{{% endif %}}": 2,
    "{{% for item in {output} %}}{{{{ item.name }}}} {rare}; {{% endfor %}}{common}": 2,
}


class Identity(NamedTuple):
    """What others may say of a workflow without having its text: the ref, whether it runs, its parameters."""

    pack: str
    name: str
    enabled: bool
    params: tuple[tuple[str, str], ...]
    required: tuple[str, ...]

    @property
    def ref(self) -> str:
        """`<pack>.<name>`."""
        return f"{self.pack}.{self.name}"

    @property
    def path(self) -> str:
        """Where its file is, from the root of the repository."""
        return f"packs/{self.pack}/workflows/{self.name}.yaml"


def pack_name(number: int) -> str:
    """The ref of a pack; packs that are neighbours by number are none by name."""
    noun, rare = NOUNS[number % len(NOUNS)], _RARE[number * 7919 % len(_RARE)]
    return f"{noun}_{rare}_{number}"


@cache
def identity(number: int) -> Identity:
    """Who the workflow of a number is."""
    dice = Random(f"identity {number}")
    verb, noun = dice.choice(VERBS).lower().replace("-", "_"), dice.choice(NOUNS)
    names = dice.sample(FIELDS, dice.randint(1, 6))
    params = tuple((name, dice.choice(list(_TYPES))) for name in names)
    required = tuple(name for name in names if dice.random() < 0.4)
    return Identity(pack_name(number // PACK_SIZE), f"{verb}_{noun}_{number}", dice.random() < 0.92, params, required)


def workflow_text(number: int, edition: int = 0) -> str:
    """The file; an `edition` other than 0 is what somebody made of it later."""
    return _Writing(number, edition).text()


def pack_text(number: int) -> str:
    """The pack's `pack.yaml`."""
    dice = Random(f"pack {number}")
    tags = ", ".join(_TAGS.different(dice, 3))
    label = f"{dice.choice(NOUNS).capitalize()} {_RARE[number * 7919 % len(_RARE)]}"
    return f"label: {label}\ndescription: {_sentence(dice, 8)}\nversion: 1.{number % 30}.0\ntags: [{tags}]\n"


def _sentence(dice: Random, words: int) -> str:
    said = _COMMON.some(dice, words)
    if dice.random() < 0.5:
        said.insert(dice.randrange(len(said)), dice.choice(_RARE))
    said.insert(dice.randrange(len(said)), dice.choice(NOUNS))
    return " ".join(said).capitalize()


class _Writing:
    """One file while it is being written."""

    def __init__(self, number: int, edition: int) -> None:
        self._who = identity(number)
        self._number = number
        self._edition = edition
        self._dice = Random(f"text {number}")
        count = min(3 + int(self._dice.expovariate(1 / 4)), 25)
        self._tasks = [f"{self._dice.choice(STEPS)}_{at}" for at in range(count)]
        self._is_sequence = self._dice.random() < 0.25
        # Some parameter is forgotten in one file of twenty; that gets it an advice.
        self._unused = {name for name, _ in self._who.params} if self._dice.random() < 0.95 else set()

    def text(self) -> str:
        """All of it."""
        parts = [self._head(), self._params(), self._out(), self._definition()]
        text = "\n".join(part for part in parts if part)
        missing = _SHORT - len(text)
        return text if missing <= 0 else f"{text}\n# {_sentence(self._dice, missing // 5 + 1)}.\n"

    def _head(self) -> str:
        dice, who = self._dice, self._who
        label = f"{dice.choice(VERBS)} {dice.choice(NOUNS)} {dice.choice(_RARE).capitalize()}"
        tags = _TAGS.different(dice, dice.randint(1, 5))
        lines = [f"# {_sentence(dice, 6)}.\n"] if dice.random() < 0.5 else []
        lines.append(f"label: {label}\n" if dice.random() < 0.6 else f'label: "{label}"\n')
        description = _sentence(dice, dice.randint(4, 22))
        lines.append(f"description: {description}\n" if dice.random() < 0.7 else f"description: >-\n  {description}\n")
        lines.append(f"version: {dice.randint(0, 4)}.{dice.randint(0, 20)}.{self._edition}\n")
        flow = dice.random() < 0.7
        lines.append(f"tags: [{', '.join(tags)}]\n" if flow else "tags:\n" + "".join(f"  - {tag}\n" for tag in tags))
        if not who.enabled or dice.random() < 0.3:
            lines.append(f"enabled: {str(who.enabled).lower()}\n")
        return "".join(lines)

    def _params(self) -> str:
        who = self._who
        lines = ["param_schema:\n  type: object\n  properties:\n"]
        for name, kind in who.params:
            short, long = _TYPES[kind]
            values = (self._dice.randint(1, 9), self._dice.choice(_RARE), 1000, self._dice.choice(NOUNS))
            is_short = self._dice.random() < 0.6
            template = short if is_short else long
            lines.append(f"    {name}:{' ' if is_short else chr(10) + '      '}{template.format(*values)}\n")
        if who.required:
            lines.append(f"  required: [{', '.join(who.required)}]\n")
        return "".join(lines)

    def _out(self) -> str:
        dice = self._dice
        if dice.random() < 0.4:
            return ""
        names = dice.sample(OUTPUTS, dice.randint(1, 4))
        rows = "".join(f"    {name}: {{type: {dice.choice(['string', 'integer', 'boolean'])}}}\n" for name in names)
        return f"out_schema:\n  type: object\n  properties:\n{rows}"

    def _definition(self) -> str:
        dice = self._dice
        lines = ["definition:\n"]
        if dice.random() < 0.4:
            lines.append(f"  variables:\n    {dice.choice(_RARE)}_limit: {dice.randint(1, 900)}\n")
        lines.append("  tasks:\n")
        for at in range(len(self._tasks)):
            if sum(map(len, lines)) > _LONG or at == len(self._tasks) - 1:
                del self._tasks[at + 1 :]
                lines.append(self._task(at))
                break
            lines.append(self._task(at))
        if not self._is_sequence:
            lines.append(self._last_resort())
        return "".join(lines)

    def _task(self, at: int) -> str:
        dice, name = self._dice, self._tasks[at]
        lines = [f"    {self._comment()}\n"] if dice.random() < 0.15 else []
        lines.append(f"    - name: {name}\n")
        is_last = at + 1 == len(self._tasks)
        lines.append(self._call() if dice.random() < 0.02 and self._number and not is_last else self._action(at))
        lines.append(self._rest() if is_last else "")
        if dice.random() < 0.3:
            lines.append(f"      retry: {{count: {dice.randint(1, 5)}, delay: {dice.randint(1, 120)}}}\n")
        lines.append(f"      timeout: {dice.randint(1, 120) * 30}\n")
        if not self._is_sequence:
            if not is_last:
                lines.append(f"      on_success: {self._tasks[at + 1]}\n")
            lines.append("      on_failure: tell_owner\n")
        return "".join(lines)

    def _action(self, at: int) -> str:
        (action,) = _ACTIONS.some(self._dice, 1)
        fields = self._dice.sample(FIELDS, self._dice.randint(1, 5))
        values = "".join(f"        {field}: {self._value(at)}\n" for field in fields)
        return f"      action: {action}\n      input:\n{values}"

    def _call(self) -> str:
        """A task that runs another workflow: an earlier one, so that nobody calls in a circle."""
        callee = identity(self._dice.randrange(self._number))
        if not callee.enabled:
            return "      action: core.wait\n      input: {seconds: 5}\n"
        given = "".join(f'        {name}: "{{{{ {self._param()} }}}}"\n' for name in callee.required)
        return f"      action: {callee.ref}\n" + (f"      input:\n{given}" if given else "")

    def _value(self, at: int) -> str:
        dice = self._dice
        kind = dice.random()
        if kind < 0.2:
            return str(dice.randint(0, 10_000))
        if kind < 0.3:
            return f"[{dice.choice(_RARE)}, {dice.choice(NOUNS)}]"
        if kind < 0.4:
            return f'{{{dice.choice(FIELDS)}: "{{{{ {self._output(at)} }}}}", kind: {dice.choice(_RARE)}}}'
        (shape,) = dice.choices(list(_MESSAGES), list(_MESSAGES.values()))
        text = shape.format(
            noun=dice.choice(NOUNS),
            rare=dice.choice(_RARE),
            common=" ".join(_COMMON.some(dice, dice.randint(1, 7))),
            param=self._param() if "{param}" in shape else "",
            output=self._output(at) if "{output}" in shape else "",
        )
        return f"|-\n          {text}" if kind > 0.9 else json.dumps(text)

    def _rest(self) -> str:
        """Inputs of the last task, from the parameters that nothing has read so far."""
        return "".join(f'        with_{name}: "{{{{ workflow.param.{name} }}}}"\n' for name in sorted(self._unused))

    def _param(self) -> str:
        name, _ = self._dice.choice(self._who.params)
        self._unused.discard(name)
        return f"workflow.param.{name}"

    def _output(self, at: int) -> str:
        if not at:
            return self._param()
        earlier = self._tasks[self._dice.randrange(at)]
        return f"{earlier}.output.{self._dice.choice(OUTPUTS)}"

    def _comment(self) -> str:
        dice = self._dice
        values = (dice.choice(NOUNS).capitalize(), dice.choice(_RARE), dice.randint(2, 90))
        return dice.choice(_COMMENTS).format(*values)

    def _last_resort(self) -> str:
        return (
            "    - name: tell_owner\n"
            "      action: slack.post_message\n"
            "      input:\n"
            f'        channel: "#{self._dice.choice(_RARE)}"\n'
            f'        message: "{_sentence(self._dice, 5)}: {{{{ error.message }}}}"\n'
            "      timeout: 30\n"
        )
