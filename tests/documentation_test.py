"""The README names every route, command, setting and variable there is."""

import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

import attune_registry
from attune_registry.checks.settings import Settings
from attune_registry.cli.main import COMMANDS

SOURCE = Path(attune_registry.__file__).parent
TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text()
ROUTES = re.findall(r'"(/(?:api|healthz|readyz)[^"]*)":', (SOURCE / "http/app.py").read_text())


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_is_in_the_readme(route: str) -> None:
    assert route.replace(":path}", "}") in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`attune-registry {command}" in README


@pytest.mark.parametrize(
    "setting", [field.name for field in fields(Settings) if field.name not in ("filters", "tests", "variables")]
)
def test_every_setting_is_in_the_readme(setting: str) -> None:
    assert f"| `{setting}` |" in README


def test_every_variable_is_in_the_readme_or_the_contributors_guide() -> None:
    used = {
        name for file in SOURCE.rglob("*.py") for name in re.findall(r'"(ATTUNE_REGISTRY_[A-Z_]+)"', file.read_text())
    }
    told = README + "".join(file.read_text() for file in (TOP / "CONTRIBUTING.md", *TOP.glob("docs/*.md")))
    assert {name for name in used if name not in told} == set()


def test_every_make_target_is_told_by_make_help() -> None:
    targets = re.findall(r"^([a-z][a-z-]*):", (TOP / "Makefile").read_text(), re.MULTILINE)
    told = subprocess.run(["make", "-s", "help"], cwd=TOP, check=True, capture_output=True, text=True).stdout
    assert {target for target in targets if f"make {target} " not in told} == set()


def test_every_dependency_has_its_reason() -> None:
    project = (TOP / "pyproject.toml").read_text()
    names = re.findall(r'^    "([A-Za-z0-9-]+)', project, re.MULTILINE)
    reasons = (TOP / "CONTRIBUTING.md").read_text().lower()
    assert {name for name in names if name.lower() not in reasons and not name.startswith("types-")} == set()
