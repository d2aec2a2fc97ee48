"""Random documents in random styles, and random edits of them: what the searches of the YAML tests are made of."""

import copy
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings

from attune_registry.yamldoc.sameness import same
from attune_registry.yamldoc.scalars import read_plain
from attune_registry.yamldoc.spelling import double_quoted, is_plain, is_printable, single_quoted

# HYPOTHESIS_PROFILE=thorough makes the searches long.
_IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
searched = settings(
    max_examples=20_000 if _IS_THOROUGH else 200, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

Path = tuple[str | int, ...]

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


@dataclass
class Owner:
    """A place that a line belongs to. `whole`: also what happens inside the place touches the line; `only_if_gone`:
    the line is a comment, which a new value of the place leaves alone."""

    path: Path
    whole: bool = False
    only_if_gone: bool = False


@dataclass
class Line:
    """A line as rendered, and the places it belongs to."""

    text: str
    owners: list[Owner]


@dataclass
class Change:
    """A place whose value was replaced, or which is gone."""

    path: Path
    gone: bool


def is_touched(line: Line, changes: list[Change]) -> bool:
    return any(_touches(change, owner) for change in changes for owner in line.owners)


def _touches(change: Change, owner: Owner) -> bool:
    if owner.only_if_gone and change.path == owner.path:
        return change.gone
    inside = owner.path[: len(change.path)] == change.path
    return inside or (owner.whole and change.path[: len(owner.path)] == owner.path)


@dataclass
class Rendering:
    """Writes a document in a style of its own."""

    dice: random.Random
    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.step = self.dice.choice([2, 2, 2, 3, 4])
        self.dash = self.dice.choice([0, 2, self.step])
        self.flows = self.dice.choice([0.0, 0.2, 0.6])
        self.comments = self.dice.choice([0.0, 0.1, 0.4])
        self.blanks = self.dice.choice([0.0, 0.1, 0.5])
        self.anchors = self.dice.choice([0.0, 0.3])
        self.anchored: dict[str, tuple[Path, Any]] = {}
        self.count = 0
        self.keeps = False
        self.block_end = -1

    def rendered(self, data: dict[str, Any]) -> bytes:
        """The bytes; `lines` has them with their owners."""
        if self.dice.random() < 0.3:
            self.lines.append(Line("# at the top", []))
        if self.dice.random() < 0.2:
            self.lines.append(Line("---", []))
        if not data:
            self.lines.append(Line("{}", [Owner((), whole=True)]))
        self.mapping((), data, 0, None)
        if self.dice.random() < 0.3:
            self.blank()
            self.lines.append(Line("# at the end", []))
        newline = self.dice.choice(["\n", "\n", "\r\n"])
        ends = self.dice.random() < 0.8 or not self.lines[-1].text.strip() or len(self.lines) == self.block_end
        text = newline.join(line.text for line in self.lines) + (newline if ends else "")
        return (b"\xef\xbb\xbf" if self.dice.random() < 0.1 else b"") + text.encode()

    def chance(self, of: float) -> bool:
        return self.dice.random() < of

    def above(self, owners: list[Owner], column: int) -> None:
        """Blank lines and comments before an entry."""
        self.blank()
        if self.chance(self.comments):
            self.count += 1
            self.lines.append(Line(" " * column + f"# above {self.count}", owners))

    def blank(self) -> None:
        """Perhaps a blank line; never where it would belong to a text that keeps its line ends."""
        if self.chance(self.blanks) and not self.keeps:
            self.lines.append(Line("", []))
        self.keeps = False

    def trailing(self) -> str:
        self.count += 1
        return f"{self.dice.choice([' ', '  '])}# beside {self.count}" if self.chance(self.comments) else ""

    def mapping(self, path: Path, data: dict[str, Any], column: int, lead: Line | None) -> None:
        """The pairs, the first of them behind `lead` when there is one (a dash)."""
        source = self.merged(data)
        rest, moved_up = dict(data), list[Owner]()
        if source:
            name, (origin, inherited) = source
            rest = {
                key: value for key, value in data.items() if key not in inherited or not same(value, inherited[key])
            }
            owners = [Owner(path, whole=True), Owner(origin, whole=True)]
            if not lead:
                self.above(owners, column)
            self.put(f"<<: *{name}", owners, column, lead)
            moved_up = owners if lead else []
            lead = None
        for key, value in rest.items():
            here = (*path, key)
            if lead is None:
                self.above([Owner(here, only_if_gone=True), *moved_up], column)
            start = self.put(self.key(key) + ":", [Owner(here), *moved_up], column, lead)
            lead, moved_up = None, []
            self.value(here, value, column, start, below_dash=False)

    def put(self, text: str, owners: list[Owner], column: int, lead: Line | None) -> Line:
        """Writes behind `lead`, or on a line of its own."""
        if lead is None:
            lead = Line(" " * column + text, owners)
            self.lines.append(lead)
        else:
            lead.text += " " * (column - len(lead.text)) + text
            lead.owners += owners
        return lead

    def merged(self, data: dict[str, Any]) -> tuple[str, tuple[Path, dict[str, Any]]] | None:
        for name, (origin, value) in self.anchored.items():
            if isinstance(value, dict) and value and value.keys() < data.keys() and self.chance(0.5):
                return name, (origin, value)
        return None

    def key(self, key: str) -> str:
        styles = [double_quoted(key), single_quoted(key)]
        reading = read_plain(key)
        if (isinstance(reading.value, str) and key[:1] not in "-=<") or is_plain(key):
            styles += [key] * 6
        return self.dice.choice(styles)

    def value(self, path: Path, value: Any, column: int, lead: Line, below_dash: bool) -> None:
        """A value behind its colon or dash."""
        for name, (origin, known) in self.anchored.items():
            if same(known, value) and self.chance(0.7):
                lead.text += f" *{name}" + self.trailing()
                lead.owners += [Owner(path, whole=True), Owner(origin, whole=True)]
                return
        anchor = ""
        if self.chance(self.anchors):
            self.count += 1
            anchor = f"a{self.count}"
        if anchor:
            lead.text += f" &{anchor}"
        if isinstance(value, (dict, list)):
            self.collection(path, value, column, lead, below_dash and not anchor)
        else:
            self.scalar(path, value, column, lead)
        if anchor:
            self.anchored[anchor] = (path, value)

    def collection(self, path: Path, value: Any, column: int, lead: Line, is_compact: bool) -> None:
        if not value or self.chance(self.flows):
            lead.owners.append(Owner(path, whole=True))
            lead.text += " "
            self.flow(path, value, column, lead)
            return
        if is_compact and self.chance(0.8):
            wide = column + self.dice.choice([2, 2, 2, 4])
            write = self.mapping if isinstance(value, dict) else self.listing
            write(path, value, wide, lead)
            return
        lead.text += self.trailing()
        if isinstance(value, dict):
            self.mapping(path, value, column + self.step, None)
        else:
            dash = self.dash if not lead.text.lstrip().startswith("-") else max(self.dash, 2)
            self.listing(path, value, column + dash, None)

    def listing(self, path: Path, value: list[Any], column: int, lead: Line | None) -> None:
        for at, item in enumerate(value):
            here = (*path, at)
            if lead is None:
                self.above([Owner(here, only_if_gone=True)], column)
            start = self.put("-", [Owner(here)], column, lead)
            lead = None
            self.value(here, item, column, start, below_dash=True)

    def flow(self, path: Path, value: Any, column: int, lead: Line) -> None:
        """In brackets, on one line or on several."""
        parts = list(self.flow_parts(value))
        left, right = "{}" if isinstance(value, dict) else "[]"
        if parts and self.chance(0.3):
            lead.text += left + self.trailing()
            for part in parts:
                self.lines.append(Line(" " * (column + 4) + part + "," + self.trailing(), [Owner(path, whole=True)]))
            self.lines.append(Line(" " * (column + 2) + right + self.trailing(), [Owner(path, whole=True)]))
            return
        lead.text += left + ", ".join(parts) + right + self.trailing()

    def flow_parts(self, value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for key, part in value.items():
                yield f"{self.flow_text(key)}: {self.flow_text(part)}"
        else:
            for part in value:
                yield self.flow_text(part)

    def flow_text(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(self.flow_parts(value)) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self.flow_parts(value)) + "]"
        if isinstance(value, str):
            styles = [double_quoted(value)]
            styles += [single_quoted(value)] if is_printable(value) else []
            styles += [value] * 4 if is_plain(value, flow=True) else []
            return self.dice.choice(styles)
        return self.plain(value)

    def plain(self, value: Any) -> str:
        if value is None:
            return self.dice.choice(["null", "~", "Null"])
        if isinstance(value, bool):
            return self.dice.choice([str(value), str(value).lower()])
        if isinstance(value, int) and value >= 0:
            return self.dice.choice([str(value), str(value), hex(value), f"0o{value:o}", f"+{value}"])
        return repr(value)

    def scalar(self, path: Path, value: Any, column: int, lead: Line) -> None:
        lead.owners.append(Owner(path, whole=True))
        if not isinstance(value, str):
            if value is None and self.chance(0.3):
                lead.text += self.trailing()
                return
            lead.text += " " + self.plain(value) + self.trailing()
            return
        if "\n" in value and self.block(path, value, column, lead):
            return
        if self.folded(path, value, column, lead):
            return
        lead.text += self.dice.choice([" ", " ", "  "]) + self.quoted(value) + self.trailing()

    def quoted(self, value: str) -> str:
        styles = [double_quoted(value)]
        styles += [single_quoted(value)] if is_printable(value) else []
        reading = read_plain(value)
        is_odd = reading.rule == "yaml-surprise" and isinstance(reading.value, str) and value[:1] not in "=<"
        styles += [value] * 4 if is_plain(value) or is_odd else []
        return self.dice.choice(styles)

    def block(self, path: Path, value: str, column: int, lead: Line) -> bool:
        """A literal block scalar."""
        if not value.strip() or value[:1] in " \n\t" or self.chance(0.2):
            return False
        ends = len(value) - len(value.rstrip("\n"))
        chomp = "-" if not ends else "" if ends == 1 and self.chance(0.8) else "+"
        pad = column + self.dice.choice([1, 2, 4])
        digit = str(pad - column) if self.chance(0.1) else ""
        lead.text += f" |{digit}{chomp}" + self.trailing()
        for row in value.split("\n")[: -1 if ends else None]:
            self.lines.append(Line(" " * pad + row if row else "", [Owner(path, whole=True)]))
        self.keeps = chomp == "+"
        self.block_end = len(self.lines)
        return True

    def folded(self, path: Path, value: str, column: int, lead: Line) -> bool:
        """A folded scalar: in a block, plain or quoted, over some lines."""
        words = value.split(" ")
        is_simple = len(words) > 2 and all(words) and value.replace(" ", "").isalnum()
        if not is_simple or self.chance(0.4):
            return False
        pad = " " * (column + 2)
        rows = [" ".join(words[at : at + 4]) for at in range(0, len(words), 4)]
        start, end = self.dice.choice([(">-", ""), ("'", "'"), ('"', '"'), ("", "")])
        owner = Owner(path, whole=True)
        if start == ">-":
            lead.text += " >-" + self.trailing()
            self.lines += [Line(pad + row, [owner]) for row in rows]
            return True
        lead.text += f" {start}{rows[0]}"
        self.lines += [Line(pad + row, [owner]) for row in rows[1:]]
        self.lines[-1].text += end
        return True


@dataclass
class Editing:
    """Changes a document here and there, and notes where."""

    making: Making
    rate: float
    changes: list[Change] = field(default_factory=list)

    def chance(self, of: float) -> bool:
        return self.making.dice.random() < of

    def edited(self, path: Path, value: Any) -> Any:
        if path and self.chance(self.rate):
            self.note(path)
            return self.making.fresh() if self.chance(0.3) else self.making.value(2)
        if isinstance(value, dict):
            return self.mapping(path, value)
        return self.listing(path, value) if isinstance(value, list) else value

    def note(self, path: Path, gone: bool = False) -> None:
        self.changes.append(Change(path, gone))

    def mapping(self, path: Path, data: dict[str, Any]) -> dict[str, Any]:
        new: dict[str, Any] = {}
        is_item = bool(path) and isinstance(path[-1], int)
        for at, (key, value) in enumerate(data.items()):
            here = (*path, key)
            if is_item and key == "name":
                new[key] = value
            elif self.chance(self.rate):
                self.note(here, gone=True)
                if is_item and at == 0:
                    self.note(path)
            else:
                new[key] = self.edited(here, value)
        if not new and data:
            self.note(path)
        if self.chance(self.rate):
            new[self.making.fresh()] = self.making.value(2)
            self.note((*path, "a new key"))
            if not data:
                self.note(path)
        return new

    def listing(self, path: Path, items: list[Any]) -> list[Any]:
        names = [item.get("name") for item in items if isinstance(item, dict)]
        is_named = len(set(map(str, names))) == len(items) and all(isinstance(name, str) for name in names)
        if is_named and items:
            return self.tasks(path, items)
        is_distinct = all(not same(left, right) for at, left in enumerate(items) for right in items[:at])
        if not is_distinct or not items:
            return items
        if self.chance(0.5):
            return [self.item((*path, at), item) for at, item in enumerate(items)]
        kept = [item for at, item in enumerate(items) if not self.is_removed(path, at)]
        if self.chance(self.rate):
            kept.insert(self.making.dice.randint(0, len(kept)), self.making.fresh())
            self.note((*path, "a new item"))
        if all(not same(item, old) for item in kept for old in items):
            self.note(path)
        return kept

    def item(self, path: Path, item: Any) -> Any:
        if isinstance(item, (dict, list)) or not self.chance(self.rate):
            return self.edited(path, item) if isinstance(item, (dict, list)) and len(path) < 2 else item
        self.note(path)
        return self.making.fresh()

    def is_removed(self, path: Path, at: int) -> bool:
        if not self.chance(self.rate):
            return False
        self.note((*path, at), gone=True)
        if at == 0:
            self.note(path)
        return True

    def tasks(self, path: Path, items: list[Any]) -> list[Any]:
        kept = []
        for at, item in enumerate(items):
            if not self.is_removed(path, at):
                kept.append(self.mapping((*path, at), item))
            if self.chance(self.rate):
                kept.append({"name": self.making.fresh(), **self.making.task(2)})
                self.note((*path, "a new item"))
        if self.chance(self.rate / 2):
            self.making.dice.shuffle(kept)
            self.note(path)
        names = {item["name"] for item in items}
        if not any(item["name"] in names for item in kept):
            self.note(path)
        return kept
