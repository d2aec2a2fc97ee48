"""Shallow clones: where their history is cut, and what brings the rest."""

from .repository import Repository

REMEDY = "'git fetch --unshallow' brings the rest"


def cuts(repository: Repository) -> str:
    """The commits whose parents a shallow clone has not, a line each, as git keeps them; empty for a full clone."""
    try:
        return (repository.common_dir / "shallow").read_text(errors="replace")
    except OSError:
        return ""


def cut_commits(repository: Repository) -> frozenset[str]:
    """The same as a set. git leaves them there until it has brought all that comes before them."""
    return frozenset(cuts(repository).split())
