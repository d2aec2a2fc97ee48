"""Waiting for what happens soon, as a person would."""

import time
from collections.abc import Callable


def wait_until(is_so: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not show"
        time.sleep(0.01)
