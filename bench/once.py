"""What is measured in a process of its own, and only once there: prints the seconds it took."""

import sys
import time
from pathlib import Path

import yaml

from attune_registry.git.head import read_head
from attune_registry.git.repository import Repository
from attune_registry.line import Line, follow
from attune_registry.registry import Registry

from .registries import workflow_files


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


if __name__ == "__main__":
    print({"yaml": yaml_seconds, "index": index_seconds, "walk": walk_seconds}[sys.argv[1]](Path(sys.argv[2])))
