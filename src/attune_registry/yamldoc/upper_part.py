"""The part of a text that a small patch has to look at: its fields down to the one below the last that changes.

Of a workflow that is switched off, or gets another version, that is a few lines; its tasks stand below them.
"""

import re
from typing import Any, NamedTuple

from attune_registry.yamldoc.document import Document
from attune_registry.yamldoc.emit import is_one_line
from attune_registry.yamldoc.sameness import same

# In what is read without nodes, a list may start in the first column, and all else there is a key or a comment.
_KEY = re.compile(r"^[^ #\n-]", re.MULTILINE)


class UpperPart(NamedTuple):
    """The text of some fields, what they say and are to say, and the text of all below."""

    text: str
    old: dict[str, Any]
    new: dict[str, Any]
    below: str


def upper_part(document: Document, new: dict[str, Any]) -> UpperPart | None:
    """The part in which all changes are; None where they are not of short values alone, or that is nearly everything.

    A value on one line is written as its old spelling has it; of any other, the layout of the whole text may decide.
    """
    old = document.data
    if not document.is_plain or old.keys() != new.keys():
        return None
    names, starts = list(old), [match.start() for match in _KEY.finditer(document.text)]
    changed = [at for at, name in enumerate(names) if not same(old[name], new[name])]
    if len(starts) != len(names) or not changed or changed[-1] + 2 >= len(names):
        return None
    if not all(is_one_line(data[names[at]]) for at in changed for data in (old, new)):
        return None
    kept, end = names[: changed[-1] + 2], starts[changed[-1] + 2]
    before, after = ({name: data[name] for name in kept} for data in (old, new))
    return UpperPart(document.text[:end], before, after, document.text[end:])
