import re
from pathlib import Path

import pytest
from example_files import check_text

from attune_registry.checks.rulebook import rulebook
from attune_registry.checks.rules import GROUPS, REFERENCE_RULES, RULES, Rule, level_of
from attune_registry.problems import SEVERITIES

_ROOT = Path(__file__).parents[2]
_DOCS = _ROOT / "docs" / "rules.md"
_NAMED = re.compile(r'\b(?:Finding|Problem)\(\s*"([a-z-]+)"')


def test_the_documentation_says_what_the_table_says() -> None:
    assert _DOCS.read_text(encoding="utf-8") == rulebook(), "write rulebook() to docs/rules.md"


def test_no_two_rules_share_a_name() -> None:
    assert sum(len(rules) for _, rules in GROUPS) == len(RULES)


def test_whatever_the_code_finds_is_in_the_table() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (_ROOT / "src").rglob("*.py")]
    named = {name for text in sources for name in _NAMED.findall(text)}
    assert len(named) > len(RULES) / 2, "the pattern finds them no longer"
    assert named <= RULES.keys()


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_is_complete(rule: Rule) -> None:
    assert rule.name == rule.name.lower()
    assert rule.severity in SEVERITIES
    assert rule.summary.endswith(".")
    assert rule.bad != rule.good
    assert rule.severity == "error" or not rule.fixed


@pytest.mark.parametrize("name", ["no-start", "unreachable-task", "endless-loop", "several-starts"])
def test_the_good_example_of_a_graph_is_a_file_with_nothing_to_say_against_its_graph(name: str) -> None:
    tasks = "".join(f"    {line}\n" for line in RULES[name].good.splitlines())
    problems = check_text(f"label: Good\nversion: 1.0.0\ndefinition:\n  tasks:\n{tasks}").problems
    assert {problem.rule for problem in problems} <= {"timeout-missing", "on-failure-missing"}


def test_a_rule_is_regraded_or_switched_off_unless_it_is_fixed() -> None:
    assert level_of("endless-loop", {}) == "warning"
    assert level_of("endless-loop", {"endless-loop": "error"}) == "error"
    assert level_of("endless-loop", {"endless-loop": "off"}) == "off"
    assert level_of("schema-type", {"schema-type": "off"}) == "error"
    assert level_of("a-rule-of-tomorrow", {}) == "error"


def test_the_rules_between_workflows_can_all_be_waved_off() -> None:
    assert REFERENCE_RULES
    assert not any(RULES[name].fixed for name in REFERENCE_RULES)
