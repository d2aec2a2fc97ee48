"""Pack files of the platform: what they say of the packs they need, served as it is and known to the checks."""

from typing import Any

import pytest

from gitrepo import Repo
from in_process import Api

_PACK = "packs/fleet/pack.yaml"
_FLOW = """\
dependencies:
  attune_version: ">=0.1.0"   # of the platform
  packs:
    - core>=1.0.0             # what all need
    - slack@2.1.0
"""
_LIST = "dependencies: [core>=1.0.0, slack@2.1.0]   # with versions\n"


def _data(api: Api) -> dict[str, Any]:
    answer = api.get("/api/v1/packs/fleet")
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def _needing(repo: Repo, said: str) -> str:
    """The pack's file, which now says so of what it needs."""
    text = (repo.root / _PACK).read_text()
    text += ("" if text.endswith("\n") else "\n") + said
    repo.write(_PACK, text)
    repo.commit()
    return text


@pytest.mark.parametrize(
    ("said", "served"),
    [
        (_FLOW, {"attune_version": ">=0.1.0", "packs": ["core>=1.0.0", "slack@2.1.0"]}),
        (_LIST, ["core>=1.0.0", "slack@2.1.0"]),
        ("dependencies:\n  attune_version: '>=0.1.0'\n", {"attune_version": ">=0.1.0"}),
    ],
)
def test_a_pack_is_served_with_what_it_needs_as_its_file_says_it(api: Api, fleet: Repo, said: str, served: Any) -> None:
    _needing(fleet, said)
    assert _data(api)["dependencies"] == served
    problems = api.get("/api/v1/problems").json()["data"]
    assert [row for row in problems if row["severity"] == "error"] == []


def test_where_all_of_a_packs_lists_are_commented_out_it_has_none(api: Api, fleet: Repo) -> None:
    text = "label: Fleet\nversion: 1.0.0\ndependencies:\n  # - core\ntags:\n  # - chat\n"
    fleet.write(_PACK, text)
    fleet.commit()
    data = _data(api)
    assert (data["dependencies"], data["tags"]) == ([], [])
    answer = api.put("/api/v1/packs/fleet", {"dependencies": [], "tags": []})
    assert answer.status_code == 200, answer.text
    assert (fleet.root / _PACK).read_text() == text


@pytest.mark.parametrize("said", [_FLOW, _LIST])
def test_the_packs_that_are_used_are_looked_for_in_whichever_form(api: Api, fleet: Repo, said: str) -> None:
    _needing(fleet, said.replace("core>=1.0.0", "corp>=1.0.0"))
    found = [row for row in api.get("/api/v1/problems").json()["data"] if row["rule"] == "pack-dependency"]
    assert {row["message"] for row in found} == {"pack.yaml of fleet does not list core in its dependencies"}
    assert {row["hint"] for row in found} == {"did you mean corp?"}


def test_a_put_keeps_the_form_and_the_comments(api: Api, fleet: Repo) -> None:
    text = _needing(fleet, _FLOW)
    data = _data(api)
    assert api.put("/api/v1/packs/fleet", data).status_code == 200
    assert (fleet.root / _PACK).read_text() == text
    needed = data["dependencies"]
    needed["packs"][1] = "slack@2.2.0"
    answer = api.put("/api/v1/packs/fleet", {"dependencies": needed})
    assert answer.status_code == 200, answer.text
    assert (fleet.root / _PACK).read_text() == text.replace("2.1.0\n", "2.2.0\n") != text
    assert _data(api)["dependencies"] == needed
