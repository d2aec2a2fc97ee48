"""The application in this process, asked as over HTTP: for tests of what it answers, not of how it is served."""

import asyncio
from pathlib import Path
from typing import Any

import falcon.testing
import httpx

from attune_registry.access.principals import Role
from attune_registry.access.tokens import token_store
from attune_registry.http.app import Options, create_app
from attune_registry.registry import Registry


class Api:
    """A registry and the people who use it; every one of them has a token from the first time they ask."""

    def __init__(self, root: Path, admin: str = "admin", options: Options | None = None) -> None:
        self.registry = Registry.open(root)
        self._tokens: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        self._conductor = falcon.testing.ASGIConductor(create_app(self.registry, options or Options()))
        self._loop.run_until_complete(self._conductor.__aenter__())
        self.person(admin, "admin")

    def person(self, name: str, role: Role, packs: tuple[str, ...] = ("*",), email: str | None = None) -> None:
        store = token_store(self.registry.repository.state_folder)
        self._tokens[name] = store.create(name, role, packs, email)

    def login(self, name: str, jwt: str) -> None:
        """Somebody who has no token of this registry, but a JWT."""
        self._tokens[name] = jwt

    def ask(self, method: str, path: str, json: Any = None, *, who: str = "admin", **headers: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self._tokens[who]}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        path, _, query = path.partition("?")
        asked = self._conductor.simulate_request(method, path, query_string=query, headers=sent, json=json)
        result = self._loop.run_until_complete(asked)
        return httpx.Response(result.status_code, headers=dict(result.headers), content=result.content)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return self.ask("POST", path, json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return self.ask("PUT", path, json, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("DELETE", path, **more)

    def close(self) -> None:
        self._loop.run_until_complete(self._conductor.__aexit__(None, None, None))
        self._loop.close()
