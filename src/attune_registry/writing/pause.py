"""Between two steps of a landing: others may have the core, and a test may have the time to kill us.

ATTUNE_REGISTRY_PAUSE="step:seconds" makes the write path wait at a step.
"""

import os
import time

from ..priority import breathe

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
    """Waits when the environment names this step, and otherwise for no longer than others have waited for the core."""
    breathe()
    asked = os.environ.get(PAUSE_VARIABLE)
    if not asked:
        return
    name, _, seconds = asked.partition(":")
    if name == step:
        time.sleep(float(seconds or 1))
