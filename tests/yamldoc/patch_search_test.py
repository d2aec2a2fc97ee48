"""A search for documents and edits that a patch gets wrong."""

import random

from hypothesis import given
from hypothesis import strategies as st
from random_edits import Change, Editing, Line, is_touched
from random_values import Making
from random_yaml import Rendering
from searches import searched

from attune_registry.yamldoc.document import parse
from attune_registry.yamldoc.patch import patch
from attune_registry.yamldoc.recent import parse_again
from attune_registry.yamldoc.sameness import same


def _missing(lines: list[Line], changes: list[Change], result: str) -> list[str]:
    """The untouched lines that are not in the result, or not in their order."""
    left = iter(result.removeprefix("\ufeff").splitlines())
    untouched = [line.text for line in lines if line.text.strip() and not is_touched(line, changes)]
    return [text for text in untouched if not any(text == other for other in left)]


@searched
@given(st.integers(0, 4), st.floats(0.02, 0.5), st.integers(0, 2**32))
def test_a_patch_says_what_was_asked_for_and_leaves_other_lines_alone(size: int, rate: float, seed: int) -> None:
    making = Making(random.Random(seed))
    data = making.document(size)
    rendering = Rendering(making.dice)
    raw = rendering.rendered(data)
    document = parse(raw)
    assert document.loadable, (raw.decode(), document.faults)
    assert same(document.data, data), raw.decode()
    assert patch(raw, data) == raw
    editing = Editing(making, rate)
    new = editing.mapping((), data)
    result = patch(raw, new)
    assert same(parse(result).data, new)
    assert same(parse_again(raw).data, data), "the patch has changed what it read, which others may have in hand"
    missing = _missing(rendering.lines, editing.changes, result.decode())
    assert not missing, f"{missing}\n--- before\n{raw.decode()}\n--- after\n{result.decode()}"
