"""What every error over HTTP looks like."""

import re
from typing import Any

import httpx


def assert_error(response: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """Every error has this shape and no other."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/json")
    body: dict[str, Any] = response.json()
    assert body.keys() == {"error", "code", "details"}
    assert body["error"]
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", body["code"])
    assert all(isinstance(detail, dict) and detail for detail in body["details"])
    if code:
        assert body["code"] == code
    return body
