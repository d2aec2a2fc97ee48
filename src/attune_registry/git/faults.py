"""Refusals of the operating system and of libgit2, in the domain's words: what failed, and what to do."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pygit2

from ..errors import GitFailed, Unavailable

_FULL = (errno.ENOSPC, errno.EDQUOT)
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
_LATER = 30


@contextmanager
def faults(doing: str) -> Iterator[None]:
    """Turns an OSError or a failure of libgit2 while `doing` ("writing objects") into Unavailable."""
    try:
        yield
    except OSError as error:
        raise _refusal(doing, error.errno or _errno_in(str(error)), _words(error)) from error
    except pygit2.GitError as error:
        raise _refusal(doing, _errno_in(str(error)), str(error)) from error


def git_cannot(error: GitFailed) -> Unavailable:
    """The answer when a git command fails where there is nothing wrong with what was asked for."""
    words = error.message.rstrip(". ")
    return Unavailable(
        f"git cannot do its work in the registry's clone: {words}. Mend that there ('git status' mostly says the "
        "same), then try again.",
        code=error.code,
        retry_after=_LATER,
    )


def unreadable(what: str, error: OSError) -> Unavailable:
    """The answer while something of git's that is there cannot be read; what it says can only be guessed."""
    return Unavailable(
        f"'{what}' in the registry's clone cannot be read: {error.strerror or error}. Until it can be, nothing is read "
        "or written that goes by it; give the registry's user the right to read it ('chown', 'chmod'), and to enter "
        "the folders that it is in.",
        code="REF_UNREADABLE",
        retry_after=_LATER,
    )


def _refusal(doing: str, number: int | None, words: str) -> Unavailable:
    if number in _FULL:
        return Unavailable(
            f"The disk is full (while {doing}): {words}. Nothing was written; make room and try again.",
            code="DISK_FULL",
            retry_after=_LATER,
        )
    if number in _READ_ONLY:
        return Unavailable(
            f"The repository cannot be written (while {doing}): {words}. Nothing was changed; give the registry's "
            "user write access to the working tree and to .git, on a file system that is not read-only.",
            code="REPOSITORY_READ_ONLY",
            retry_after=_LATER,
        )
    return Unavailable(f"The repository could not be written (while {doing}): {words}.", code="WRITE_FAILED")


def _words(error: OSError) -> str:
    named = f" '{error.filename}'" if error.filename else ""
    return f"{error.strerror or error}{named}"


def _errno_in(text: str) -> int | None:
    """libgit2 passes on the system's words without its number."""
    lowered = text.lower()
    return next((n for n in _FULL + _READ_ONLY if os.strerror(n).lower() in lowered), None)
