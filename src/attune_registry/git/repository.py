"""Where things are in a git repository, and what it is in the middle of."""

import os
import re
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from shlex import quote

import pygit2
from pygit2.enums import ObjectType

from ..errors import RegistryError, Unavailable
from ..layout import STATE_FOLDER
from ..ownership import hand_over_at_exit
from .handle import Handle
from .stamps import Stamp, stamp_of

_AT_WORK = (
    ("MERGE_HEAD", "a merge"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
)
# git-config(1), "boolean" and "integer".
_ON, _OFF = ("true", "yes", "on"), ("false", "no", "off", "")
_NUMBER = re.compile(r"([+-]?\d+)[kmg]?\Z")
_handles = threading.local()
# Until when handles were opened that must not be used any more, by git's folder.
_outdated: dict[Path, float] = {}
# libgit2 keeps every pack open that it has ever seen, also those that are gone: the files are limited here, and what
# it keeps of them goes with the handle.
_OLDEST_HANDLE_SECONDS = 20.0
_OLDEST_SETTINGS_SECONDS = 1.0
pygit2.option(pygit2.enums.Option.SET_MWINDOW_FILE_LIMIT, 64)
# By itself libgit2 maps packs as a whole, up to 8 GB of them: what a process has looked at in a history that grows all
# day would be resident in each.
_WINDOW, _MOST_MAPPED = 1 << 20, 8 << 20
pygit2.settings.mwindow_size = _WINDOW
pygit2.settings.mwindow_mapped_limit = _MOST_MAPPED
# Trees that libgit2 keeps parsed: by itself it keeps those below 4 KB, and reads the folder of all packs again for
# every path that is looked up. All that it keeps, in all threads, is not more than this.
_LARGEST_TREE = 1 << 18
_MOST_KEPT = 16 << 20


class UnusableRepository(RegistryError):
    """There is no repository here that a registry can be served from; the message says what to do."""

    code = "REPOSITORY_UNUSABLE"


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository on disk. `root` is its working tree, None when it is bare."""

    git_dir: Path
    common_dir: Path
    root: Path | None

    @classmethod
    def open(cls, directory: Path | str) -> "Repository":
        """The repository that `directory` is in. Raises UnusableRepository with what to do instead."""
        # A process that is told of a repository, and looks for none, is spared what that takes.
        discovery = import_module(".discovery", __package__)
        found = discovery.find(directory)
        if found is None:
            raise UnusableRepository(
                f"'{directory}' is not in a git repository; make a registry with 'attune-registry init DIR', "
                "or name one with --repo."
            )
        git_dir: Path = found.git_dir
        # GitPython would believe GIT_COMMON_DIR and GIT_WORK_TREE, which speak of some other repository.
        workdir = _open_with_libgit2(git_dir, found.holder).workdir
        root = Path(workdir).resolve() if workdir else None
        # git commands are run there, and have to find the same repository.
        if root is not None and not discovery.leads_to(root, git_dir):
            raise UnusableRepository(
                f"'{git_dir}' has its files elsewhere, and in '{root}' is no '.git' that leads to it; name the folder "
                "that the files are in."
            )
        repository = cls(git_dir, _common_dir(git_dir), root)
        hand_over_at_exit(repository.state_folder)
        return repository

    @property
    def state_folder(self) -> Path:
        """Caches, locks, journals and token digests, shared by all worktrees."""
        return _state_folder(self.common_dir)

    @property
    def directory(self) -> Path:
        """Where git commands are run."""
        return self.root or self.git_dir

    def handle(self) -> Handle:
        """This thread's libgit2 handle: cheap after the first call, never shared between threads."""
        opened: dict[Path, tuple[float, Handle]] = _handles.__dict__.setdefault("opened", {})
        now = time.monotonic()
        since, handle = opened.get(self.git_dir, (0.0, None))
        if handle is None or since <= max(now - _OLDEST_HANDLE_SECONDS, _outdated.get(self.git_dir, 0.0)):
            handle = _open_with_libgit2(self.git_dir, self.git_dir)
            opened[self.git_dir] = (now, handle)
        return handle

    def reopen(self) -> None:
        """Have every thread open a handle anew before it uses one again.

        libgit2 keeps what it has parsed: the commits at which a shallow clone was cut have no parents in a handle
        that has seen them so, be they fetched ten times.
        """
        _outdated[self.git_dir] = time.monotonic()

    def at_work(self) -> str | None:
        """What a person has begun here and not finished ("a merge"), None when nothing."""
        return next((what for name, what in _AT_WORK if os.path.exists(f"{self.git_dir}/{name}")), None)

    def config(self, section: str, option: str, default: str = "") -> str:
        """A setting of git's configuration, all levels and includes followed.

        A change of the repository's own file counts at once, one of the others (the user's, the system's, those
        included) within a second: libgit2 looks at three files for each question, and a write has a dozen.
        """
        known = _settings_of(self.common_dir)
        name = f"{section}.{option}"
        if name not in known:
            config = self.handle().config
            # Without a value, it is a switch that is on (git-config, "boolean").
            known[name] = str(config[name] if config[name] is not None else "true") if name in config else None
        found = known[name]
        return default if found is None else found

    def switch(self, section: str, option: str, *, default: bool = False) -> bool:
        """A setting that is on or off, as git reads one. Raises Unavailable for what is neither."""
        text = self.config(section, option, "true" if default else "false").lower()
        if text in _ON or text in _OFF:
            return text in _ON
        number = _NUMBER.match(text)
        if number is None:
            raise Unavailable(
                f"git's setting {section}.{option} is '{text}', which is neither true nor false; mend it with "
                f"'git config {section}.{option} true' (or false).",
                code="GIT_CONFIG_INVALID",
                retry_after=30,
            )
        return int(number[1]) != 0


@lru_cache
def _state_folder(common_dir: Path) -> Path:
    return common_dir / STATE_FOLDER


@dataclass(slots=True)
class _Settings:
    """What was read of a configuration, while its own file has this stamp, and until a moment that comes soon."""

    stamp: Stamp
    until: float
    known: dict[str, str | None]


def _settings_of(common_dir: Path) -> dict[str, str | None]:
    """The settings this thread has read of a repository lately."""
    now, stamp = time.monotonic(), stamp_of(f"{common_dir}/config")
    read: dict[Path, _Settings] = _handles.__dict__.setdefault("settings", {})
    found = read.get(common_dir)
    if found is None or found.until < now or found.stamp != stamp:
        found = read[common_dir] = _Settings(stamp, now + _OLDEST_SETTINGS_SECONDS, {})
    return found.known


def _common_dir(git_dir: Path) -> Path:
    """Where all worktrees of a repository have what they share (gitrepository-layout, "commondir")."""
    try:
        return (git_dir / (git_dir / "commondir").read_text().strip()).resolve()
    except FileNotFoundError:
        return git_dir


def _open_with_libgit2(git_dir: Path, folder: Path) -> Handle:
    """A handle of the repository with its data there, and for its working tree that of the folder it is opened by."""
    pygit2.settings.cache_object_limit(ObjectType.TREE, _LARGEST_TREE)
    pygit2.settings.cache_max_size(_MOST_KEPT)
    _refuse_grafts(_common_dir(git_dir) / "info/grafts")
    try:
        return Handle(str(folder))
    except pygit2.GitError as error:
        raise UnusableRepository(f"'{git_dir}' cannot be read ({error}): {_way_out(str(error), git_dir)}") from error


def _refuse_grafts(file: Path) -> None:
    """Raise UnusableRepository where a clone gives commits other parents than they have: no other clone would agree."""
    # libgit2 takes no comments in it.
    if file.exists() and file.stat().st_size:
        raise UnusableRepository(
            f"'{file}' gives commits other parents than they have, and no other clone knows of them; "
            "remove it, or have 'git replace --convert-graft-file' make something of it that the registry passes over."
        )


def _way_out(said: str, git_dir: Path) -> str:
    if "not owned by" in said:
        folder = git_dir.parent if git_dir.name == ".git" else git_dir
        return (
            "run the registry as the user who owns it, or, if you trust it, tell git so with: "
            f"git config --global --add safe.directory {quote(str(folder))}"
        )
    head = git_dir / "HEAD"
    if head.is_symlink() and not head.exists():
        # libgit2 looks for what the link leads to; git reads the link.
        return (
            f"'{head}' is a link to a branch that is packed or has no commits, which only git follows; have git write "
            f"it as a file with 'git -c core.preferSymlinkRefs=false symbolic-ref HEAD {os.readlink(head)}'."
        )
    if "parse config" in said:
        return "mend git's configuration ('git config --list' says what is wrong), then try again."
    return (
        "the registry needs the sha1 object format and the 'files' ref format. "
        "Clone it into a repository made with 'git init --object-format=sha1'."
    )
