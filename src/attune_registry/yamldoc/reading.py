"""Nodes -> plain data, and what is wrong with them."""

from typing import Any, NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from attune_registry.yamldoc.compose import MAX_DEPTH, LimitExceeded
from attune_registry.yamldoc.scalars import Plain, core_number, read_plain, shortened

MERGE = "<<"
_PREFIX = "tag:yaml.org,2002:"
_LONGEST_CACHED = 80
_MOST_CACHED = 20_000

# Plain scalars that mean what they seem to; the odd ones are looked at each time.
_PLAIN: dict[str, Plain] = {}
_IS_PLAIN = (True, False)
_IS_QUOTED = (False, True)


class Fault(NamedTuple):
    """Something wrong with a node, not yet placed in the file."""

    rule: str
    node: Node
    message: str
    hint: str = ""
    first: Node | None = None


class Reader:
    """Builds the data of one document; `faults` fills as it goes."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def read(self, node: Node, depth: int = 1) -> Any:
        """The JSON value of `node`, `depth` levels down."""
        kind = node.__class__
        tag: Any = node.tag
        if kind is ScalarNode:
            if tag == _IS_PLAIN:
                text = node.value
                return _PLAIN[text] if text in _PLAIN else self._plain(node)
            return node.value if tag.__class__ is tuple else self._tagged(node)
        if depth > MAX_DEPTH:
            raise LimitExceeded(f"This is nested more than {MAX_DEPTH} levels deep", node.start_mark.index)
        if tag.__class__ is str:
            self._check_collection_tag(node)
        if kind is SequenceNode:
            return [self.read(item, depth + 1) for item in node.value]
        return self._mapping(node, depth)

    def _mapping(self, node: Node, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        merges = []
        for key_node, value_node in node.value:
            key = key_node.value
            if key_node.tag != _IS_QUOTED and (key.__class__ is not str or _PLAIN.get(key).__class__ is not str):
                if is_merge(key_node):
                    merges.append(value_node)
                    continue
                key = self._key(key_node)
            data[key] = self.read(value_node, depth + 1)
        if len(data) + len(merges) != len(node.value) or len(merges) > 1:
            self._duplicates(node)
        return self._merged(merges, data, depth) if merges else data

    def _merged(self, sources: list[Node], data: dict[str, Any], depth: int) -> dict[str, Any]:
        """What `<<` brings in, overridden by what is written out; of several sources the first wins."""
        merged: dict[str, Any] = {}
        for source in reversed([part for node in sources for part in merge_sources(node)]):
            if isinstance(source, MappingNode):
                merged.update(self.read(source, depth + 1))
            else:
                self._fault("yaml-key", source, "<< can only bring in a mapping or a list of mappings")
        merged.update(data)
        return merged

    def _plain(self, node: Node) -> Plain:
        text = node.value
        reading = read_plain(text)
        if reading.rule:
            self._fault(reading.rule, node, reading.message, reading.hint)
        elif len(text) <= _LONGEST_CACHED:
            if len(_PLAIN) >= _MOST_CACHED:
                _PLAIN.clear()
            _PLAIN[text] = reading.value
        return reading.value

    def _key(self, node: Node) -> str:
        if not isinstance(node, ScalarNode):
            is_template = isinstance(node, MappingNode) and node.flow_style
            hint = 'a template needs quotes: "{{ ... }}"' if is_template else "write a text as the key"
            self._fault("yaml-key", node, "A key must be text, not a list or a mapping", hint)
            return ""
        before = len(self.faults)
        value = self.read(node)
        text: str = node.value
        if not isinstance(value, str):
            del self.faults[before:]
            said = f"The key {shortened(text)} is not text" if text else "A key is missing before the colon"
            self._fault("yaml-key", node, said, f'quote it: "{shortened(text)}"' if text else "write a key")
        return text

    def _tagged(self, node: Node) -> Plain:
        name, text = node.tag.removeprefix(_PREFIX), node.value
        plain = read_plain(text).value
        number = core_number(text.strip()) if len(text) < 400 else None
        if name == "str":
            return str(text)
        if name == "int" and isinstance(number, int) and plain == number:
            return number
        if name == "float" and number is not None and plain == number:
            return float(number)
        if name == "bool" and isinstance(plain, bool):
            return plain
        if name == "null" and plain is None:
            return None
        known = node.tag.startswith(_PREFIX) and name in ("int", "float", "bool", "null")
        said = f"{shortened(text)!r} is no {name}" if known else f"The tag {_shown(node.tag)} is not known here"
        self._fault("yaml-tag", node, said, "" if known else "leave the tag out: a file holds plain data only")
        return str(text)

    def _check_collection_tag(self, node: Node) -> None:
        expected = "seq" if isinstance(node, SequenceNode) else "map"
        if node.tag != _PREFIX + expected:
            said = f"The tag {_shown(node.tag)} is not known here"
            self._fault("yaml-tag", node, said, "leave the tag out: a file holds plain data only")

    def _duplicates(self, node: Node) -> None:
        seen: dict[str, Node] = {}
        floor = node.start_mark.index - 1
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                continue
            # The node of an alias is its anchor's, somewhere above: the value behind it tells where it stands.
            is_alias = key_node.start_mark.index <= floor
            floor = max(floor, key_node.start_mark.index)
            if key_node.value in seen:
                self._duplicate(value_node if is_alias else key_node, seen[key_node.value], key_node.value)
            else:
                seen[key_node.value] = value_node if is_alias else key_node

    def _duplicate(self, node: Node, first: Node, key: str) -> None:
        said = f"The key {shortened(key)!r} is already there"
        self.faults.append(Fault("yaml-duplicate-key", node, said, "keep one of them, or rename one", first))

    def _fault(self, rule: str, node: Node, message: str, hint: str = "") -> None:
        self.faults.append(Fault(rule, node, message, hint))


def is_merge(node: Node) -> bool:
    """True for a plain `<<`, which stands for the keys of another mapping."""
    return isinstance(node, ScalarNode) and node.value == MERGE and node.tag in (_IS_PLAIN, _PREFIX + "merge")


def merge_sources(node: Node) -> list[Node]:
    """What stands behind a `<<`: one mapping, or a list of them."""
    return list(node.value) if isinstance(node, SequenceNode) else [node]


def _shown(tag: str) -> str:
    return shortened("!!" + tag.removeprefix(_PREFIX) if tag.startswith(_PREFIX) else tag)
