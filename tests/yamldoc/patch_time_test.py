"""What a patch takes goes with the length of the text, and not with its square or cube."""

import time

from yaml_edits import patched

from attune_registry.yamldoc.lines import is_first_in_line

COUNT = 500


def test_many_keys_more_take_no_time() -> None:
    before = "m:\n" + "".join(f"  k{number}: {number}\n" for number in range(COUNT))
    more = {f"n{number}": {"a": number} for number in range(COUNT)}
    started = time.process_time()
    after = patched(before, lambda data: data["m"].update(more))
    assert time.process_time() - started < 5
    assert after == before + "".join(f"  n{number}:\n    a: {number}\n" for number in range(COUNT))


def test_many_keys_more_at_the_top_take_no_time() -> None:
    before = "".join(f"k{number}: {number}\n" for number in range(10 * COUNT))
    more = {f"n{number}": number for number in range(10 * COUNT)}
    started = time.process_time()
    after = patched(before, lambda data: data.update(more, label="x"))
    assert time.process_time() - started < 5
    assert after == before + "label: x\n" + "".join(f"n{number}: {number}\n" for number in range(10 * COUNT))


def test_a_file_in_one_line_takes_no_more_than_one_in_many() -> None:
    text = "  {" + "k: 1, " * 100_000
    started = time.process_time()
    assert not any(is_first_in_line(text, at) for at in range(len(text) - 6 * 5_000, len(text), 6))
    assert time.process_time() - started < 1
    assert is_first_in_line(text, 2)
