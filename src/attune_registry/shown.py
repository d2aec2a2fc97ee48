"""Names of files and branches as text for people and programs: git takes any bytes for them, JSON and UTF-8 do not."""

import re
from typing import Any

# What Python has in place of each byte that is not UTF-8 (PEP 383), and other halves of surrogate pairs.
_NO_TEXT = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def shown(text: str) -> str:
    """Text in which whatever is not UTF-8 is replaced, as git's own tools show it."""
    return text if text.isascii() else _NO_TEXT.sub(_REPLACEMENT, text)


def all_shown(value: Any) -> Any:
    """A JSON value, with all texts in it as they are shown."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {shown(name): all_shown(item) for name, item in value.items()}
    return [all_shown(item) for item in value] if isinstance(value, list | tuple) else value
