"""The server under proof: real processes, killed or stopped as the proof wants."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from attune_registry.http.server import WATCHER_NAME

from .client import Client
from .sockets import holder_of

_COMMAND = str(Path(sys.executable).with_name("attune-registry"))
_PATIENCE_SECONDS = 120


def make_token(root: Path, name: str = "proof") -> str:
    """A new admin's token for a registry."""
    command = (_COMMAND, "token", "create", name, "--role", "admin", "--repo", str(root))
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


class Server:
    """`attune-registry serve` over a clone, all of its processes in one group."""

    def __init__(self, root: Path, token: str, *, workers: int = 2, pause: str = "") -> None:
        self.token = token
        self._count = workers
        self._log = root.parent / f"server-{time.monotonic_ns()}.log"
        command = (_COMMAND, "serve", "--repo", str(root), "--port", "0", "--workers", str(workers))
        env = {**os.environ, "ATTUNE_REGISTRY_PAUSE": pause}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, env=env
            )

    def wait(self) -> int:
        """The port, once it answers that it is ready. Raises RuntimeError when it ends instead."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", self.output())
            if found:
                self.port = int(found[1])
                with contextlib.closing(self.client()) as client:
                    if client.ask("GET", "/readyz").status == 200 and len(self.workers()) == self._count:
                        return self.port
            time.sleep(0.02)
        raise RuntimeError(f"the server did not start:\n{self.output()}")

    def client(self) -> Client:
        """A connection with an admin's token."""
        return Client(self.port, self.token)

    def clients(self, count: int) -> list[Client]:
        """So many connections, shared out evenly among the workers, one after the other."""
        found: dict[int, list[Client]] = {worker: [] for worker in sorted(self.workers())}
        share = -(-count // len(found))
        while any(len(own) < share for own in found.values()):
            client = self.client()
            client.ask("GET", "/healthz")
            own = found[holder_of(self.port, client.port, found)]
            if len(own) < share:
                own.append(client)
            else:
                client.close()
        return [client for turn in zip(*found.values(), strict=True) for client in turn][:count]

    def kill(self) -> None:
        """kill -9, all processes at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout=60)
        finally:
            self.kill()

    def workers(self) -> set[int]:
        """The process ids of the workers, without the process that watches for them."""
        pid = self._process.pid
        try:
            found = {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
            return {child for child in found if Path(f"/proc/{child}/comm").read_text().strip() != WATCHER_NAME}
        except OSError:
            return set()

    def output(self) -> str:
        """All that it has printed and logged."""
        return self._log.read_text(errors="replace")

    def mishaps(self) -> list[str]:
        """Lines of the log that should not be there."""
        words = ("Traceback", "request_failed", "write_failed", "WORKER TIMEOUT", "SIGKILL")
        return [line for line in self.output().splitlines() if any(word in line for word in words)]
