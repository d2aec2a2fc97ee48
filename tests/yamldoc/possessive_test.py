"""Where a Python's patterns cannot be trusted, the parsers read what is otherwise read faster."""

import pytest

from attune_registry.checks import plain_templates, shapes
from attune_registry.possessive import IS_EXACT
from attune_registry.yamldoc import rapid
from attune_registry.yamldoc.document import parse

TEXT = "a: { type: string }\nb: [ x , y ]\nc: 'it''s' # so\nd: one  two \n"


def test_spaces_at_the_end_belong_to_no_text_on_any_python() -> None:
    assert parse(TEXT.encode()).data == {"a": {"type": "string"}, "b": ["x", "y"], "c": "it's", "d": "one  two"}


def test_what_reads_by_such_patterns_steps_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, template = "a: b\n", "{{ a.b }}"
    assert (rapid.read_rapidly(plain) is not None) == IS_EXACT
    for module in (rapid, plain_templates, shapes):
        monkeypatch.setattr(module, "IS_EXACT", False)
    assert rapid.read_rapidly(plain) is None
    assert plain_templates.dotted(template) is plain_templates.plainly(template) is shapes.shape_of(template) is None
    test_spaces_at_the_end_belong_to_no_text_on_any_python()
