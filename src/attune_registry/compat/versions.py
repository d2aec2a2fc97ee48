"""Versions: the bump that was made, the one that a verdict needs, and the version that has it."""

from typing import Literal

from semver import Version

from attune_registry.compat.reasons import Verdict

Bump = Literal["lower", "none", "patch", "minor", "major"]
BUMPS: tuple[Bump, ...] = ("lower", "none", "patch", "minor", "major")
NEEDED: dict[Verdict, Bump] = {"breaking": "major", "feature": "minor", "fix": "patch"}


def parsed(version: object) -> Version | None:
    """A semantic version; `1`, `1.2` and a leading `v` are understood, anything else is None."""
    text = str(version).strip().removeprefix("v")
    try:
        return Version.parse(text, optional_minor_and_patch=True)
    except ValueError:
        return None


def bump_made(old: object, new: object) -> Bump:
    """How far the version moved; from or to a pre-release of the same version counts as a patch.

    A proper version after something that was none is a major bump: nothing earlier can be held against it.
    """
    before, now = parsed(old), parsed(new)
    if now is None or old == new:
        return "none"
    if before is None:
        return "major"
    if now == before:
        return "none"
    if now < before:
        return "lower"
    if now.major != before.major:
        return "major"
    return "minor" if now.minor != before.minor else "patch"


def bump_needed(verdict: Verdict, old: object) -> Bump:
    """The least bump that says what the verdict says.

    Version 0 promises nothing (semver.org, 4), so there the minor number is the one that breaks and a patch
    is enough for the rest; after a pre-release (9) any higher version will do.
    """
    before = parsed(old)
    if before is not None and before.prerelease:
        return "patch"
    if before is not None and before.major == 0:
        return "minor" if verdict == "breaking" else "patch"
    return NEEDED[verdict]


def is_enough(made: Bump, needed: Bump) -> bool:
    """Is the bump made no less than the one needed?"""
    return BUMPS.index(made) >= BUMPS.index(needed)


def next_version(old_version: object, needed: Bump) -> str:
    """The lowest version after the old one that makes the bump; a first one where the old is no version."""
    before = parsed(old_version)
    if before is None:
        return "1.0.0"
    if needed == "major":
        return str(before.bump_major())
    if needed == "minor":
        return str(before.bump_minor())
    if needed == "patch":
        return str(before.bump_prerelease() if before.prerelease else before.bump_patch())
    return str(old_version)
