"""Two texts of a file -> the unified diff that git would show of them, for people and for `git apply`."""

import re

import pygit2
from pygit2.enums import DiffOption

from .shown import shown

_MODE = 0o100644
_FILE_MODE_LINE = re.compile(rb"^(new|deleted) file mode 100644$", re.MULTILINE)
_INDEX_LINE = re.compile(rb"^(index \w+\.\.\w+) 100644$", re.MULTILINE)
_EMPTY = re.compile(rb"^--- .*\n\+\+\+ .*\n\Z", re.MULTILINE)


def text_diff(
    path: str, old: bytes | None, new: bytes | None, *, old_mode: int = _MODE, new_mode: int = _MODE
) -> bytes:
    """The diff of a file, b"" where nothing differs. None is a file that does not exist; modes are git's.

    What is not UTF-8 in `path` is replaced; that of a pack or workflow has nothing in it that would have to be quoted.
    """
    path = shown(path)
    if old == new and (old_mode == new_mode or old is None):
        return b""
    # libgit2's own diff: git's headers, line ends and missing last newlines kept, in time that does not explode.
    patch = pygit2.Patch.create_from(old, new, path, path, DiffOption.FORCE_TEXT)
    raw: bytes = patch.data
    # A file without lines has no hunks, and git takes `---` without a hunk for a broken patch.
    raw = _EMPTY.sub(b"", raw)
    if old is not None and new is not None:
        return _with_modes(path, raw, old_mode, new_mode)
    mode = old_mode if new is None else new_mode
    return _FILE_MODE_LINE.sub(rb"\1 file mode %o" % mode, raw, count=1)


def _with_modes(path: str, raw: bytes, old_mode: int, new_mode: int) -> bytes:
    if old_mode == new_mode:
        return _INDEX_LINE.sub(rb"\1 %o" % new_mode, raw, count=1)
    first = f"diff --git a/{path} b/{path}\n".encode()
    modes = b"old mode %o\nnew mode %o\n" % (old_mode, new_mode)
    return first + modes + _INDEX_LINE.sub(rb"\1", raw.removeprefix(first), count=1)
