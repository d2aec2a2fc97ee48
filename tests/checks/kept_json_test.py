"""JSON that stays in memory takes no more of it than it needs."""

import tracemalloc

from attune_registry.checks.kept_json import kept_json


def test_what_is_kept_takes_about_its_own_length() -> None:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = [kept_json({"message": [number]}) for number in range(1000)]
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert kept[7] == b'{"message":[7]}'
    assert taken < 200 * len(kept)
