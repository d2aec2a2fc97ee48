"""A folder with a StackStorm pack -> its files as data, read the way StackStorm reads them."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from .. import errors
from ..blobs import READ_LIMIT
from ..yamldoc.document import parse

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_FATAL = frozenset({"yaml-limit", "yaml-syntax"})
_SUFFIXES = (".yaml", ".yml", ".json")


class Unreadable(Exception):
    """A file that says nothing that could be imported; the message says why."""


def pack_folder(path: Path) -> Path:
    """The folder of a pack. Raises NotFound, or Invalid where there is none of StackStorm's."""
    folder = path.resolve()
    if not folder.is_dir():
        raise errors.NotFound(f"There is no folder '{path}'.", code="PATH_NOT_FOUND")
    if not (folder / "pack.yaml").is_file():
        raise errors.Invalid(f"'{path}' has no pack.yaml; give the folder of a StackStorm pack.")
    return folder


def read_mapping(folder: Path, name: str) -> dict[str, Any]:
    """What a file of the pack says. Raises Unreadable; nothing outside of the folder is read."""
    file = (folder / name).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        raise Unreadable(f"there is no file '{name}' in the pack")
    with file.open("rb") as opened:
        raw = opened.read(READ_LIMIT)
    # Our own parser has the limits; StackStorm reads by YAML 1.1, in which 'yes' is true.
    fault = next((fault for fault in parse(raw).faults if fault.rule in _FATAL), None)
    if fault is not None:
        raise Unreadable(f"{fault.message} (line {fault.at.line if fault.at else 1})")
    try:
        data = _LOADER(raw.decode("utf-8")).get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(f"it is no YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(data, dict):
        raise Unreadable("it is no mapping of fields")
    found: dict[str, Any] = _as_json(data)
    return found


def action_files(folder: Path) -> Iterator[str]:
    """The metadata files of the pack's actions, from its folder."""
    for file in sorted((folder / "actions").glob("*")):
        if file.suffix in _SUFFIXES and file.is_file():
            yield f"actions/{file.name}"


def others(folder: Path) -> Iterator[tuple[str, int]]:
    """What else is in the pack, and how many files of it."""
    for name in ("aliases", "policies", "rules", "sensors", "triggers"):
        count = sum(file.suffix in _SUFFIXES for file in (folder / name).glob("*"))
        if count:
            yield name, count


def has_config_schema(folder: Path) -> bool:
    """True for a pack that says what its configuration may say."""
    return (folder / "config.schema.yaml").is_file()


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _as_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set):
        return [_as_json(part) for part in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value.decode(errors="replace") if isinstance(value, bytes) else value
