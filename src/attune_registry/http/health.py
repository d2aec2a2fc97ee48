"""Whether the process is up, and whether it can do its work; both without a token."""

import os

import falcon
from falcon.asgi import Request, Response

from ..registry import Registry


class Health:
    """`/healthz`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """The process answers."""
        resp.media = {"status": "ok"}


class Readiness:
    """`/readyz`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def on_get(self, req: Request, resp: Response) -> None:
        """The index is loaded (it is, before the first request), and the repository can be written to."""
        repository = self._registry.repository
        folders = [repository.git_dir, repository.common_dir / "objects", repository.common_dir / "refs"]
        folders += [repository.root] if repository.root else []
        refusing = [str(folder) for folder in folders if not os.access(folder, os.W_OK | os.X_OK)]
        resp.status = falcon.HTTP_503 if refusing else falcon.HTTP_200
        resp.media = {
            "status": "not ready" if refusing else "ready",
            "index": "loaded",
            "repository": f"not writable: {', '.join(refusing)}" if refusing else "writable",
        }
