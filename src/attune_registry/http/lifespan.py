"""What starts and ends with a worker: the watcher and the writer."""

from collections.abc import Mapping
from typing import Any

from ..registry import Registry
from ..watcher import Watcher
from ..writing.writer import Writer


class Lifespan:
    """Threads begin here, after the fork, and end before the worker does."""

    def __init__(self, registry: Registry) -> None:
        self.writer = Writer(registry)
        self.watcher = Watcher(registry)

    async def process_startup(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Begin to watch and to write."""
        self.watcher.start()
        self.writer.start()

    async def process_shutdown(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Answer the writes that wait, then end."""
        self.writer.stop()
        self.watcher.stop()
