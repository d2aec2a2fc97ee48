"""What goes wrong where nobody waits for an answer: said in the log, and no more than that."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from .errors import RegistryError

# What any call of the system may meet, wherever it is made: that there is one says all.
_TOO_LITTLE = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
_log = structlog.get_logger()


class Mishaps:
    """Of one kind, named by the event in the log. For one thread at a time.

    What the registry has words for is no mistake of ours, like a repository that cannot be read, nor is a system that
    has no more files to open: it is said once for as long as it stays so, and every request says it for itself.
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
            self._say(error.message, code=error.code)
        except OSError as error:
            if error.errno in _TOO_LITTLE:
                self._say(": ".join(map(str, filter(None, (error.strerror, error.filename)))))
            else:
                _log.exception(self._event)
        except Exception:
            _log.exception(self._event)

    def _say(self, reason: str, **more: str) -> None:
        if reason not in self._said:
            _log.warning(self._event, reason=reason, **more)
        self._said.add(reason)
