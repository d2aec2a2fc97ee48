"""Unified diffs of files: `git apply` turns the old bytes into the new ones, whatever is in them."""

import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attune_registry.textdiff import text_diff
from gitrepo import Repo

PATH = "packs/demo/workflows/first.yaml"
_PIECES = (
    b"a\n",
    b"b\n",
    b"\n",
    b"\r\n",
    b" x",
    b"-- q\n",
    b"+\n",
    b"@@ -1 +1 @@\n",
    b"\\ No newline\n",
    b"\0",
    b"\x80",
)
_FILES = st.one_of(st.none(), st.lists(st.sampled_from(_PIECES), max_size=12).map(b"".join))


def applied(folder: Path, old: bytes | None, patch: bytes, *, mode: int = 0o644) -> bytes | None:
    """The file after `git apply` of a patch to the old one."""
    repo = Repo(folder)
    file = folder / PATH
    file.unlink(missing_ok=True)
    if old is not None:
        repo.write(PATH, old)
        file.chmod(mode)
    patch_file = folder / "patch"
    patch_file.write_bytes(patch)
    repo.git("apply", "--whitespace=nowarn", "patch")
    return file.read_bytes() if file.exists() else None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(_FILES, _FILES)
def test_git_apply_makes_the_new_file_of_the_old(tmp_path: Path, old: bytes | None, new: bytes | None) -> None:
    patch = text_diff(PATH, old, new)
    if old == new:
        assert patch == b""
    else:
        assert applied(tmp_path, old, patch) == new


def test_it_has_the_headers_of_git() -> None:
    lines = text_diff(PATH, b"a\nb", b"a\nc\n").decode().split("\n")
    assert lines[0] == f"diff --git a/{PATH} b/{PATH}"
    assert lines[2:4] == [f"--- a/{PATH}", f"+++ b/{PATH}"]
    assert lines[5:] == [" a", "-b", "\\ No newline at end of file", "+c", ""]
    assert b"\n--- /dev/null\n" in text_diff(PATH, None, b"a\n")
    assert b"\n+++ /dev/null\n" in text_diff(PATH, b"a\n", None)
    assert b"\nnew file mode 100644\n" in text_diff(PATH, None, b"a\n")


def test_line_ends_are_kept() -> None:
    assert b"-b\r\n+c\r\n" in text_diff(PATH, b"a\r\nb\r\n", b"a\r\nc\r\n")


@pytest.mark.parametrize("content", [b"a\n", b""])
def test_the_mode_of_a_file_is_told(tmp_path: Path, content: bytes) -> None:
    patch = text_diff(PATH, None, content, new_mode=0o100755)
    applied(tmp_path, None, patch)
    assert (tmp_path / PATH).stat().st_mode & stat.S_IXUSR
    patch = text_diff(PATH, content, content, old_mode=0o100755)
    assert applied(tmp_path, content, patch, mode=0o755) == content
    assert not (tmp_path / PATH).stat().st_mode & stat.S_IXUSR
    patch = text_diff(PATH, content, None, old_mode=0o100755)
    assert b"deleted file mode 100755" in patch


def test_large_files_without_a_line_in_common_are_quick() -> None:
    old, new = (b"".join(b"%d %d\n" % (number, side) for number in range(50_000)) for side in (1, 2))
    assert text_diff(PATH, old, new).count(b"\n") > 100_000
