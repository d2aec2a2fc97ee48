"""Random edits of a document, and which lines of its text they may touch."""

from dataclasses import dataclass, field
from typing import Any

from random_values import Making

from attune_registry.yamldoc.sameness import same

Path = tuple[str | int, ...]


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
