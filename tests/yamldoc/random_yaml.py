"""Random documents written in random styles."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from random_edits import Line, Owner, Path

from attune_registry.yamldoc.sameness import same
from attune_registry.yamldoc.scalars import read_plain
from attune_registry.yamldoc.spelling import double_quoted, is_plain, is_printable, single_quoted


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
