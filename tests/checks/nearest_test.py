"""Hints for the names in one file, also where there are more of them than anybody writes."""

import orjson
import pytest
from example_files import check_text

from attune_registry.checks.nearest import Guesses, did_you_mean, slipped
from attune_registry.checks.references import Called, Target, check_calls
from attune_registry.checks.schemas import check_schema

pytestmark = pytest.mark.timeout(40)

_HEAD = "label: Good\nversion: 1.0.0\ndefinition:\n  tasks:\n"
_TASK = "    - {{name: collect_{0}, action: core.noop, timeout: 5, on_success: colect_{1}}}\n"


def _strays(count: int) -> list[str | None]:
    found = check_text(_HEAD + "".join(_TASK.format(number, count - number) for number in range(count))).problems
    return [problem.hint for problem in found if problem.rule == "unknown-task"]


def test_in_a_file_that_somebody_wrote_every_slip_gets_its_hint() -> None:
    hints = _strays(100)
    assert len(hints) == 100
    assert all(hint and hint.startswith("did you mean collect_") for hint in hints)


def test_of_thousands_of_slips_some_get_a_hint_and_all_are_told() -> None:
    hints = _strays(6000)
    assert hints[0] == "did you mean collect_600?"
    assert not hints[-1]


def test_guesses_are_those_of_the_words_alone_as_long_as_there_are_any() -> None:
    known, guesses = [f"name_{number}" for number in range(1000)], Guesses()
    hints = [guesses.did_you_mean(f"nane_{number}", known) for number in range(50)]
    assert hints[:40] == [did_you_mean(f"nane_{number}", known) for number in range(40)]
    assert hints[40:] == [""] * 10
    assert Guesses().did_you_mean("a_name", ["a_nam"], ["a_nane"], but="a_nam") == "did you mean a_nane?"


def test_thousands_of_required_names_that_are_none_take_no_longer_than_some() -> None:
    schema = {"properties": {f"name{number}": {} for number in range(5000)}}
    assert check_schema({**schema, "required": [f"nime{number}" for number in range(5000)]}, "")


def test_thousands_of_unknown_inputs_do_not_list_thousands_of_known_ones_each() -> None:
    schema = {"properties": {f"name{number}": {} for number in range(5000)}}
    inputs = orjson.dumps({f"other{number}": [] for number in range(5000)})
    call = Called("demo.called", "/definition/tasks/0", 7, 15, inputs)
    found = list(check_calls([call], lambda _: Target(True, schema), lambda _: ()))
    assert len(found) == 5000
    assert max(len(finding.hint) for finding in found) < 1000
    assert found[0].hint.endswith("and 4,960 more")


@pytest.mark.parametrize(
    ("word", "is_slip"),
    [("secre", True), ("seccret", True), ("sacret", True), ("sercet", True), ("esret", False), ("tecres", False)],
)
def test_a_slip_is_one_letter_more_or_less_or_other_or_two_exchanged(word: str, is_slip: bool) -> None:
    assert (slipped(word, ["secret"]) == "secret") is is_slip
