"""How well the branch served is guarded: what its own commit says of that, whatever somebody is editing."""

from typing import NamedTuple

from ..blobs import READ_LIMIT
from ..checks.contract import Contract
from ..git.repository import Repository
from ..git.trees import find_file, read_blob
from ..layout import CONFIG_PATH
from ..problems import Problem
from ..snapshot import Snapshot


class Guard(NamedTuple):
    """`is_protected` is True when the branch takes changes by reviewed proposals only.

    `required_approvals` is None where nobody can tell how many that is.
    """

    is_protected: bool
    required_approvals: int | None


def guard_of(repository: Repository, served: Snapshot) -> Guard:
    """The guard of the branch served. Edits of the settings that are not committed can make it stricter only.

    Where registry/config.yaml is so broken that nobody can tell, the branch is protected, and no number of approvals is
    enough: a slip opens no door.
    """
    guard = _guard(served.contract, served.others.get(CONFIG_PATH, ()))
    if CONFIG_PATH not in served.edits:
        return guard
    file = find_file(repository, served.head.commit, CONFIG_PATH)
    if file is None:
        return guard
    contract, problems = Contract.load(read_blob(repository, file.blob, READ_LIMIT), None, None)
    committed = _guard(contract, problems.get(CONFIG_PATH, ()))
    one, other = guard.required_approvals, committed.required_approvals
    required = None if one is None or other is None else max(one, other)
    return Guard(guard.is_protected or committed.is_protected, required)


def _guard(contract: Contract, problems: tuple[Problem, ...]) -> Guard:
    settings = contract.settings
    return Guard(
        settings.protect or _is_unclear("protect", problems),
        None if _is_unclear("required_approvals", problems) else settings.required_approvals,
    )


def _is_unclear(setting: str, problems: tuple[Problem, ...]) -> bool:
    return any(
        problem.severity == "error" and (problem.pointer in ("", f"/{setting}") or problem.rule.startswith("yaml-"))
        for problem in problems
    )
