import pytest
from example_files import check_text

TASK = "label: Deploy\nversion: 1.0.0\ndefinition:\n  tasks:\n    - {name: deploy, action: aws.deploy, timeout: 9, "


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("retry: {count: 1.5}", "write a whole number"),
        ("retry: {count: 3m}", ""),
        ("retry: {delay: 1.5}", "write the seconds as a whole number"),
        ("retry: {delay: 3m}", "in seconds: 180"),
    ],
)
def test_a_hint_speaks_of_seconds_where_the_value_is_some(said: str, hint: str) -> None:
    (problem,) = (problem for problem in check_text(TASK + said + "}\n").problems if problem.rule == "schema-type")
    assert problem.hint == hint
