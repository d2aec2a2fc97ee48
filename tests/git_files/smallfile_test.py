"""Small files are read whole, by a call or two."""

import os
import threading
from pathlib import Path

import pytest

from attune_registry.git.smallfile import read_small, read_start


@pytest.mark.parametrize("size", [0, 41, 4095, 4096, 4097, 10_000, 65_535, 65_536, 65_537, 300_000])
def test_a_file_is_read_whole_and_its_start_alone(tmp_path: Path, size: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(os.urandom(size))
    assert read_small(file) == file.read_bytes()
    assert read_start(str(file)) == file.read_bytes()[:4096]


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    for read in (read_small, read_start):
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "no")
        with pytest.raises(IsADirectoryError) as caught:
            read(tmp_path)
        assert caught.value.filename == str(tmp_path)


def test_what_comes_in_pieces_is_read_whole() -> None:
    """The system gives the list of mappings a page at a time."""
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("No /proc here.")
    assert len(read_small(maps)) > 4096
    assert read_small(maps).endswith(b"\n")
    assert b"[stack]" in read_small(maps)


def test_threads_do_not_read_into_each_others_room(tmp_path: Path) -> None:
    files = [tmp_path / str(number) for number in range(4)]
    for number, file in enumerate(files):
        file.write_bytes(b"%d" % number * 3000)
    wrong: list[Path] = []

    def read(file: Path) -> None:
        wrong.extend(file for _ in range(2000) if read_small(file) != file.name.encode() * 3000)

    threads = [threading.Thread(target=read, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
