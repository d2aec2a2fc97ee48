"""How long a search goes on: HYPOTHESIS_PROFILE=thorough for a long one."""

import os

from hypothesis import HealthCheck, settings

_IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
searched = settings(
    max_examples=20_000 if _IS_THOROUGH else 200, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

Path = tuple[str | int, ...]
