"""What goes wrong where nobody waits for an answer: said in the log, and no more than that."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from .errors import RegistryError

_log = structlog.get_logger()


class Mishaps:
    """Of one kind, named by the event in the log. For one thread at a time.

    What the registry has words for is no mistake of ours, like a repository that cannot be read: it is said once for
    as long as it stays so, and every request says it for itself.
    """

    def __init__(self, event: str) -> None:
        self._event = event
        self._said: set[str] = set()

    @contextmanager
    def borne(self) -> Iterator[None]:
        """What goes wrong inside goes no further: it is met again where somebody is told."""
        try:
            yield
            self._said.clear()
        except RegistryError as error:
            if error.message not in self._said:
                _log.warning(self._event, code=error.code, reason=error.message)
            self._said.add(error.message)
        except Exception:
            _log.exception(self._event)
