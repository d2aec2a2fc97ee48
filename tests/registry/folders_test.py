"""Which folders may have changed: none that did is left out, and none is named for ever."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attune_registry.folders import Folders, Known, is_as_known

OLD_SECONDS = 0.05


class Watched:
    """The folders, and what was known of them last."""

    def __init__(self, root: Path) -> None:
        self._folders = Folders(root)
        self.known = Known({}, {})

    def look(self) -> list[str]:
        self.known, changed = self._folders.look(self.known)
        return changed


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("packs/one/workflows", "packs/two/workflows", "packs/two/actions/workflows"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.yaml").write_text("label: A\n")
    return tmp_path


@pytest.fixture
def folders(root: Path) -> Watched:
    """They have been looked at, and nothing has changed for long."""
    time.sleep(OLD_SECONDS)
    found = Watched(root)
    assert "packs/two/actions/workflows" in found.look()
    assert found.look() == []
    return found


def replace_file(root: Path) -> None:
    (root / "packs/one/workflows/a.yaml").unlink()
    (root / "packs/one/workflows/a.yaml").write_text("label: B\n")


def put_registry_there(root: Path) -> None:
    (root / "registry/schemas").mkdir(parents=True)


def move_within(root: Path) -> None:
    (root / "packs/one/workflows").rename(root / "packs/one/others")


def swap(root: Path) -> None:
    (root / "packs/one").rename(root / "packs/three")
    shutil.copytree(root / "packs/three", root / "packs/one")


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (replace_file, {"packs/one/workflows"}),
        (lambda root: (root / "packs/new").mkdir(), {"packs", "packs/new"}),
        (
            lambda root: shutil.rmtree(root / "packs/two"),
            {"packs", "packs/two", "packs/two/workflows", "packs/two/actions", "packs/two/actions/workflows"},
        ),
        (move_within, {"packs/one", "packs/one/workflows", "packs/one/others"}),
        (swap, {"packs", "packs/three", "packs/three/workflows", "packs/one", "packs/one/workflows"}),
        (put_registry_there, {"registry", "registry/schemas"}),
        (lambda root: shutil.rmtree(root / "packs/one/workflows"), {"packs/one", "packs/one/workflows"}),
    ],
)
def test_what_has_changed_is_named_until_it_is_old(
    root: Path, folders: Watched, change: Callable[[Path], object], changed: set[str]
) -> None:
    change(root)
    # The folder made last has a stamp that proves nothing yet: it is named again.
    assert set(folders.look()) == changed
    assert set(folders.look()) <= changed
    time.sleep(OLD_SECONDS)
    folders.look()
    assert folders.look() == []
    there = {str(at.relative_to(root)) for at in root.rglob("*") if at.is_dir()}
    assert set(folders.known.stamps) - {"registry"} == there - {"registry"}


def test_some_folders_can_be_asked_for_alone(root: Path, folders: Watched) -> None:
    def is_known(*inside: str) -> bool:
        return is_as_known(root, folders.known, ("packs",), inside)

    assert is_known("packs/one", "packs/two", "registry")
    assert not is_known("packs/none")
    (root / "packs/two/actions/workflows/b.yaml").write_text("label: B\n")
    assert is_known("packs/one", "registry")
    assert not is_known("packs/two")
    put_registry_there(root)
    assert not is_known("packs/one", "registry")
    (root / "packs/new").mkdir()
    assert not is_known("packs/one")
