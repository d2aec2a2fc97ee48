"""What starts and ends with a worker: the writer, what brings saved files in, and who reads a long history ahead."""

from collections.abc import Mapping
from typing import Any, Protocol

from ..foresight import Foresight
from ..registry import Registry
from ..writing.writer import Writer


class Watch(Protocol):
    """Brings what people save into a registry: a watcher, or what listens to one in another process."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End."""


class Lifespan:
    """Threads begin here, after the fork, and end before the worker does."""

    def __init__(self, registry: Registry, writer: Writer, watch: Watch) -> None:
        self.writer = writer
        self.watch = watch
        self.foresight = Foresight(registry)

    async def process_startup(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Begin to watch and to write."""
        self.watch.start()
        self.writer.start()
        self.foresight.start()

    async def process_shutdown(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Answer the writes that wait, then end."""
        self.foresight.stop()
        self.writer.stop()
        self.watch.stop()
