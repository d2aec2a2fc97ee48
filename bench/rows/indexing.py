"""First index, restart and `validate`, against PyYAML's C loader on the same bytes in one process."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..client import Connection
from ..measures import Row, at_most
from ..processes import command, make_token, python, registry_server
from ..registries import forget_state
from ..session import Session

_PYYAML = "PyYAML's C loader, one process"


def index_and_validate(session: Session, size: int) -> Iterator[Row]:
    """Everything that reads every file once, taken in turn with the loader."""
    directory = session.copy(size)

    def first_validate() -> float:
        forget_state(directory)
        return _validate(directory)

    def first_index() -> float:
        forget_state(directory)
        return float(python("once", "index", str(directory)))

    sides: dict[str, Callable[[], float]] = {
        "yaml": lambda: float(python("once", "yaml", str(directory))),
        "validate": first_validate,
        "again": lambda: _validate(directory),
        "index": first_index,
    }
    took: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(_rounds(session, size)):
        for name, measure in sides.items():
            took[name].append(measure())
    yaml, index, validate, again = (tuple(took[name]) for name in ("yaml", "index", "validate", "again"))
    is_meant = size == 10_000
    yield Row(
        *("first-index", size, "first index, checks included", _PYYAML, "s", index, yaml),
        bar=at_most(0.5) if is_meant else None,
    )
    yield Row(
        *("validate", size, "attune-registry validate", _PYYAML, "s", validate, yaml),
        bar=at_most(1.5) if is_meant else None,
    )
    yield Row(
        *("validate-again", size, "validate, nothing changed", "validate, the first time", "s", again, validate),
        bar=at_most(0.1) if is_meant else None,
    )


def restart(session: Session, size: int) -> Iterator[Row]:
    """From the start of the server to its first answer, with nothing changed and with nothing known."""
    directory = session.copy(size)
    firsts, agains = [], []
    for _ in range(1 if session.is_quick else _rounds(session, size)):
        forget_state(directory)
        firsts.append(_seconds_to_answer(directory))
        agains.append(_seconds_to_answer(directory))
    is_meant = size == 100_000
    yield Row(
        *("restart", size, "restart, nothing changed", "first start, first index", "s"),
        *(tuple(agains), tuple(firsts)),
        bar=at_most(1 / 20) if is_meant else None,
        note="from the start of the process to the first answer of a worker",
    )
    yield Row(
        *("restart-seconds", size, "restart, nothing changed", "5 s", "s"),
        *(tuple(agains), (5.0,) * len(agains)),
        bar=at_most(1) if is_meant else None,
    )


def _rounds(session: Session, size: int) -> int:
    return 1 if size > 10_000 else 2 if session.is_quick else 3


def _validate(directory: Path) -> float:
    return command("validate", "--repo", str(directory))


def _seconds_to_answer(directory: Path) -> float:
    token = make_token(directory)
    begun = time.perf_counter()
    with (
        registry_server(directory, token=token) as served,
        Connection(served.port, served.headers) as connection,
    ):
        answer = connection.get("/api/v1/workflows")
        if answer.status != 200:
            raise RuntimeError(f"The first answer is {answer.status}.")
        return time.perf_counter() - begun
