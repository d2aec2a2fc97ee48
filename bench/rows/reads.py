"""GET one, 304 and a page of a list, against a bare application that answers with the same bytes."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..client import Answer, Connection
from ..load import CONNECTIONS, load
from ..measures import Bar, Row, at_least, in_turn
from ..processes import Served, bare_server, registry_server
from ..registries import workflow_files
from ..session import Session

_LIST = "/api/v1/workflows?page=1&per_page=20"
_CONDITIONS = f"2 workers, {CONNECTIONS} connections"


def get_one(session: Session, size: int) -> Iterator[Row]:
    """One workflow, token checked, keep-alive."""
    with _Pair.of(session, size, _path_of_one(session, size)) as pair:
        yield pair.row("get-one", "GET one workflow", at_least(0.75))


def not_modified(session: Session, size: int) -> Iterator[Row]:
    """The same with If-None-Match, against a bare 304 and, for information, against the bare bytes."""
    with _Pair.of(session, size, _path_of_one(session, size)) as pair:
        known = {"If-None-Match": pair.answer.etag}
        yield pair.row("not-modified", "GET one, If-None-Match: 304", at_least(0.85), known)
        yield pair.row("not-modified-bare-304", "the same", None, known, "/unchanged", "bare falcon.asgi, 304")


def list_page(session: Session, size: int) -> Iterator[Row]:
    """A page of 20, no filter."""
    with _Pair.of(session, size, _LIST) as pair:
        yield pair.row("list-page", "GET a page of 20, no filter", at_least(0.6))


def _path_of_one(session: Session, size: int) -> str:
    """A workflow whose file is of the usual length."""
    files = sorted(workflow_files(session.copy(size)), key=lambda path: (path.stat().st_size, path))
    usual = files[len(files) // 2]
    return f"/api/v1/workflows/{usual.parent.parent.name}.{usual.stem}"


class _Pair:
    """The registry and the bare application side by side, over one path."""

    def __init__(self, session: Session, size: int, path: str, answer: Answer, servers: tuple[Served, Served]) -> None:
        self._session = session
        self._size = size
        self._path = path
        self.answer = answer
        self._registry, self._bare = servers

    @classmethod
    @contextmanager
    def of(cls, session: Session, size: int, path: str) -> Iterator["_Pair"]:
        """Both, for the rows of one path."""
        directory = session.indexed(size)
        with registry_server(directory) as registry:
            with Connection(registry.port, registry.headers) as connection:
                answer = connection.get(path)
            if answer.status != 200:
                raise RuntimeError(f"{path} answers {answer.status}")
            with bare_server([answer.body], directory.parent) as bare:
                yield cls(session, size, path, answer, (registry, bare))

    def row(
        self,
        name: str,
        what: str,
        bar: Bar | None,
        headers: dict[str, str] | None = None,
        bare_path: str = "/0",
        reference: str = "bare falcon.asgi, same bytes",
    ) -> Row:
        """Both under load in turn."""
        own = self._registry.headers | (headers or {})
        self._rate(self._registry, self._path, own)
        samples = in_turn(
            self._session.rounds,
            lambda: self._rate(self._registry, self._path, own),
            lambda: self._rate(self._bare, bare_path, {}),
        )
        note = f"{_CONDITIONS}, body of {len(self.answer.body):,} bytes"
        return Row(name, self._size, what, reference, "req/s", *samples, bar=bar, note=note)

    def _rate(self, served: Served, path: str, headers: dict[str, str]) -> float:
        return load(served.port, path, headers, self._session.seconds).rate
