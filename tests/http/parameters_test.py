"""Query parameters as what they ask for."""

from collections.abc import Iterator

import pytest

from gitrepo import WORKFLOW, Repo
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
