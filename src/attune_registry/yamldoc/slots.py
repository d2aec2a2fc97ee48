"""A value behind its key or dash: where it stands, what is to become of it, and the paper that is written on."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

from attune_registry.yamldoc.edits import Edits
from attune_registry.yamldoc.emit import Style
from attune_registry.yamldoc.lines import break_below, line_break
from attune_registry.yamldoc.tree import Node, layout


class Slot(NamedTuple):
    """Where a value stands: `lead` is just after its colon or dash, `column` that of its key or dash.

    A key after a question mark may have no colon, nor a value then: `lead` is just after the key.
    """

    lead: int
    column: int
    below_dash: bool = False
    is_flow: bool = False
    has_colon: bool = True


class Paper:
    """What a patch writes on: the old text, its line break and layout, and the edits so far.

    `anchors` are those met so far that will still be there, with the values they will stand for. `may_block`: texts
    of several lines may be block scalars, which could take in what stands below them.
    """

    def __init__(self, text: str, root: Node, may_block: bool) -> None:
        self.text = text
        self.newline = line_break(text)
        self.edits = Edits()
        self.anchors: dict[str, Any] = {}
        self._root = root
        self._may_block = may_block

    def newline_at(self, at: int) -> str:
        """How the line of `at` ends, in a text that may mix line breaks."""
        return break_below(self.text, at)

    @cached_property
    def style(self) -> Style:
        """The layout of the old text, which many a patch need not know."""
        return layout(self._root)._replace(may_block=self._may_block)


class Change(NamedTuple):
    """A value to be changed: its node, its old and new data, how many levels down it is, and what tells its slot."""

    node: Node
    old: Any
    new: Any
    level: int
    place: Callable[[], Slot]

    @property
    def slot(self) -> Slot:
        """Where the value stands. Raises Unpatchable where that cannot be told, which matters to what changes alone."""
        return self.place()


Walk = Callable[[Change], None]
