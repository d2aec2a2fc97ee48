"""Files and branches whose names are not UTF-8, which git takes: they are shown, and take nothing else down."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from gitrepo import Repo
from in_process import Api

LATIN = b"caf\xe9".decode(errors="surrogateescape")
FIRST = "/api/v1/workflows/demo.first"


@pytest.fixture
def api(repo: Repo) -> Iterator[Api]:
    made = Api(repo.root)
    made.person("bob", "admin", email="bob@example.com")
    yield made
    made.close()


@pytest.mark.alone
def test_a_file_in_a_pack(repo: Repo, api: Api) -> None:
    first = repo.head()
    repo.write(f"packs/demo/workflows/{LATIN}.yaml", "label: L\nversion: 1.0.0\n")
    repo.commit("A name in Latin-1")
    (problem,) = api.get("/api/v1/problems").json()["data"]
    assert problem["path"] == "packs/demo/workflows/caf�.yaml"
    assert api.get(f"/api/v1/problems?at={repo.head()}").json()["data"] == [problem]
    assert api.post("/api/v1/packs/demo/workflows/validate").status_code == 200
    assert api.put(FIRST, {"label": "Changed"}).status_code == 200
    for query in ("?dry_run=true", ""):
        answer = api.post(f"/api/v1/rollback{query}", {"to": first})
        assert answer.status_code in (200, 409), answer.text
    assert api.get(FIRST).status_code == 200


@pytest.mark.parametrize("path", [f"docs/{LATIN}.md", f"packs/demo/workflows/{LATIN}.yaml"])
def test_a_file_in_a_proposal(repo: Repo, api: Api, path: str) -> None:
    repo.git("switch", "-q", "-c", "proposals/latin")
    repo.write(path, "label: L\nversion: 1.0.0\n")
    repo.commit("A name in Latin-1")
    repo.git("switch", "-q", "main")
    assert [row["name"] for row in api.get("/api/v1/proposals").json()["data"]] == ["latin"]
    assert api.get("/api/v1/proposals/latin").status_code == 200
    diff = api.get(f"/api/v1/diff?from={repo.head()}&to=proposals/latin", Accept="text/x-diff")
    assert diff.status_code == 200, diff.text
    assert api.post("/api/v1/proposals/latin/review", {"verdict": "approve"}, who="bob").status_code == 200
    merged = api.post("/api/v1/proposals/latin/merge")
    assert merged.status_code in (200, 409), merged.text
    if merged.status_code == 200:
        assert repo.git("ls-tree", "-r", "--name-only", "HEAD").count("caf") == 1
        assert repo.status() == ""


@pytest.mark.parametrize("name", ["nb\u00a0sp", "👩\u200d💻", "next\u2028line", "next\x85line"])
def test_a_proposal_whose_name_git_takes_can_be_read_reviewed_merged_and_closed(
    repo: Repo, api: Api, name: str
) -> None:
    repo.git("switch", "-q", "-c", f"proposals/{name}")
    repo.workflow("demo.third")
    repo.commit("Third")
    repo.git("switch", "-q", "main")
    repo.git("branch", f"proposals/{name}x")
    assert [row["name"] for row in api.get("/api/v1/proposals").json()["data"]] == [name, f"{name}x"]
    path = f"/api/v1/proposals/{quote(name)}"
    assert api.get(path).json()["data"]["name"] == name
    assert api.get(f"/api/v1/workflows/demo.third?at=proposals/{quote(name)}").status_code == 200
    assert api.post(f"{path}/review", {"verdict": "approve"}, who="bob").status_code == 200
    assert api.post(f"{path}/merge").status_code == 200
    assert api.delete(f"{path}x").status_code == 200
    assert api.get("/api/v1/proposals").json()["data"] == []


def test_a_branch(repo: Repo, api: Api) -> None:
    repo.git("update-ref", f"refs/heads/proposals/{LATIN}", "HEAD")
    repo.git("branch", "proposals/fine")
    assert [row["name"] for row in api.get("/api/v1/proposals").json()["data"]] == ["caf�", "fine"]
    missing = api.get("/api/v1/proposals/nope")
    assert (missing.status_code, missing.json()["code"]) == (404, "PROPOSAL_NOT_FOUND")
