"""JSON that stays in memory."""

from typing import Any

import orjson


def kept_json(value: Any) -> bytes:
    """A value as JSON. Raises TypeError as orjson does.

    A copy, because what orjson gives keeps hold of the kilobytes that it was written into, however short it is.
    """
    return bytes(memoryview(orjson.dumps(value)))
