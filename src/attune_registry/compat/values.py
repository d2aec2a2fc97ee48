"""JSON values as JSON Schema sees them: equal (`1` and `1.0`, never `1` and `true`), and shown in a sentence."""

import json
from collections.abc import Iterable
from typing import Any

SHOWN = 60


def key(value: Any) -> str:
    """A text that two values share exactly when JSON Schema calls them equal."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    return value


def show(value: Any) -> str:
    """The value as JSON, cut where it gets long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def listed(values: Iterable[Any]) -> str:
    """Some values in a row, the first few of them when there are many."""
    texts = [show(value) for value in values]
    return ", ".join(texts[:5]) + (f" and {len(texts) - 5} more" if len(texts) > 5 else "")
