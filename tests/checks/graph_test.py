from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_registry.checks.components import ancestors, components
from attune_registry.checks.graph import build, check, flow, picture, starts
from attune_registry.checks.groups import taken, twins
from attune_registry.checks.transitions import transitions

_GRAPHS = st.integers(0, 8).flatmap(
    lambda size: st.lists(
        st.lists(st.integers(0, max(size - 1, 0)), max_size=3 if size else 0), min_size=size, max_size=size
    )
)


def _reached(after: list[list[int]], start: int) -> set[int]:
    found: set[int] = set()
    pending = list(after[start])
    while pending:
        node = pending.pop()
        if node not in found:
            found.add(node)
            pending.extend(after[node])
    return found


@given(_GRAPHS)
def test_components_are_the_nodes_that_reach_each_other(after: list[list[int]]) -> None:
    reached = [_reached(after, node) for node in range(len(after))]
    wanted = {
        frozenset({node} | {other for other in reached[node] if node in reached[other]}) for node in range(len(after))
    }
    found = components(after)
    assert {frozenset(members) for members in found} == wanted
    assert sorted(node for members in found for node in members) == list(range(len(after)))


@given(_GRAPHS)
def test_ancestors_are_the_nodes_from_which_a_way_leads(after: list[list[int]]) -> None:
    reached = [_reached(after, node) for node in range(len(after))]
    for node, bits in enumerate(ancestors(after)):
        assert {other for other in range(len(after)) if bits >> other & 1} == {
            other for other in range(len(after)) if node in reached[other]
        }


@pytest.mark.parametrize(
    ("task", "found"),
    [
        ({"on_success": "a", "on_failure": "b"}, [("a", "success"), ("b", "failure")]),
        ({"on_success": ["a", "b"]}, [("a", "success"), ("b", "success")]),
        ({"on_success": [{"when": "{{ x }}", "do": "a"}]}, [("a", "maybe")]),
        ({"on_complete": "a", "on_timeout": "b"}, [("a", "always"), ("b", "timeout")]),
        ({"next": "a"}, [("a", "always")]),
        ({"next": [{"do": ["a", "b"]}]}, [("a", "always"), ("b", "always")]),
        ({"next": [{"when": "{{ succeeded() }}", "do": "a"}]}, [("a", "success")]),
        ({"next": [{"when": "{{ failed() }}", "do": "a"}]}, [("a", "failure")]),
        ({"next": [{"when": "{{ succeeded() and x }}", "do": "a"}]}, [("a", "maybe")]),
        ({"next": [{"when": "{{ succeeded() }}", "publish": [{"a": 1}]}]}, []),
        ({"decision": [{"when": "{{ x }}", "next": "a"}, {"default": "b"}]}, [("a", "maybe"), ("b", "always")]),
        ({"decision": [{"default": True, "next": "a"}]}, [("a", "always")]),
        ({"decision": [{"when": "{{ x }}", "next": "a"}, "b", 7]}, [("a", "maybe"), ("b", "always")]),
        ({"on_success": 7, "next": {"do": None}, "decision": "x"}, []),
        ({}, []),
    ],
)
def test_every_form_of_a_transition_is_read(task: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert [(transition.target, transition.outcome) for transition in transitions(task)] == found


def test_a_transition_says_where_it_stands() -> None:
    task = {"next": [{"do": "a"}, {"do": ["b", "c"]}]}
    assert [transition.steps for transition in transitions(task)] == [
        ("next", 0, "do"),
        ("next", 1, "do", 0),
        ("next", 1, "do", 1),
    ]


def _definition(*tasks: dict[str, Any]) -> dict[str, Any]:
    return {"tasks": [{"action": "core.noop", **task} for task in tasks]}


def test_tasks_without_successors_run_in_the_order_listed() -> None:
    graph = build(_definition({"name": "a"}, {"name": "b"}, {"name": "c"}))
    assert starts(graph) == [0]
    assert flow(graph) == [[1], [2], []]


def test_a_task_that_names_only_itself_is_a_start_all_the_same() -> None:
    graph = build(_definition({"name": "a", "on_failure": "a", "on_success": "b"}, {"name": "b"}))
    assert starts(graph) == [0]


def test_the_parts_of_a_parallel_task_come_before_its_successors() -> None:
    parts = [{"name": "x", "action": "core.noop"}, {"name": "y", "action": "core.noop"}]
    graph = build(_definition({"name": "a", "tasks": parts, "on_success": "b"}, {"name": "b"}))
    assert [node.name for node in graph.nodes] == ["a", "x", "y", "b"]
    assert flow(graph) == [[3, 1, 2], [3], [3], []]


def test_a_name_in_a_parallel_task_is_that_of_its_own_part_first() -> None:
    groups = [
        {"name": group, "tasks": [{"name": "x", "on_success": "y"}, {"name": "y"}]} for group in ("first", "second")
    ]
    graph = build(_definition({**groups[0], "on_success": "second"}, groups[1]))
    assert [(edge.source, edge.target) for edge in graph.edges] == [(0, 3), (1, 2), (4, 5)]
    assert graph.twins == {"x": (1, 4), "y": (2, 5)}
    assert list(check(graph)) == []


def test_the_picture_of_a_graph() -> None:
    definition = _definition({"name": "a", "on_success": "b", "on_failure": "c"}, {"name": "b"}, {"name": "c"})
    assert picture(definition) == {
        "kind": "graph",
        "tasks": ["a", "b", "c"],
        "starts": ["a"],
        "ends": ["b", "c"],
        "edges": [{"from": "a", "to": "b", "on": "success"}, {"from": "a", "to": "c", "on": "failure"}],
    }


def test_the_picture_of_a_sequence() -> None:
    assert picture(_definition({"name": "a"}, {"name": "b"})) == {
        "kind": "sequence",
        "tasks": ["a", "b"],
        "starts": ["a"],
        "ends": ["b"],
        "edges": [{"from": "a", "to": "b", "on": "always"}],
    }


@pytest.mark.timeout(20)
def test_a_condition_of_very_many_blanks_takes_no_longer_than_another() -> None:
    for when, outcome in (("{{ x" + " " * 500_000 + "y", "maybe"), ("{{" + " " * 500_000 + "failed() }}", "failure")):
        assert [each.outcome for each in transitions({"next": [{"when": when, "do": "a"}]})] == [outcome]


def test_every_outcome_that_leads_from_one_task_to_another_is_an_edge() -> None:
    first = {"name": "a", "on_success": [{"when": "{{ x }}", "do": "b"}, {"do": "b"}, "b"], "on_failure": "b"}
    edges = picture(_definition(first, {"name": "b"}))["edges"]
    assert edges == [{"from": "a", "to": "b", "on": outcome} for outcome in ("maybe", "success", "failure")]


def test_a_name_means_the_task_of_the_nearest_group() -> None:
    inner = {"name": "inner", "tasks": [{"name": "b", "on_success": "a"}]}
    other = {"name": "other", "tasks": [{"name": "a"}, {"name": "z"}]}
    graph = build(_definition(other, {"name": "outer", "tasks": [{"name": "a"}, inner]}))
    (edge,) = graph.edges
    assert (graph.nodes[edge.source].name, edge.target) == ("b", 4)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-1, 3))))
def test_which_names_are_taken_is_told_in_one_go(tasks: list[tuple[str, int]]) -> None:
    told = []
    for number, (name, group) in enumerate(tasks):
        before = {other for called, other in tasks[:number] if called == name}
        if before and (group in before or group < 0 or -1 in before):
            told.append(number)
    assert list(taken(tasks, twins(tasks))) == told


def test_thousands_of_tasks_of_one_name_take_no_longer_than_others() -> None:
    """For each of them all others were gone through: minutes, for a file within the limits."""
    tasks = [("same", group) for group in range(200_000)]
    assert list(taken(tasks, twins(tasks))) == []
    assert len(list(taken([("same", -1)] * 200_000, twins([("same", -1)] * 200_000)))) == 199_999
