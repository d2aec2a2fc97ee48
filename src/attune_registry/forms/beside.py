"""What an action says to the platform alone -> the words in its templates."""

import re
from collections.abc import Iterator
from typing import Any

from attune_registry.checks.expressions import is_template

_WORD = re.compile(r"[\w-]+")


def template_words(said: Any) -> Iterator[str]:
    """Every word in the templates among these values: the names that they read are among them."""
    if isinstance(said, str):
        yield from _WORD.findall(said) if is_template(said) else ()
    elif isinstance(said, dict | list):
        for part in said.values() if isinstance(said, dict) else said:
            yield from template_words(part)
