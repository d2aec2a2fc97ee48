"""Findings about one of several things each -> one finding about all of them, less those that a comment waves off."""

from collections.abc import Callable, Iterable

from attune_registry.problems import Finding

_NAMED = 5


def together(findings: Iterable[Finding], is_waved_off: Callable[[Finding], bool]) -> list[Finding]:
    """The findings, those of a rule that say what they are `of` in one, at the first of them."""
    told: list[Finding] = []
    several: dict[str, list[Finding]] = {}
    for finding in findings:
        if not finding.of:
            told.append(finding)
        elif not is_waved_off(finding):
            several.setdefault(finding.rule, []).append(finding)
    return told + [_one(found) for found in several.values()]


def _one(found: list[Finding]) -> Finding:
    names = ", ".join(finding.of for finding in found[:_NAMED]) + (", ..." if len(found) > _NAMED else "")
    return found[0]._replace(message=f"{found[0].message}: {names}", of="")
