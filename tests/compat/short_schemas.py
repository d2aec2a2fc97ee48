"""Short ways to write the schemas of the tables of cases."""

from typing import Any

INT, NUM, STR, BOOL = {"type": "integer"}, {"type": "number"}, {"type": "string"}, {"type": "boolean"}
NULL: dict[str, Any] = {"type": "null"}
OBJ: dict[str, Any] = {"type": "object"}


def props(*required: str, **properties: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties}
    return {**found, "required": list(required)} if required else found


def one(schema: Any, **more: Any) -> dict[str, Any]:
    return {**props(x=schema), **more}


def array(items: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}
