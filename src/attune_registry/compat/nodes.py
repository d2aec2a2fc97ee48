"""A place in a schema: the sub-schema there, the document it belongs to, and where `$ref` leads from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from jsonschema_rs import Draft202012Validator, ReferencingError, Registry

from attune_registry.checks.effort import STEP, Allowance, Effort
from attune_registry.compat.drafts import AS_WRITTEN, TODAYS, Draft, draft_of
from attune_registry.compat.normal import ANNOTATIONS, Schema, normal
from attune_registry.compat.values import key
from attune_registry.pointers import item_of, pointer, split

WHOLE = "urn:schema"
PART = "$part"


def _refuse(uri: str) -> Any:
    raise LookupError(uri)


@dataclass(frozen=True, eq=False)
class Home:
    """A whole schema in normal form and as it is written, and where it stands in the workflow (`/param_schema`)."""

    root: Schema
    written: Any
    base: str
    draft: Draft = TODAYS

    @cached_property
    def digest(self) -> str:
        """What equal documents share, wherever references lead in them."""
        is_read = any(step in ANNOTATIONS for reference in _references(self.written) for step in split(reference))
        return key(self.written if is_read else normal(self.written, AS_WRITTEN))

    @cached_property
    def effort(self) -> Effort | None:
        """What values take that are held against a part of it."""
        return Effort(self.root) if isinstance(self.root, dict) else None

    @cached_property
    def allowance(self) -> Allowance:
        """What may be spent on that, all in all."""
        return Allowance()

    @cached_property
    def validators(self) -> dict[str, Draft202012Validator | None]:
        """What parts of it were compiled to, by their text."""
        return {}

    @cached_property
    def has_resources(self) -> bool:
        """True when a part has an `$id` of its own, which moves what `#` means within it."""
        return isinstance(self.root, dict) and any(_holds_id(value, self.draft.id_word) for value in self.root.values())

    @cached_property
    def address(self) -> str:
        """What the document calls itself; "" for nothing. References are read from there."""
        name = self.root.get(self.draft.id_word) if isinstance(self.root, dict) else None
        return urldefrag(name).url if isinstance(name, str) else ""

    def place_of(self, reference: str) -> tuple[str, str]:
        """The document that a reference leads to ("" for this one), and the place in it."""
        try:
            url, fragment = urldefrag(urljoin(self.address, reference))
        except ValueError:
            return reference, ""
        return "" if url == self.address else url, unquote(fragment)


def _holds_id(value: Any, word: str) -> bool:
    if isinstance(value, dict):
        return isinstance(value.get(word), str) or any(_holds_id(each, word) for each in value.values())
    return isinstance(value, list) and any(_holds_id(each, word) for each in value)


def _references(value: Any) -> Iterator[str]:
    """The places that something in a document refers to, or may refer to."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield unquote(reference.partition("#")[2])
        value = list(value.values())
    for each in value if isinstance(value, list) else ():
        yield from _references(each)


@dataclass(frozen=True, eq=False)
class Node:
    """A sub-schema of `home` at `pointer` (a JSON pointer in the workflow)."""

    schema: Schema
    home: Home
    pointer: str

    @cached_property
    def identity(self) -> str:
        """Nodes with one identity accept the same values."""
        text = key(self.schema)
        return text + "@" + self.home.digest if '"$' in text else text

    @property
    def words(self) -> dict[str, Any]:
        """The keywords here; `true` and `false` have none."""
        return self.schema if isinstance(self.schema, dict) else {}

    @cached_property
    def _parts(self) -> dict[tuple[str | int, ...], "Node"]:
        return {}

    def child(self, *steps: str | int) -> "Node":
        """The sub-schema that these steps lead to."""
        known = self._parts.get(steps)
        if known is None:
            found: Any = self.schema
            for step in steps:
                found = found[step]
            known = self._parts[steps] = Node(found, self.home, self.pointer + pointer(*steps))
        return known

    def children(self, word: str) -> list["Node"]:
        """The sub-schemas in a list such as `anyOf`."""
        return [self.child(word, index) for index in range(len(self.words.get(word, ())))]

    def made(self, schema: Schema) -> "Node":
        """A schema that follows from this place, though it is not written there."""
        return Node(schema, self.home, self.pointer)

    @cached_property
    def target(self) -> "Node | None":
        """Where `$ref` leads; None when that is outside the document or nowhere."""
        reference = self.words.get("$ref")
        if not isinstance(reference, str) or self.home.has_resources:
            return None
        document, name = self.home.place_of(reference)
        if document:
            return None
        return self._at(name) if name.startswith("/") or not name else self._anchored(name)

    @cached_property
    def outside(self) -> str:
        """The place beyond the document that `$ref` leads to; "" for none, or where there is no telling."""
        reference = self.words.get("$ref")
        if not isinstance(reference, str) or self.home.has_resources:
            return ""
        document, name = self.home.place_of(reference)
        return f"outside {document}#{name}" if document else ""

    def _at(self, where: str) -> "Node | None":
        found = self.home.written
        for step in split(where):
            if isinstance(found, dict) and step in found:
                found = found[step]
            elif isinstance(found, list) and (index := item_of(found, step)) is not None:
                found = found[index]
            else:
                return None
        if not isinstance(found, dict | bool):
            return None
        return Node(normal(found, self.home.draft), self.home, self.home.base + where)

    def _anchored(self, name: str) -> "Node | None":
        todo: list[tuple[Any, str]] = [(self.home.root, self.home.base)]
        while todo:
            value, where = todo.pop()
            if isinstance(value, dict):
                if value.get("$anchor") == name:
                    return Node(value, self.home, where)
                todo += [(each, where + pointer(step)) for step, each in value.items()]
            elif isinstance(value, list):
                todo += [(each, where + pointer(step)) for step, each in enumerate(value)]
        return None

    def accepts(self, value: Any) -> bool | None:
        """Is this one value valid here? None when there is no telling."""
        try:
            if self._validator is None or not self._is_affordable(value):
                return None
            return self._validator.is_valid(value)
        except (ValueError, OverflowError):
            return None

    def _is_affordable(self, value: Any) -> bool:
        """False for a value that takes too many steps to hold against this, or after too many that did."""
        effort, allowance = self.home.effort, self.home.allowance
        if effort is None or not isinstance(self.schema, dict):
            return True
        return allowance.covers(STEP * effort.steps(self.schema, value, allowance))

    @cached_property
    def _validator(self) -> Draft202012Validator | None:
        known, text = self.home.validators, key(self.schema)
        if text not in known:
            known[text] = self._compiled('"$' in text)
        return known[text]

    def _compiled(self, refers: bool) -> Draft202012Validator | None:
        """Validates values, formats too; never fetches anything. None for what it cannot make sense of.

        What refers to nothing is compiled without the rest of the document, which may be long.
        """
        root = self.home.root if refers and isinstance(self.home.root, dict) else {}
        try:
            documents = Registry([(WHOLE, {**root, PART: self.schema})], retriever=_refuse)
            return Draft202012Validator(
                {"$ref": f"{WHOLE}#/{PART}"},
                registry=documents,
                validate_formats=True,
                ignore_unknown_formats=False,
            )
        except (ValueError, ReferencingError):
            return None


def root_node(schema: Any, base: str) -> Node:
    """The whole of a schema that stands at `base`."""
    draft = draft_of(schema)
    home = Home(normal(schema, draft), schema, base, draft)
    return Node(home.root, home, base)
