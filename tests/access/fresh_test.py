import time

import pytest
from structlog.testing import capture_logs

from attune_registry.access.fresh import FreshFile


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


@pytest.fixture
def read():
    """What was parsed, in order."""
    return []


@pytest.fixture
def fresh(path, read):
    def parse(raw):
        if raw == b"broken":
            raise ValueError("It is broken.")
        read.append(raw)
        return raw

    return FreshFile(path, parse, nothing=b"nothing")


def look_older(monkeypatch, milliseconds):
    """Let time pass for the eyes of the file's reader only."""
    now = time.time_ns
    monkeypatch.setattr("attune_registry.access.fresh.time.time_ns", lambda: now() + milliseconds * 1_000_000)


def test_a_file_that_does_not_change_is_parsed_once(fresh, path, read, monkeypatch):
    path.write_bytes(b"one")
    look_older(monkeypatch, 1000)
    assert [fresh.value() for _ in range(5)] == [b"one"] * 5
    assert read == [b"one"]


def test_a_file_read_within_a_tick_of_its_change_is_read_again(fresh, path, read, monkeypatch):
    path.write_bytes(b"one")
    stamp = path.stat().st_ctime_ns
    monkeypatch.setattr("attune_registry.access.fresh.time.time_ns", lambda: stamp + 10_000_000)
    assert [fresh.value(), fresh.value()] == [b"one", b"one"]
    assert read == [b"one", b"one"]


def test_a_file_changed_after_the_clock_was_set_back_is_read_again(fresh, path, read, monkeypatch):
    path.write_bytes(b"one")
    look_older(monkeypatch, -3_600_000)
    assert [fresh.value(), fresh.value()] == [b"one", b"one"]
    assert read == [b"one", b"one"]


def test_a_file_replaced_broken_and_removed_is_what_it_is_each_time(fresh, path, monkeypatch):
    look_older(monkeypatch, 1000)
    said = []
    with capture_logs() as logs:
        for raw in (None, b"one", b"two", b"broken", b"three", None):
            if raw is None:
                path.unlink(missing_ok=True)
            else:
                path.with_suffix(".new").write_bytes(raw)
                path.with_suffix(".new").replace(path)
            said.append((fresh.value(), fresh.fault))
    assert said == [
        (b"nothing", ""),
        (b"one", ""),
        (b"two", ""),
        (b"nothing", "It is broken."),
        (b"three", ""),
        (b"nothing", ""),
    ]
    assert [entry["fault"] for entry in logs] == ["It is broken."]


def test_a_required_file_that_is_missing_is_a_fault(path):
    with capture_logs() as logs:
        fresh = FreshFile(path, bytes, nothing=b"", required=True)
        assert fresh.value() == fresh.value() == b""
    assert fresh.fault == "The file is missing."
    assert len(logs) == 1
