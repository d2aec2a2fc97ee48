"""Which branch a transaction is on, and the states of a repository in which nothing is written."""

import pygit2

from ..errors import Conflict, Invalid, NotFound
from ..git.head import Head, read_head, resolve_ref
from ..git.repository import Repository
from ..git.worktrees import checked_out_at

_FINISH = {
    "a merge": "'git merge --continue' or '--abort'",
    "a rebase": "'git rebase --continue' or '--abort' ('git am' if it was that)",
    "a cherry-pick": "'git cherry-pick --continue' or '--abort'",
    "a revert": "'git revert --continue' or '--abort'",
}


def head_to_write(repository: Repository) -> Head:
    """The branch checked out. Raises Conflict when there is none, or a person is in the middle of something."""
    at_work = repository.at_work()
    if at_work is not None:
        raise Conflict(
            f"The registry's clone is in the middle of {at_work}; finish it with {_FINISH[at_work]}, then try again.",
            code="GIT_AT_WORK",
        )
    head = read_head(repository)
    if head.branch is None:
        raise Conflict(
            "HEAD is detached: the registry's clone has a commit checked out and no branch, so there is nothing "
            "to commit to; check out a branch ('git switch main'), then try again.",
            code="DETACHED_HEAD",
        )
    if repository.root is None:
        _refuse_checked_out(repository, head.branch)
    return head


def unmerged() -> Conflict:
    """The answer while the index holds conflicts."""
    return Conflict(
        "The index of the registry's clone has unmerged files; resolve them ('git status' lists them, 'git add' "
        "marks them as resolved) and commit, then try again.",
        code="UNMERGED_INDEX",
    )


def branch_to_write(repository: Repository, branch: str, base: str | None) -> tuple[Head, str | None]:
    """Where a branch that is not checked out is (or will start, at `base`), and what its ref is now.

    Raises NotFound when it is not there and no base is given, Conflict when it is there and one is.
    """
    name = f"refs/heads/{branch}"
    if not pygit2.reference_is_valid_name(name):
        raise Invalid(f"'{branch}' is not a name for a branch.")
    _refuse_checked_out(repository, branch)
    found = resolve_ref(repository, name)
    if found is None and base is None:
        raise NotFound(f"There is no branch '{branch}'.", code="BRANCH_NOT_FOUND")
    if found is not None and base is not None:
        raise Conflict(f"There is a branch '{branch}' already.", code="BRANCH_EXISTS")
    return Head(branch, found or base), found


def _refuse_checked_out(repository: Repository, branch: str) -> None:
    where = checked_out_at(repository, branch)
    if where is not None:
        raise Conflict(
            f"The branch '{branch}' is checked out, being rebased or bisected in a working tree ('{where}'), which a "
            "commit to it from here would leave behind; serve that working tree, or finish there and check out another "
            "branch.",
            code="BRANCH_CHECKED_OUT",
        )
