"""What `git log --first-parent` and `git show` say happened: no code of the project in it."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import yaml

from gitrepo import Repo

FIELDS = {
    "workflow": ("label", "description", "version", "param_schema", "out_schema", "definition", "tags", "enabled"),
    "pack": ("label", "description", "version", "tags", "dependencies"),
}
DEFAULTS = {"workflow": {"tags": [], "enabled": True}, "pack": {"tags": [], "dependencies": []}}


class Row(NamedTuple):
    """What a commit did to a ref; its files before and after (None: no such file)."""

    commit: str
    date: str
    kind: str
    ref: str
    change: str
    old: str | None
    new: str | None


def rows(repo: Repo, revision: str = "HEAD") -> list[Row]:
    """All rows, oldest first, in the order of paths within a commit."""
    log = repo.git(
        *("log", "--first-parent", "-m", "--reverse", "--no-renames", "--name-status", "--format=%x00%H %ct"),
        *("-z", "--root", revision, "--", "packs"),
    )
    found: list[Row] = []
    files: dict[str, str] = {}  # the files there are, and the commit that has them
    came: dict[str, int] = {}  # since when each of them is there
    seen: set[tuple[str, str]] = set()
    for number, (commit, date, changes) in enumerate(_commits(log)):
        before, came_before = dict(files), dict(came)
        for status, path in changes:
            files.pop(path, None)
            if status == "D":
                came.pop(path, None)
            else:
                came.setdefault(path, number)
                files[path] = commit
        for place in dict.fromkeys(place for _, path in changes if (place := place_of(path))):
            old, new = _served(place, before, came_before), _served(place, files, came)
            change = "updated" if old and new else "deleted" if old else "restored" if place in seen else "created"
            seen.add(place)
            found.append(Row(commit, date, *place, change, old, new))
    return found


def place_of(path: str) -> tuple[str, str] | None:
    parts = path.removesuffix(".yaml").removesuffix(".yml").split("/")
    if len(parts) == 3 and parts[2] == "pack":
        return "pack", parts[1]
    return ("workflow", f"{parts[1]}.{parts[3]}") if len(parts) == 4 and parts[2] == "workflows" else None


def content(repo: Repo, file: str | None, kind: str) -> dict[str, Any] | None:
    """The fields of `<commit>:<path>`; {} for no file, None for one that cannot be read."""
    if file is None:
        return {}
    try:
        data = yaml.safe_load(repo.git("show", file))
    except yaml.YAMLError:
        return None
    if not isinstance(data, dict):
        return None
    full = DEFAULTS[kind] | {name: data[name] for name in FIELDS[kind] if data.get(name) is not None}
    return {name: full[name] for name in FIELDS[kind] if name in full}


def _served(place: tuple[str, str], files: dict[str, str], came: dict[str, int]) -> str | None:
    mine = [path for path in files if place_of(path) == place]
    path = min(mine, key=lambda path: (came[path], path), default=None)
    return f"{files[path]}:{path}" if path else None


def _commits(log: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    found: list[tuple[str, str, list[tuple[str, str]]]] = []
    words = iter(log.replace("\0\n", "\0").split("\0"))
    for word in words:
        head = word.strip().split(" ")
        if len(head) == 2 and len(head[0]) == 40:
            date = datetime.fromtimestamp(int(head[1]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            found.append((head[0], date, []))
        elif word.strip() in ("A", "M", "D", "T"):
            found[-1][2].append((word.strip(), next(words)))
    return found
