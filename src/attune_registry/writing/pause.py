"""Test aid: ATTUNE_REGISTRY_PAUSE="step:seconds" makes the write path wait at a step, to be killed there."""

import os
import time

PAUSE_VARIABLE = "ATTUNE_REGISTRY_PAUSE"
STEPS = (
    "objects",
    "journal",
    "worktree",
    "index-prepared",
    "ref",
    "index",
    "journal-removed",
    "unlock",
)


def pause(step: str) -> None:
    """Waits when the environment names this step; otherwise does nothing."""
    asked = os.environ.get(PAUSE_VARIABLE)
    if not asked:
        return
    name, _, seconds = asked.partition(":")
    if name == step:
        time.sleep(float(seconds or 1))
