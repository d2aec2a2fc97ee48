"""Text -> the same document in normal form: indentation, line ends and blank lines alike everywhere."""

import re
from typing import Any

from attune_registry.yamldoc.document import parse
from attune_registry.yamldoc.edits import Edits, Unpatchable
from attune_registry.yamldoc.indents import Indents
from attune_registry.yamldoc.sameness import same
from attune_registry.yamldoc.tree import spelled_tree

_INDENT = re.compile(r" *")


def normalise(text: str) -> str | None:
    """`text` indented by two columns, with lists below their keys, no trailing blanks, single blank lines, LF.

    Comments and values stay as they are spelled. None for text that cannot be brought into this form safely.
    """
    clean = text.removeprefix("\ufeff").replace("\r\n", "\n")
    clean = clean if clean.endswith("\n") else clean + "\n"
    before, document = parse(text.encode("utf-8", "surrogatepass")), parse(clean.encode("utf-8", "surrogatepass"))
    if not document.loadable or any(fault.rule != "yaml-surprise" for fault in document.faults):
        return None
    try:
        result = _laid_out(clean)
    except Unpatchable:
        return None
    # The text of a block at the end has no last line end where the file has none.
    endings = (result,) if text.endswith("\n") else (result, result.removesuffix("\n"))
    return next((ending for ending in endings if before.loadable and _says(ending, before.data)), None)


def _says(text: str, data: Any) -> bool:
    document = parse(text.encode())
    return document.loadable and same(document.data, data)


def _laid_out(text: str) -> str:
    indents = Indents(text, spelled_tree(text))
    edits = indents.edits
    was_blank = True
    for line in range(indents.count):
        start, end = indents.span(line)
        said = text[start:end]
        if line in indents.fixed:
            was_blank = False
            continue
        is_blank = not said.strip(" \t")
        if is_blank and (was_blank or indents.is_last(line)):
            edits.replace(start, end + 1, "")
            continue
        _tidy(edits, indents, line, said, start)
        was_blank = is_blank
    return edits.apply(text)


def _tidy(edits: Edits, indents: Indents, line: int, said: str, start: int) -> None:
    """Indents one line, and takes the blanks off its end."""
    if not said.strip(" \t"):
        edits.replace(start, start + len(said), "")
        return
    match = _INDENT.match(said)
    width = match.end() if match else 0
    edits.replace(start, start + width, " " * indents.column(line, width))
    # An expression would look through a run of blanks within the line anew from each of them.
    end = len(said.rstrip(" \t"))
    if end < len(said) and line not in indents.open_ended:
        edits.replace(start + end, start + len(said), "")
