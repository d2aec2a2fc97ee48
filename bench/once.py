"""What is measured in a process of its own, and only once there: prints the seconds it took."""

import sys
import time
from pathlib import Path
from random import Random
from statistics import median

import orjson
import yaml

from attune_registry.contents import Contents
from attune_registry.foresight import read_ahead
from attune_registry.gists import Gists
from attune_registry.git.head import read_head
from attune_registry.git.repository import Repository
from attune_registry.history import history, told
from attune_registry.line import Line, follow
from attune_registry.registry import Registry

from .registries import workflow_files

_PER_PAGE = 20
_PAGES = 60


def yaml_seconds(directory: Path) -> float:
    """PyYAML's C loader alone, over the bytes of every workflow."""
    contents = [path.read_bytes() for path in workflow_files(directory)]
    begun = time.perf_counter()
    for raw in contents:
        yaml.load(raw, yaml.CSafeLoader)
    return time.perf_counter() - begun


def index_seconds(directory: Path) -> float:
    """Opening the registry: everything from nothing, or from what its cache keeps."""
    begun = time.perf_counter()
    registry = Registry.open(directory)
    took = time.perf_counter() - begun
    if not len(registry.snapshot.workflows):
        raise RuntimeError(f"Nothing is served from {directory}.")
    return took


def walk_seconds(directory: Path) -> float:
    """The walk of all commits, from nothing."""
    repository = Repository.open(directory)
    begun = time.perf_counter()
    line = follow(repository, Line(), read_head(repository).commit).line
    took = time.perf_counter() - begun
    if not line.length:
        raise RuntimeError(f"There is no commit in {directory}.")
    return took


def read_ahead_seconds(directory: Path) -> float:
    """Reading the whole history, as a process beside the workers does."""
    registry = Registry.open(directory)
    begun = time.perf_counter()
    read_ahead(registry.repository, registry.cache, registry.snapshot.line)
    return time.perf_counter() - begun


def page_milliseconds(directory: Path) -> float:
    """The processor's time for a page of 20 anywhere in the history, each page once, the median."""
    registry = Registry.open(directory)
    snapshot, repository = registry.snapshot, registry.repository
    gists = Gists(Contents(repository, registry.cache, snapshot.contract), registry.cache)
    took = []
    for page in Random(1).sample(range(1, snapshot.line.row_count() // _PER_PAGE), _PAGES):
        begun = time.process_time()
        orjson.dumps(told(repository, gists, history(snapshot.line, None, page * _PER_PAGE, _PER_PAGE).events))
        took.append((time.process_time() - begun) * 1000)
    return median(took)


_MEASURES = {
    "yaml": yaml_seconds,
    "index": index_seconds,
    "walk": walk_seconds,
    "read-ahead": read_ahead_seconds,
    "pages": page_milliseconds,
}

if __name__ == "__main__":
    print(_MEASURES[sys.argv[1]](Path(sys.argv[2])))
