"""libgit2's view of a repository, that looks twice before it says that something is not there."""

from typing import Any

import pygit2
from pygit2.ffi import C

from .faults import unreadable


class Handle(pygit2.Repository):
    """For one thread. Nothing that it has refers back to it, so that it goes at once when nobody has it any more.

    Where something is missing, libgit2 reads the names of all packs once more, and opens them as it looks into them.
    Packs that are merged in between (`git gc`, `git repack`) are gone by then, and the one in their place was not there
    yet when the names were read.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        # Each of these makes a circle with the handle. It would wait for the collector of such, with the packs it has
        # open and the trees that libgit2 keeps for it: for minutes, and for ever where it was there before a fork.
        for name in ("branches", "references", "remotes", "submodules"):
            self.__dict__.pop(name, None)

    def __del__(self) -> None:
        # pygit2 would keep the interpreter to itself meanwhile. What has been open for long, hundreds of packs, takes
        # 5 to 20 ms of work to close, and several times as long in a thread that stands back.
        repository = getattr(self, "_repo", None)
        if repository is not None:
            self._disown()
            C.git_repository_free(repository)

    def find_reference(self, name: str) -> pygit2.Reference | None:
        """The ref of this full name; None when there is none, or can be none: the name is too long.

        Raises Unavailable for one that may not be read.
        """
        try:
            return self.lookup_reference(name)
        except (KeyError, ValueError):
            return None
        except OSError as error:
            raise unreadable(name, error) from error

    def git_object_lookup_prefix(self, key: pygit2.Oid | str) -> Any:
        """The object of an id; None when there is none."""
        found = super().git_object_lookup_prefix(key)
        return found if found is not None else super().git_object_lookup_prefix(key)

    def read(self, oid: pygit2.Oid | str) -> tuple[int, bytes]:
        """Kind and content of the object of an id. Raises KeyError."""
        try:
            return super().read(oid)
        except KeyError:
            return super().read(oid)
