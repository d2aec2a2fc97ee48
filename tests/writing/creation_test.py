"""New files come out in one style, however the body was put together."""

from gitrepo import Repo
from in_process import Api

SHUFFLED = {
    "definition": {
        "conditions": {"z": 1, "a": 2},
        "variables": {"z": 1, "a": 2},
        "tasks": [
            {
                "x_note": "kept",
                "timeout": 5,
                "retry": {"backoff": "linear", "delay": 2, "count": 1},
                "on_failure": "b",
                "input": {"z": 1, "name": "x", "action": "w"},
                "action": "core.noop",
                "name": "a",
            },
            {"action": "core.noop", "name": "b"},
        ],
    },
    "version": "1.0.0",
    "label": "New",
    "pack_ref": "demo",
    "ref": "demo.new",
}
FILE = """\
label: New
version: 1.0.0
definition:
  tasks:
    - name: a
      action: core.noop
      input:
        z: 1
        name: x
        action: w
      on_failure: b
      retry:
        count: 1
        delay: 2
        backoff: linear
      timeout: 5
      x_note: kept
    - name: b
      action: core.noop
  variables:
    z: 1
    a: 2
  conditions:
    z: 1
    a: 2
"""


def test_fields_of_the_contract_are_in_its_order_and_peoples_own_in_theirs(repo: Repo) -> None:
    api = Api(repo.root)
    created = api.post("/api/v1/workflows", SHUFFLED)
    api.close()
    assert created.status_code == 201, created.text
    assert created.json()["data"]["definition"] == SHUFFLED["definition"]
    assert (repo.root / "packs/demo/workflows/new.yaml").read_text() == FILE
