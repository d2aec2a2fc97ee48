"""What can go wrong, in the domain's words; the edges map these to statuses and exit codes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


class RegistryError(Exception):
    """One sentence for a person, an UPPER_SNAKE code for a program, and details (JSON objects) for both."""

    code = "REGISTRY_ERROR"

    def __init__(self, message: str, *, code: str | None = None, details: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.details = list(details)


class Invalid(RegistryError):
    """What was asked for, or sent, is not well formed or breaks a rule."""

    code = "VALIDATION_FAILED"


class Unauthenticated(RegistryError):
    """Nobody known is asking."""

    code = "UNAUTHENTICATED"


class Forbidden(RegistryError):
    """Somebody known is asking for more than they may."""

    code = "FORBIDDEN"


class NotFound(RegistryError):
    """There is no such thing."""

    code = "NOT_FOUND"


class Conflict(RegistryError):
    """The state of the repository does not allow it; nothing was written."""

    code = "CONFLICT"


class PreconditionFailed(RegistryError):
    """The file is not the one the client thinks it is changing."""

    code = "PRECONDITION_FAILED"


class PreconditionRequired(RegistryError):
    """This registry wants to be told which version a change is meant for."""

    code = "PRECONDITION_REQUIRED"


class Unavailable(RegistryError):
    """Not now: somebody holds a lock, the disk is full, the queue is. `retry_after` is in seconds."""

    code = "UNAVAILABLE"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: Sequence[dict[str, Any]] = (),
        retry_after: int = 1,
    ) -> None:
        super().__init__(message, code=code, details=details)
        self.retry_after = retry_after


class PatchRefused(RegistryError):
    """A change could not be written into the YAML so that it reads back as what was asked for."""

    code = "PATCH_REFUSED"


class TooMuch(PatchRefused):
    """What is to be written is larger, or nested deeper, than the registry reads."""

    code = "DOCUMENT_TOO_LARGE"

    def __init__(self, message: str) -> None:
        super().__init__(message, details=({"pointer": "", "rule": "yaml-limit", "message": message, "hint": None},))


class GitFailed(RegistryError):
    """A git command failed; the message carries the command, its exit code and what it said."""

    code = "GIT_FAILED"


@contextmanager
def about(**where: str) -> Iterator[None]:
    """Have an Invalid that is raised within say what in the request it is about, unless it says so itself."""
    try:
        yield
    except Invalid as error:
        if error.details:
            raise
        raise Invalid(error.message, code=error.code, details=[{**where, "message": error.message}]) from error
