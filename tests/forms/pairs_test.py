"""Which actions are workflows, and the files that they name."""

import time

import pytest

from attune_registry.forms.pairs import named_graph, names_workflow

NAMED = "workflows/a.workflow.yaml"


@pytest.mark.parametrize(
    "text",
    [
        f"label: A\nworkflow_file: {NAMED}\n",
        f"label: A\nworkflow_file: >-\n  {NAMED}\n",
        f"workflow_file: &f '{NAMED}'\n",
        # No YAML, for the moment.
        f'{{\n  "label": "A",\n  "workflow_file": "{NAMED}",\n',
        f'{{"workflow_file": "{NAMED}", "label": [',
        f"# An action\n---\n  label: 'A\n  workflow_file: {NAMED}\n",
        f"label: 'A\nworkflow_file: {NAMED} # tasks\n",
    ],
)
def test_an_action_names_its_tasks(text: str) -> None:
    assert names_workflow(text.encode())
    assert named_graph(text.encode()) == NAMED


@pytest.mark.parametrize(
    "text",
    [
        "label: A\n",
        "workflow_file: ~\n",
        "label: 'A\nworkflow_file: Null\n",
        "label: 'A\nworkflow_file:\n",
        "x: !t 1\nparameters:\n  workflow_file: {type: string}\n",
        f"x: !t 1\ndescription: |\n  workflow_file: {NAMED}\n",
        'x: [\n{"parameters": {"workflow_file": {"type": "string"}}}',
        f"# workflow_file: {NAMED}\nx: [\n",
    ],
)
def test_any_other_action_is_none(text: str) -> None:
    assert not names_workflow(text.encode())


@pytest.mark.parametrize("filler", [" ", "\t", "{", " {", "# ", "\n", "workflow_file", "workflow_file:{"])
def test_what_is_no_yaml_is_looked_at_in_little_time(filler: str) -> None:
    text = f"a: [\n{filler * (400_000 // len(filler))}\nworkflow_file: x\n".encode()
    began = time.process_time()
    names_workflow(text)
    assert time.process_time() - began < 20
