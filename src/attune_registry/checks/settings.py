"""registry/config.yaml -> settings, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from attune_registry.checks.nearest import Guesses, did_you_mean
from attune_registry.checks.quoting import a_type, quoted, type_of
from attune_registry.checks.rules import LEVELS, RULES, Level
from attune_registry.pointers import pointer
from attune_registry.problems import Finding
from attune_registry.yamldoc.document import Document, parse

_TEMPLATE_KEYS = ("filters", "tests", "variables")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a registry has chosen; every field has a default, which is what a registry without the file gets.

    `rules` says how grave the rules named in it are. `filters`, `tests` and `variables` are names that templates
    may use beside those known here. `branch` is the branch that versions are compared with, None for main or master.
    """

    rules: Mapping[str, Level] = field(default_factory=dict)
    filters: frozenset[str] = frozenset()
    tests: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    require_if_match: bool = False
    protect: bool = False
    required_approvals: int = 1
    require_version_bump: bool = False
    branch: str | None = None


class ReadSettings(NamedTuple):
    """Settings and what is wrong with the file; a setting that is wrong has its default, a switch is on then."""

    settings: Settings
    findings: tuple[Finding, ...]
    document: Document | None


def read_settings(raw: bytes | None) -> ReadSettings:
    """The settings in these bytes; None where there is no file. Never raises."""
    if raw is None or not _says_anything(raw):
        return ReadSettings(Settings(), (), None)
    document = parse(raw)
    # Nobody else reads this file, so nobody else's YAML matters: `off` is a level here.
    findings = [fault for fault in document.faults if fault.rule != "yaml-surprise"]
    values: dict[str, Any] = {}
    if isinstance(document.data, dict):
        for key, value in document.data.items():
            _take(key, value, values, findings)
    elif document.loadable:
        findings.append(Finding("settings-value", "", "The settings are a mapping, like require_if_match: true"))
    return ReadSettings(Settings(**values), tuple(findings), document)


def _says_anything(raw: bytes) -> bool:
    return any(line.strip() and not line.lstrip().startswith(b"#") for line in raw.splitlines())


def _take(key: str, value: Any, values: dict[str, Any], findings: list[Finding]) -> None:
    if key == "rules":
        values["rules"] = _levels(value, findings)
    elif key == "templates":
        values.update(_names(value, findings))
    elif key in _PLAIN:
        kind, described = _PLAIN[key]
        if type(value) is kind and not (value == "" or (isinstance(value, int) and value < 0)):
            values[key] = value
        elif value is not None:
            message = f"{key} is {described}, not {quoted(value)}"
            findings.append(Finding("settings-value", pointer(key), message))
            if kind is bool:
                # Each of these closes a door, and a slip ("true", yes) opens none.
                values[key] = True
    else:
        hint = did_you_mean(key, (*_PLAIN, "rules", "templates"))
        hint = hint or f"the settings are {', '.join(sorted((*_PLAIN, 'rules', 'templates')))}"
        findings.append(Finding("settings-unknown", pointer(key), f"There is no setting {key!r}", hint, at_key=True))


_PLAIN: dict[str, tuple[type, str]] = {
    "require_if_match": (bool, "true or false"),
    "protect": (bool, "true or false"),
    "required_approvals": (int, "a whole number, not negative"),
    "require_version_bump": (bool, "true or false"),
    "branch": (str, "the name of a branch"),
}


def _levels(value: Any, findings: list[Finding]) -> dict[str, Level]:
    levels: dict[str, Level] = {}
    if not isinstance(value, dict):
        if value is not None:
            findings.append(Finding("settings-value", "/rules", f"rules is a mapping, not {a_type(type_of(value))}"))
        return levels
    guesses = Guesses()
    for name, level in value.items():
        at = pointer("rules", name)
        if name not in RULES:
            hint = guesses.did_you_mean(name, RULES) or "docs/rules.md lists the rules"
            findings.append(Finding("settings-unknown", at, f"There is no rule {name!r}", hint, at_key=True))
        elif level not in LEVELS:
            message = f"{name} can be {', '.join(LEVELS)}, not {quoted(level)}"
            findings.append(Finding("settings-value", at, message))
        elif RULES[name].fixed and level != RULES[name].severity:
            message = f"{name} is always an error: without it a file has no meaning"
            findings.append(Finding("settings-value", at, message, "leave it out"))
        else:
            levels[name] = level
    return levels


def _names(value: Any, findings: list[Finding]) -> dict[str, frozenset[str]]:
    names: dict[str, frozenset[str]] = {}
    if not isinstance(value, dict):
        if value is not None:
            hint = "write filters, tests or variables below it"
            findings.append(Finding("settings-value", "/templates", "templates is a mapping", hint))
        return names
    for key, listed in value.items():
        at = pointer("templates", key)
        if key not in _TEMPLATE_KEYS:
            hint = did_you_mean(key, _TEMPLATE_KEYS) or f"the keys are {', '.join(_TEMPLATE_KEYS)}"
            findings.append(Finding("settings-unknown", at, f"templates has no {key!r}", hint, at_key=True))
        elif isinstance(listed, list) and all(isinstance(name, str) for name in listed):
            names[key] = frozenset(listed)
        elif listed is not None:
            findings.append(Finding("settings-value", at, f"{key} is a list of names"))
    return names
