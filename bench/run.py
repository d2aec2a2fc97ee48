"""A run: families one after the other, each row said when it is known, the table and the JSON at the end."""

import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from .families import FAMILIES
from .measures import Row
from .session import Session
from .table import brief, show, write_json

# Of a table that goes to a file or a pipe.
_WIDTH = 160


def run(names: Sequence[str], sizes: Sequence[int], path: Path, *, is_full: bool) -> list[Row]:
    """Measure these families, at these sizes or at their own."""
    console, progress = Console(), Console(stderr=True)
    if not console.is_terminal:
        console.width = _WIDTH
    begun = time.monotonic()
    rows: list[Row] = []
    with Session(is_quick=not is_full) as session:
        for name in names:
            family = FAMILIES[name]
            for size in sizes or (family.full if is_full else family.quick):
                progress.print(Text(f"[{time.monotonic() - begun:4.0f} s] {name} at {size:,}", style="dim"))
                for row in family.measure(session, size):
                    rows.append(row)
                    progress.print(Text(f"         {brief(row)}", style="dim"))
                    write_json(rows, path)
    show(rows, console)
    console.print(f"{time.monotonic() - begun:.0f} s in all; every sample is in {path}")
    return rows
