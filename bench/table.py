"""Rows for people (a table) and for programs (JSON)."""

import json
import math
import os
import platform
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .measures import Row, Unit, middle

RESULTS = Path(__file__).parent / "results"
_SIGNS = {">=": "≥", "<=": "≤"}


def show(rows: Sequence[Row], console: Console) -> None:
    """The table of ratios."""
    table = Table(title="Ratios, each measured in turn with its reference", title_justify="left")
    for heading in ("row", "size", "what", "measured", "reference", "", "ratio", "bar", "ok"):
        table.add_column(heading, justify="right" if heading in ("size", "measured", "ratio", "bar") else "left")
    for row in rows:
        table.add_row(*_cells(row))
    console.print(table)
    for row in rows:
        if row.note:
            console.print(Text(f"  {row.name} at {row.size:,}: {row.note}", style="dim"), soft_wrap=True)


def write_json(rows: Iterable[Row], path: Path) -> None:
    """The rows with all samples, and what they were measured on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = {"machine": machine(), "rows": [row.as_json() for row in rows]}
    path.write_text(json.dumps(found, indent=2) + "\n")


def machine() -> dict[str, Any]:
    """What the numbers depend on beside the code."""
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        "git": subprocess.run(("git", "--version"), capture_output=True, text=True, check=True).stdout.strip(),
    }


def amount(value: float, unit: Unit) -> str:
    """A number with its unit, three digits or so."""
    if math.isnan(value):
        return "-"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{digits}f} {unit}"


def _cells(row: Row) -> tuple[str | Text, ...]:
    bar = f"{_SIGNS[row.bar.sign]} {row.bar.value:g}" if row.bar else ""
    verdicts = {None: Text(""), True: Text("yes", style="green"), False: Text("NO", style="bold red")}
    ratio = "-" if math.isnan(row.ratio) else f"{row.ratio:.3g}" + (" x" if row.is_speed else "")
    return (
        row.name,
        f"{row.size:,}",
        row.what,
        amount(middle(row.measured), row.unit),
        row.reference,
        amount(middle(row.referred), row.unit),
        ratio,
        bar,
        verdicts[row.is_ok],
    )


def brief(row: Row) -> str:
    """A row in one line."""
    values = f"{amount(middle(row.measured), row.unit)} / {amount(middle(row.referred), row.unit)}"
    bar = f" (bar {row.bar.sign} {row.bar.value:g})" if row.bar else ""
    return f"{row.name}: {values} = {row.ratio:.3g}{' x' if row.is_speed else ''}{bar}"
