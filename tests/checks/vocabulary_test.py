import time

from attune_registry.checks.vocabulary import declarations, parameters_of


def test_a_schema_that_applies_itself_many_times_is_done_with_soon() -> None:
    again = {"allOf": [{"$ref": "#/$defs/again"}] * 30, "properties": {"a": {}}}
    schema = {"$ref": "#/$defs/again", "$defs": {"again": again}}
    before = time.process_time()
    parameters = parameters_of(schema)
    assert parameters
    assert parameters.names == {"a"}
    assert time.process_time() - before < 1


def test_a_parameter_is_declared_where_it_is_named_first() -> None:
    schema = {
        "properties": {"a": {}},
        "allOf": [{"properties": {"a": {}, "b/c": {}}, "if": {"properties": {"d": {}}}}],
        "then": {"$ref": "#/$defs/e~1f"},
        "dependentSchemas": {"a": {"properties": {"h": {}}}},
        "$defs": {"e/f": {"properties": {"g": {}}}},
    }
    assert declarations(schema) == {
        "a": "/properties/a",
        "b/c": "/allOf/0/properties/b~1c",
        "d": "/allOf/0/if/properties/d",
        "g": "/$defs/e~1f/properties/g",
        "h": "/dependentSchemas/a/properties/h",
    }
