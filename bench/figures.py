"""Results of runs as the table of docs/benchmarks.md: a row's figures at each size, and how they grow."""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .measures import middle
from .registries import SIZES
from .table import amount

# Of what gets better when it is more, growth is that of its inverse: the cost of one.
_RATES = ("req/s", "writes/s")
_FLAT, _ORDERS = 0.15, ((0.75, "less than linear"), (1.15, "linear"))


def figures(paths: Iterable[Path]) -> str:
    """Markdown; of rows that several files have at one size, the last file's count."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for path in paths:
        for row in json.loads(path.read_text())["rows"]:
            found.setdefault(row["name"], {})[row["size"]] = row
    heads = " | ".join(f"{size:,}" for size in SIZES)
    lines = [f"| row | what | beside | {heads} | bar | growth |", "|---|---|---|" + "---|" * (len(SIZES) + 2)]
    lines.extend(_line(name, sizes) for name, sizes in found.items())
    return "\n".join(lines)


def growth(costs: dict[int, float]) -> str:
    """How a cost grows from the smallest size to the largest: n to the power of what."""
    known = {size: cost for size, cost in costs.items() if cost > 0}
    if len(known) < 2:
        return ""
    small, large = min(known), max(known)
    power = math.log(known[large] / known[small]) / math.log(large / small)
    if power < _FLAT:
        return "flat"
    name = next((name for limit, name in _ORDERS if power < limit), "more than linear")
    return f"{name} (n^{power:.1f})"


def _line(name: str, sizes: dict[int, dict[str, Any]]) -> str:
    last = sizes[max(sizes)]
    bars = {row["bar"] for row in sizes.values() if row["bar"]}
    figures_of_it = (_cell(sizes.get(size)) for size in SIZES)
    cells = (name, last["what"], last["reference"], *figures_of_it, ", ".join(bars), _growth(sizes))
    return f"| {' | '.join(cells)} |"


def _cell(row: dict[str, Any] | None) -> str:
    if row is None or row["ratio"] is None:
        return ""
    ratio = f"{row['ratio']:.2g}" if row["ratio"] < 10 else f"{row['ratio']:.0f}"
    return f"{amount(middle(row['measured']), row['unit'])}; **{ratio}{'x' if row['is_speed'] else ''}**"


def _growth(sizes: dict[int, dict[str, Any]]) -> str:
    costs = {size: middle(row["measured"]) for size, row in sizes.items() if row["measured"]}
    is_rate = any(row["unit"] in _RATES for row in sizes.values())
    return growth({size: 1 / cost if is_rate and cost else cost for size, cost in costs.items()})
