"""Where things are in a git repository, and what it is in the middle of."""

import threading
from dataclasses import dataclass
from pathlib import Path

import git
import pygit2

from ..errors import RegistryError
from ..layout import STATE_FOLDER

_AT_WORK = (
    ("MERGE_HEAD", "a merge"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
)
_handles = threading.local()


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
        try:
            with git.Repo(directory, search_parent_directories=True) as repo:
                root = None if repo.bare else Path(str(repo.working_dir)).resolve()
                found = cls(Path(repo.git_dir).resolve(), Path(repo.common_dir).resolve(), root)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError) as error:
            raise UnusableRepository(
                f"'{directory}' is not in a git repository; make a registry with 'attune-registry init DIR', "
                "or name one with --repo."
            ) from error
        found.handle()
        return found

    @property
    def state_folder(self) -> Path:
        """Caches, locks, journals and token digests, shared by all worktrees."""
        return self.common_dir / STATE_FOLDER

    @property
    def directory(self) -> Path:
        """Where git commands are run."""
        return self.root or self.git_dir

    def handle(self) -> pygit2.Repository:
        """This thread's libgit2 handle: cheap after the first call, never shared between threads."""
        opened: dict[Path, pygit2.Repository] = _handles.__dict__.setdefault("opened", {})
        if self.git_dir not in opened:
            opened[self.git_dir] = _open_with_libgit2(self.git_dir)
        return opened[self.git_dir]

    def at_work(self) -> str | None:
        """What a person has begun here and not finished ("a merge"), None when nothing."""
        return next((what for name, what in _AT_WORK if (self.git_dir / name).exists()), None)

    def is_shallow(self) -> bool:
        """True when the history is cut."""
        return (self.common_dir / "shallow").exists()

    def config(self, section: str, option: str, default: str = "") -> str:
        """A setting of git's configuration, all levels and includes followed."""
        config = self.handle().config
        name = f"{section}.{option}"
        return str(config[name]) if name in config else default


def _open_with_libgit2(git_dir: Path) -> pygit2.Repository:
    try:
        return pygit2.Repository(str(git_dir))
    except pygit2.GitError as error:
        raise UnusableRepository(
            f"'{git_dir}' cannot be read ({error}): the registry needs the sha1 object format and the "
            "'files' ref format. Clone it into a repository made with 'git init --object-format=sha1'."
        ) from error
