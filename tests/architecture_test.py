"""Imports point one way: pure values, then git and files, then the registry, then the edges."""

import ast
from collections import defaultdict
from pathlib import Path

import attune_registry

ROOT = Path(attune_registry.__file__).parent
# Serving is a command; everything else of the two edges keeps apart.
ALLOWED = {("cli.serve", f"http.{name}") for name in ("server", "listener", "app")}
STARTERS = {"aside", "git.process", "workbench"}


def modules() -> dict[tuple[str, ...], Path]:
    found = {}
    for file in ROOT.rglob("*.py"):
        steps = file.relative_to(ROOT).with_suffix("").parts
        found[steps[:-1] if steps[-1] == "__init__" else steps] = file
    return found


def imports() -> set[tuple[str, str]]:
    known = modules()
    found = set()
    for steps, file in known.items():
        package = steps if file.name == "__init__.py" else steps[:-1]
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.ImportFrom):
                continue
            inside = tuple(node.module.split(".")) if node.module else ()
            if node.level:
                target = package[: len(package) - node.level + 1] + inside
            elif inside[:1] == ("attune_registry",):
                target = inside[1:]
            else:
                continue
            for name in node.names:
                longer = (*target, name.name)
                found.add((".".join(steps), ".".join(longer if longer in known else target)))
    return found


def unit(module: str) -> str:
    return module.partition(".")[0]


def test_no_two_units_import_each_other() -> None:
    after: dict[str, set[str]] = defaultdict(set)
    for source, target in imports() - ALLOWED:
        if unit(source) != unit(target):
            after[unit(source)].add(unit(target))
    left = {unit(".".join(steps)) for steps in modules()} - {""}
    while left:
        free = {name for name in left if not after[name] & left}
        assert free, f"these import each other in a circle: {sorted(left)}"
        left -= free


def test_http_and_command_line_know_nothing_of_each_other() -> None:
    between = {(source, target) for source, target in imports() if {unit(source), unit(target)} == {"http", "cli"}}
    assert between == ALLOWED


def test_nothing_below_the_edges_imports_an_edge_or_its_frameworks() -> None:
    for steps, file in modules().items():
        if steps[:1] in (("http",), ("cli",), ("__main__",)):
            continue
        names = {name for node in ast.walk(ast.parse(file.read_text())) for name in imported(node)}
        assert not names & {"falcon", "gunicorn", "click", "rich"}, file


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [unit(alias.name) for alias in node.names]
    return [unit(node.module)] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


def test_processes_are_started_in_one_place() -> None:
    starters = {
        ".".join(steps)
        for steps, file in modules().items()
        if any("subprocess" in imported(node) for node in ast.walk(ast.parse(file.read_text())))
    }
    assert starters == STARTERS


def test_every_module_says_in_one_line_what_it_is() -> None:
    for file in modules().values():
        docstring = ast.get_docstring(ast.parse(file.read_text()))
        assert docstring, file
        assert len(docstring.splitlines()[0]) > 10, file
