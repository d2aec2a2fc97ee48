"""Query parameters as what they ask for."""

from collections.abc import Iterator

import pytest

from gitrepo import WORKFLOW, Repo
from http_asserts import assert_error
from in_process import Api


@pytest.fixture
def api(repo: Repo) -> Iterator[Api]:
    made = Api(repo.root)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("query", "refs"),
    [
        ("tags=%20lead", ["demo.blank"]),
        ("tags=trail%20", ["demo.blank"]),
        ("tags=one,%20%20lead", ["demo.plain"]),
        ("tags=one,%20two", ["demo.both", "demo.plain"]),
        ("tags=none&tags=%20two", ["demo.both"]),
        ("tags=none", []),
        ("tags=%20", ["demo.blank", "demo.both", "demo.first", "demo.plain", "demo.second"]),
    ],
)
def test_a_tag_is_found_as_it_is_written_and_without_the_blanks_around_it(
    repo: Repo, api: Api, query: str, refs: list[str]
) -> None:
    for ref, tags in (("blank", "[' lead', 'trail ']"), ("plain", "[one]"), ("both", "[two]")):
        repo.workflow(f"demo.{ref}", WORKFLOW.format(label=ref).replace("[test]", tags))
    repo.commit("Tags")
    assert [row["ref"] for row in api.get(f"/api/v1/workflows?{query}").json()["data"]] == refs


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        *((f"/api/v1/{path}?at=--all", "at") for path in ("workflows", "packs/demo", "problems", "history", "changes")),
        *(("/api/v1/diff?from=--all", "from"), ("/api/v1/diff?from=HEAD&to=--all", "to")),
        *(("/api/v1/changes?since=--all", "since"), ("/api/v1/events?since=--all", "since")),
        *(("/api/v1/proposals?at=HEAD", "at"), ("/api/v1/packs?pack_ref=demo", "pack_ref")),
        ("/api/v1/packs?enabled=true", "enabled"),
    ],
)
def test_a_refusal_names_the_parameter(api: Api, path: str, parameter: str) -> None:
    details = assert_error(api.get(path), 400)["details"]
    assert [detail["parameter"] for detail in details] == [parameter]
