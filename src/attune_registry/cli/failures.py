"""What goes wrong on the command line: a sentence on standard error and an exit code, never a traceback."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click

from .. import errors

CLEAN, PROBLEMS, COULD_NOT_RUN = 0, 1, 2
INTERRUPTED, PIPE_CLOSED = 130, 141
TRACEBACK_VARIABLE = "ATTUNE_REGISTRY_TRACEBACK"


class Refused(click.ClickException):
    """Everything is as it was, and the answer is no."""

    exit_code = PROBLEMS


class CouldNotRun(click.ClickException):
    """There was no way to find out."""

    exit_code = COULD_NOT_RUN


# The exit code of each error of the domain, by its class or the nearest one above it.
FAILURES: Mapping[type[BaseException], type[click.ClickException]] = {
    errors.RegistryError: CouldNotRun,
    errors.Conflict: Refused,
    errors.Forbidden: Refused,
    errors.PreconditionFailed: Refused,
}


def failure_of(error: errors.RegistryError) -> click.ClickException:
    """What the person at the terminal is told of an error."""
    kind = next(FAILURES[kind] for kind in type(error).__mro__ if kind in FAILURES)
    return kind(error.message)


@contextmanager
def failing_politely() -> Iterator[None]:
    """Turn the domain's errors and the system's into a sentence; Ctrl-C and a closed pipe end without a word."""
    try:
        yield
        sys.stdout.flush()
    except errors.RegistryError as error:
        raise failure_of(error) from error
    except KeyboardInterrupt:
        raise click.exceptions.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        _forget_output()
        raise click.exceptions.Exit(PIPE_CLOSED) from None
    except OSError as error:
        named = f"{os.fsdecode(error.filename)}: " if error.filename else ""
        raise CouldNotRun(f"{named}{error.strerror or error}.") from error
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        # Python's own exit code for this is 1, which pipelines would take for "problems found".
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        raise CouldNotRun(
            f"This should not have happened, and is a bug: {type(error).__name__}: {error}. "
            f"Run it again with {TRACEBACK_VARIABLE}=1 to see where, and report it."
        ) from error


def _forget_output() -> None:
    """Whoever read the output is gone: what is still in its buffer must not fail again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
