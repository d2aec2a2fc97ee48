"""A real server over a repository of a test."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from attune_registry.http.server import WATCHER_NAME

COMMAND = [str(Path(sys.executable).with_name("attune-registry"))]


def processes_of(master: int) -> dict[str, list[int]]:
    """The processes of a server by what they are called: workers, and the one that watches."""
    found: dict[str, list[int]] = {"workers": [], "watcher": []}
    for pid in map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split()):
        # One that was killed may go between the two looks.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            is_watcher = Path(f"/proc/{pid}/comm").read_text().strip() == WATCHER_NAME
            found["watcher" if is_watcher else "workers"].append(pid)
    return found


class Server:
    """A running `attune-registry serve`, and a client with an admin's token."""

    command = COMMAND

    def __init__(self, root: Path, *options: str, env: dict[str, str] | None = None) -> None:
        self.root = root
        self._clients: list[httpx.Client] = []
        self.log = root.parent / f"{root.name}-{time.monotonic_ns()}.log"
        self.token = self.make_token(f"admin-{time.monotonic_ns()}", "admin")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", "--repo", str(root), "--port", "0", *options],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
        self.url = self._wait_for_address()
        self.client = self.new_client(self.token)

    def make_token(self, name: str, role: str, *options: str) -> str:
        made = subprocess.run(
            [*COMMAND, "token", "create", name, "--role", role, "--repo", str(self.root), *options],
            check=True,
            capture_output=True,
            text=True,
        )
        return made.stdout.strip()

    def new_client(self, token: str | None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._clients.append(httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=False))
        return self._clients[-1]

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(path, **options)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self, sign: int = signal.SIGTERM) -> int:
        for client in self._clients:
            client.close()
        if self.process.poll() is None:
            os.killpg(self.process.pid, sign) if sign == signal.SIGKILL else self.process.send_signal(sign)
        return self.process.wait(timeout=30)

    def _wait_for_address(self) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = re.search(r"http://127\.0\.0\.1:\d+", self.output())
            if found:
                return found[0]
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"The server did not start:\n{self.output()}")
