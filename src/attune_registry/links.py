"""The problems between workflows: found again for what changed and for what calls it."""

from collections.abc import Collection

from .snapshot import ProblemsByPath, Snapshot


def relinked(before: Snapshot, after: Snapshot, changed: Collection[str]) -> ProblemsByPath:
    """The problems between workflows of `after`, by ref, given those of `before` and the refs that changed."""
    return before.links
