"""Comments that head a section, apart from what they stand above, when several entries around them go."""

import pytest
from yaml_edits import Edit, patched

TASKS = """\
tasks:
  - name: compile
    action: core.compile

  - name: test # tested
    action: core.test

  # ==== ship ====

  - name: upload
    action: core.upload
  # loudly
  - name: tell
    action: core.tell
after: 1
"""
MAP = """\
x:
  compile: 1
  test:
    deep: 2

  # ==== ship ====

  # own
  upload: 3
  tell: 4
"""
_TEST = "  - name: test # tested\n    action: core.test\n\n"
_UPLOAD = "  - name: upload\n    action: core.upload\n"
_NEW = {"name": "new", "run": "core.new"}


def _gone(*numbers: int) -> Edit:
    def edit(data: dict[str, list[object]]) -> None:
        data["tasks"] = [task for at, task in enumerate(data["tasks"]) if at not in numbers]

    return edit


@pytest.mark.parametrize(
    ("numbers", "lines"),
    [
        ((1,), [_TEST]),
        ((2,), [_UPLOAD]),
        ((1, 2), [_TEST, _UPLOAD]),
        ((0, 1, 2), ["  - name: compile\n    action: core.compile\n\n", _TEST, _UPLOAD]),
        ((0, 1), ["  - name: compile\n    action: core.compile\n\n", _TEST]),
        ((1, 2, 3), [_TEST, "\n" + _UPLOAD, "  # loudly\n  - name: tell\n    action: core.tell\n"]),
    ],
)
def test_a_heading_between_tasks_that_go_stays(numbers: tuple[int, ...], lines: list[str]) -> None:
    after = TASKS
    for line in lines:
        assert after.count(line) == 1
        after = after.replace(line, "")
    assert patched(TASKS, _gone(*numbers)) == after


def test_it_stays_between_tasks_that_others_replace() -> None:
    after = patched(TASKS, lambda data: data["tasks"].__setitem__(slice(1, 3), [_NEW]))
    new = "  - name: new\n    run: core.new\n\n"
    assert after == TASKS.replace("\n" + _TEST, new).replace(_UPLOAD, "")


def test_it_stays_between_pairs_that_go() -> None:
    after = patched(MAP, lambda data: [data["x"].pop(key) for key in ("test", "upload")])
    assert after == MAP.replace("  test:\n    deep: 2\n", "").replace("  # own\n  upload: 3\n", "")
