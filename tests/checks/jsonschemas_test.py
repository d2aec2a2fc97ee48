import jsonschema_rs
import pytest

from attune_registry.checks.jsonschemas import DIALECTS, compile_schema

_ANY_CASE = {"properties": {"a": {"$ref": "#/definitions/a"}}, "definitions": {"a": {"pattern": "(?i)abc"}}}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_pattern_that_the_engine_knows_is_one_in_every_dialect(dialect: str) -> None:
    validator = compile_schema(_ANY_CASE, dialect)
    assert validator.is_valid({"a": "ABC"})
    assert not validator.is_valid({"a": "x"})


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("wrong", [{"pattern": "a("}, {"type": "strin"}, {"$ref": "#/definitions/b"}])
def test_what_else_is_wrong_beside_such_a_pattern_is_told(dialect: str, wrong: dict[str, str]) -> None:
    with pytest.raises((jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError)):
        compile_schema({**_ANY_CASE, "not": wrong}, dialect)
