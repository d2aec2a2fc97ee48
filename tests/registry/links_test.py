"""What changes in one workflow changes the problems of those that call it, and those of nobody else are looked for."""

from collections.abc import Mapping

import pytest

from attune_registry import links
from attune_registry.problems import Problem
from attune_registry.registry import Registry
from gitrepo import Repo

CALLED, CALLER = "packs/demo/workflows/called.yaml", "packs/demo/workflows/caller.yaml"
PARAMETERS = "param_schema: {properties: {size: {type: integer}}}\n"
CALLED_TEXT = f"""\
label: Called
version: 1.0.0
{PARAMETERS}definition:
  tasks:
    - {{name: one, action: core.noop, timeout: 5}}
"""
CALLER_TEXT = """\
label: Caller
version: 1.0.0
definition:
  tasks:
    - name: call
      action: demo.called
      input:
        size: 1
      timeout: 5
"""
WAIVED = CALLER_TEXT.replace("demo.called", "demo.called  # registry: ignore[action-disabled]")
OFF = CALLED_TEXT + "enabled: false\n"


def after(repo: Repo, registry: Registry, **texts: str) -> Mapping[str, tuple[Problem, ...]]:
    """The problems between workflows by a step from what was there; they are those that all of it would give."""
    for name, text in texts.items():
        repo.write(f"packs/demo/workflows/{name}.yaml", text)
    repo.commit()
    found = registry.refresh().links
    assert found == Registry.open(repo.root).snapshot.links
    return found


@pytest.fixture
def registry(repo: Repo) -> Registry:
    repo.write(CALLED, CALLED_TEXT)
    repo.write(CALLER, CALLER_TEXT)
    repo.commit()
    found = Registry.open(repo.root)
    assert found.snapshot.links == {}
    return found


@pytest.mark.parametrize(
    ("texts", "rule", "line"),
    [
        ({"called": OFF}, "action-disabled", 6),
        ({"called": CALLED_TEXT.replace("integer", "boolean")}, "action-input-type", 8),
        ({"called": CALLED_TEXT.replace("size", "length")}, "action-input-unknown", 8),
        ({"caller": CALLER_TEXT.replace("size: 1", "sise: 1")}, "action-input-unknown", 8),
        ({"caller": CALLER_TEXT.replace("demo.called", "demo.caled")}, "action-unknown", 6),
    ],
)
def test_what_matters_to_others_is_seen_by_them(
    repo: Repo, registry: Registry, texts: Mapping[str, str], rule: str, line: int
) -> None:
    ((problem,),) = after(repo, registry, **texts).values()
    assert (problem.rule, problem.line) == (rule, line)


def test_what_was_waived_shows_when_it_no_longer_is(repo: Repo, registry: Registry) -> None:
    assert after(repo, registry, called=OFF, caller=WAIVED) == {}
    assert list(after(repo, registry, caller=CALLER_TEXT)) == ["demo.caller"]


def test_a_problem_moves_with_the_text_that_it_is_in(repo: Repo, registry: Registry) -> None:
    wrong = CALLER_TEXT.replace("size: 1", "sise: 1")
    ((problem,),) = after(repo, registry, caller=wrong).values()
    ((moved,),) = after(repo, registry, caller=wrong.replace("input:\n", "input:\n        # of what\n")).values()
    assert (problem.line, moved.line) == (8, 9)


def test_a_problem_goes_when_it_is_mended_on_either_side(repo: Repo, registry: Registry) -> None:
    assert after(repo, registry, called=OFF)
    assert after(repo, registry, called=CALLED_TEXT) == {}
    assert after(repo, registry, caller=CALLER_TEXT.replace("size: 1", "sise: 1"))
    assert after(repo, registry, caller=CALLER_TEXT) == {}


def test_nobody_looks_where_nothing_can_have_changed(
    repo: Repo, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    genuine = links._Check.problems
    monkeypatch.setattr(
        links._Check, "problems", lambda check, entry: looked.append(entry.ref) or genuine(check, entry)
    )
    repo.write(CALLED, CALLED_TEXT.replace("1.0.0", "1.0.1"))
    repo.commit()
    registry.refresh()
    assert looked == []
    repo.write(CALLED, OFF)
    repo.commit()
    registry.refresh()
    assert sorted(looked) == ["demo.called", "demo.caller"]
