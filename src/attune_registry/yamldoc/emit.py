"""Data -> canonical YAML text, for new files and for new values in old ones."""

from typing import Any, NamedTuple

from attune_registry.errors import TooMuch
from attune_registry.yamldoc.compose import MAX_DEPTH, MAX_NODES
from attune_registry.yamldoc.spelling import LONGEST_KEY, double_quoted, inline, literal

# The columns between a dash and what follows it.
DASH = 2


class Style(NamedTuple):
    """How a file is laid out: columns per level, columns of a list's dashes below their key, line width.

    `is_json`: every text in brackets and braces is quoted, as in a file that is JSON. `may_block`: texts of several
    lines may be block scalars; `may_keep`: those that end with empty lines, too, to which blank lines that follow
    would belong.
    """

    step: int = 2
    dash: int = 2
    width: int = 100
    is_json: bool = False
    may_block: bool = True
    may_keep: bool = True


class Spelled(NamedTuple):
    """A value spelled: what stands behind its key or dash, and the whole lines below."""

    head: str
    body: list[str]


CANONICAL = Style()
# However such a key is spelled, it is no longer than LONGEST_KEY.
_USUAL_KEY = 80


def emit(data: dict[str, Any]) -> str:
    """The text of a new file with this data, its fields in the order given. Raises TooMuch."""
    refuse_too_much(data)
    lines = entries(data, 0, CANONICAL) if data else ["{}"]
    return "\n".join(lines) + "\n"


def refuse_too_much(data: dict[str, Any]) -> None:
    """Raise TooMuch for what could not be read again, before it costs anything to write it."""
    count = depth = 1
    level: list[Any] = [data]
    while level:
        if depth > MAX_DEPTH:
            raise TooMuch(f"The document is nested more than {MAX_DEPTH} levels deep; make it flatter.")
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                count += 2 * len(value)
                below += value.values()
            elif isinstance(value, list):
                count += len(value)
                below += value
            if count > MAX_NODES:
                raise TooMuch(f"The document holds more than {MAX_NODES:,} keys and values; split it.")
        level, depth = below, depth + 1


def entries(data: dict[str, Any], indent: int, style: Style) -> list[str]:
    """The lines of a mapping whose keys stand at column `indent` (from 0)."""
    lines: list[str] = []
    margin = " " * indent
    for key, value in data.items():
        # Most entries are a name and a line of text.
        if value.__class__ is str and "\n" not in value and len(key) <= _USUAL_KEY:
            lines.append(f"{margin}{inline(key)}: {inline(value)}")
        else:
            lines += entry(key, value, indent, style)
    return lines


def entry(key: str, value: Any, indent: int, style: Style) -> list[str]:
    """The lines of one key and its value."""
    name = inline(key)
    margin = " " * indent
    if len(name) > LONGEST_KEY:
        return [f"{margin}? {name}", *_joined(margin + ":", spell(value, indent, style))]
    lead = f"{margin}{name}:"
    if is_one_line(value):
        return [f"{lead} {inline(value)}"]
    return _joined(lead, spell(value, indent, style, room=style.width - len(lead) - 1))


def items(data: list[Any], indent: int, style: Style) -> list[str]:
    """The lines of a list whose dashes stand at column `indent`."""
    lines: list[str] = []
    for value in data:
        lines += item(value, indent, style)
    return lines


def item(value: Any, indent: int, style: Style) -> list[str]:
    """The lines of one list item; a mapping or list in it starts behind the dash."""
    lead = " " * indent + "-"
    spelled = spell(value, indent, style, room=style.width - indent - DASH, below_dash=True)
    if not spelled.head and spelled.body:
        first = lead + " " + spelled.body[0][indent + DASH :]
        return [first, *spelled.body[1:]]
    return _joined(lead, spelled)


def is_one_line(value: Any) -> bool:
    """True for what needs no more than a line, whatever the layout around it."""
    return "\n" not in value if isinstance(value, str) else not isinstance(value, (dict, list))


def is_for_block(text: str, style: Style) -> bool:
    """True for a text that is to be a block scalar, where one can hold it."""
    return style.may_block and "\n" in text and (style.may_keep or not text.endswith("\n\n"))


def _joined(lead: str, spelled: Spelled) -> list[str]:
    head, body = spelled
    return [f"{lead} {head}" if head else lead, *body]


def spell(value: Any, indent: int, style: Style, *, room: int = 80, below_dash: bool = False) -> Spelled:
    """A value whose key or dash stands at column `indent`, with `room` columns behind it."""
    if isinstance(value, dict):
        below = indent + (DASH if below_dash else style.step)
        return Spelled("", entries(value, below, style)) if value else Spelled("{}", [])
    if isinstance(value, list):
        short = flow_list(value, room)
        below = indent + (DASH if below_dash else style.dash)
        return Spelled(short, []) if short else Spelled("", items(value, below, style))
    if isinstance(value, str) and is_for_block(value, style):
        return _text_block(value, indent, DASH if below_dash else style.step)
    return Spelled(inline(value), [])


def _text_block(text: str, indent: int, step: int) -> Spelled:
    block = literal(text, step)
    if block is None:
        return Spelled(inline(text), [])
    pad = " " * (indent + step)
    return Spelled(block.header, [pad + line if line else "" for line in block.lines])


def flow_list(value: list[Any], room: int) -> str:
    """A short list of scalars in brackets, "" when it wants lines of its own."""
    if not all(map(is_one_line, value)):
        return ""
    text = flow(value)
    return text if len(text) <= room or not value else ""


def flow(value: Any, style: Style = CANONICAL) -> str:
    """Any value on one line, in brackets and braces."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key, style)}: {flow(part, style)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(part, style) for part in value) + "]"
    if style.is_json and isinstance(value, str):
        return double_quoted(value)
    return inline(value, flow=True)
