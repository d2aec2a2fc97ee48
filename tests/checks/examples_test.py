from pathlib import Path

import pytest
from example_files import EXAMPLES, check_file, examples, expected

from attune_registry.checks.rules import RULES
from attune_registry.problems import has_errors

_INVALID = examples("invalid")
_VALID = examples("valid")


def _name(path: Path) -> str:
    return str(path.relative_to(EXAMPLES).with_suffix(""))


@pytest.mark.parametrize("path", _INVALID, ids=_name)
def test_a_broken_file_yields_what_it_says_and_nothing_graver(path: Path) -> None:
    wanted = expected(path)
    rules = {rule for rule, _, _ in wanted}
    problems = check_file(path).problems
    found = [(p.rule, p.line, p.column) for p in problems if p.severity != "advice" or p.rule in rules]
    assert sorted(found) == wanted


@pytest.mark.parametrize("path", _INVALID, ids=_name)
def test_a_broken_file_breaks_the_rule_it_is_filed_under(path: Path) -> None:
    assert path.parent.name in {rule for rule, _, _ in expected(path)}


@pytest.mark.parametrize("path", _VALID, ids=_name)
def test_a_good_file_yields_neither_errors_nor_warnings(path: Path) -> None:
    checked = check_file(path)
    assert [problem for problem in checked.problems if problem.severity != "advice"] == []
    assert checked.data is not None


def test_there_are_enough_examples() -> None:
    assert len(_INVALID) >= 200
    assert len(_VALID) >= 70


def test_every_broken_file_is_filed_under_a_rule() -> None:
    assert {path.parent.name for path in _INVALID} <= set(RULES)


def test_a_file_without_errors_has_data_and_one_without_data_has_errors() -> None:
    for path in _INVALID:
        checked = check_file(path)
        assert checked.data is not None or has_errors(checked.problems), path


def test_problems_come_in_order_and_once() -> None:
    for path in _INVALID:
        problems = check_file(path).problems
        assert list(problems) == sorted(set(problems), key=lambda p: (p.line, p.column, p.rule, p.pointer, p.message))
