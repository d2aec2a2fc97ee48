"""Colours for a person at a terminal, and nothing of the kind where output is piped."""

import os
import sys
from typing import NamedTuple

import click


class Brush(NamedTuple):
    """Colours text, or leaves it as it is: thousands of lines are too many for rich to lay out."""

    is_colourful: bool

    def __call__(self, text: str, colour: str | None = None, *, bold: bool = False, dim: bool = False) -> str:
        """The text in a colour."""
        # None leaves a style alone, where False would write an end of it that nothing began.
        return click.style(text, colour, bold=bold or None, dim=dim or None) if self.is_colourful else text


def brush() -> Brush:
    """Colourful when standard output is a terminal and NO_COLOR is not set."""
    return Brush(sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
