"""What is looked at once for all requests that are answered in one turn of the event loop."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

Found = TypeVar("Found")


class OncePerTurn(Generic[Found]):
    """A look at something outside that may change at any moment, shared by whoever asks in the same turn.

    An event loop reads its sockets between turns: all requests that a turn answers came before it began, so that one
    look in it is later than each of them. Under load that is one look for several requests. For the loop's thread.
    """

    def __init__(self, look: Callable[[], Found]) -> None:
        self._look = look
        self._found: Found | None = None

    def __call__(self) -> Found:
        """What the look gives; None, which says that there is nothing to share, is asked for anew each time."""
        if self._found is not None:
            return self._found
        found = self._look()
        if found is not None:
            # It runs before whatever the loop reads next; kept is only what will be forgotten.
            asyncio.get_running_loop().call_soon(self._forget)
            self._found = found
        return found

    def _forget(self) -> None:
        self._found = None
