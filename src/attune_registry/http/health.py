"""Whether the process is up, and whether it can do its work; both without a token."""

import os
from pathlib import Path

import falcon
from falcon.asgi import Request, Response

from ..access.bearer import Gate
from ..git.repository import Repository
from ..writing.lock import lock_files
from . import parameters
from .door import Door

_BY_EFFECTIVE_IDS = os.access in os.supports_effective_ids


class Health:
    """`/healthz`."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """The process answers."""
        parameters.refuse_unreadable(req)
        resp.media = {"status": "ok"}


class Readiness:
    """`/readyz`."""

    def __init__(self, door: Door, gate: Gate, *, is_read_only: bool) -> None:
        self._door = door
        self._gate = gate
        self._is_read_only = is_read_only

    async def on_get(self, req: Request, resp: Response) -> None:
        """Requests are answered from what git says now, tokens are known, and the repository can be written to."""
        parameters.refuse_unreadable(req)
        refusal = await self._door.refusal()
        refusing = [] if self._is_read_only else _refusing(self._door.registry.repository)
        is_ready = not (refusal or refusing or self._gate.fault)
        resp.status = falcon.HTTP_200 if is_ready else falcon.HTTP_503
        writable = "not written to by this server" if self._is_read_only else "writable"
        resp.media = {
            "status": "ready" if is_ready else "not ready",
            "index": refusal.message if refusal else "loaded",
            "repository": f"not writable: {', '.join(refusing)}" if refusing else writable,
            "tokens": self._gate.fault or "known",
        }


def _refusing(repository: Repository) -> list[str]:
    """The folders and files that a write would write to and may not."""
    git_dir, common = repository.git_dir, repository.common_dir
    folders = [git_dir, common / "objects", common / "refs", *([repository.root] if repository.root else [])]
    # These are made when they are missing.
    made = [common / "objects" / "pack", common / "refs" / "heads", repository.state_folder]
    folders += [folder for folder in made if folder.exists()]
    files = [file for file in lock_files(repository) if os.path.exists(file)]
    return [
        *(str(folder) for folder in folders if not _may(folder, os.W_OK | os.X_OK)),
        *(str(file) for file in files if not _may(file, os.R_OK | os.W_OK)),
    ]


def _may(path: Path, how: int) -> bool:
    return os.access(path, how, effective_ids=_BY_EFFECTIVE_IDS)
