"""Writing a person's file anew, in one step."""

import os
import stat
import tempfile
from pathlib import Path

from ..git.smallfile import named


def rewrite(file: Path, content: bytes) -> None:
    """Put new content in a file's place, with the mode it had. Raises OSError."""
    with named(file):
        _replace(file, content)


def _replace(file: Path, content: bytes) -> None:
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with open(descriptor, "wb") as opened:
            opened.write(content)
        os.chmod(draft, stat.S_IMODE(file.stat().st_mode))
        os.replace(draft, file)
    except BaseException:
        os.unlink(draft)
        raise
