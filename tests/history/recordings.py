"""What was answered at each commit of a long history when that commit was made."""

from typing import NamedTuple

from gitrepo import Repo
from in_process import Api

COMMITS = 300
PATHS = (
    "/api/v1/workflows?per_page=100",
    "/api/v1/workflows?enabled=true&tags=red,blue&search=LABEL%201",
    "/api/v1/workflows?sort=-updated&pack_ref=alpha&per_page=2&page=2",
    "/api/v1/workflows/alpha.one",
    "/api/v1/workflows/beta.four.deep",
    "/api/v1/packs",
    "/api/v1/packs/beta",
    "/api/v1/packs/gamma/workflows",
    "/api/v1/problems?per_page=100",
    "/api/v1/history?per_page=3",
    "/api/v1/workflows/alpha.one/history?per_page=2",
)


class Answer(NamedTuple):
    status: int
    etag: str | None
    revision: str | None
    body: bytes


class Recorded(NamedTuple):
    repo: Repo
    commits: list[str]
    answers: dict[str, dict[str, Answer]]


def ask(api: Api, path: str, at: str | None = None) -> Answer:
    asked = path if at is None else f"{path}{'&' if '?' in path else '?'}at={at}"
    response = api.get(asked)
    headers = response.headers
    return Answer(response.status_code, headers.get("etag"), headers.get("x-registry-revision"), response.content)
