"""What starts and ends with a worker: the watcher, the writer, and who reads a long history ahead."""

from collections.abc import Mapping
from typing import Any

from ..foresight import Foresight
from ..registry import Registry
from ..watcher import Watcher
from ..writing.writer import Writer


class Lifespan:
    """Threads begin here, after the fork, and end before the worker does."""

    def __init__(self, registry: Registry) -> None:
        self.writer = Writer(registry)
        self.watcher = Watcher(registry)
        self.foresight = Foresight(registry)

    async def process_startup(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Begin to watch and to write."""
        self.watcher.start()
        self.writer.start()
        self.foresight.start()

    async def process_shutdown(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Answer the writes that wait, then end."""
        self.foresight.stop()
        self.writer.stop()
        self.watcher.stop()
