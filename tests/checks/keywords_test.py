"""Keys that are nearly keywords of JSON Schema, also where there are more keys than anybody writes."""

import pytest

from attune_registry.checks import keywords
from attune_registry.checks.nearest import did_you_mean
from attune_registry.checks.schemas import check_schema


def test_of_twenty_thousand_unknown_keys_only_some_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each compared with all others took a writer ten seconds."""
    compared: list[int] = []

    def counting(_: keywords.Guesses, __: str, targets: frozenset[str]) -> None:
        compared.append(len(targets))

    monkeypatch.setattr(keywords.Guesses, "nearest", counting)
    schema = {"type": "object", **{f"key_{number}": number for number in range(20_000)}}
    assert check_schema(schema, "") == []
    assert len(compared) == 100
    assert set(compared) == {len(keywords._TARGETS) - 1}


def test_a_slip_among_keys_of_ones_own_is_told() -> None:
    found = check_schema({"propertes": {}, **{f"key_{number}": number for number in range(20)}}, "/at")
    assert [(finding.rule, finding.pointer, finding.hint) for finding in found] == [
        ("schema-keyword-typo", "/at/propertes", "did you mean properties?")
    ]


@pytest.mark.parametrize(
    ("word", "name"),
    [("maxLenght", "maxLength"), ("max_lenght", "maxLength"), ("mutlipleOf", "multipleOf"), ("oneof", "oneOf")],
)
def test_a_slip_in_a_name_of_several_words_is_near_it_however_they_are_joined(word: str, name: str) -> None:
    assert did_you_mean(word, keywords.KNOWN) == f"did you mean {name}?"
    assert did_you_mean(name, keywords.KNOWN) == ""
