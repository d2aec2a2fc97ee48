"""Files of the registry's own that any process may replace, each as a whole."""

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from .ownership import private_folder
from .packed import Buffer


def replace_file(path: Path, parts: Iterable[Buffer | memoryview]) -> None:
    """Put these bytes in place of a file; whoever reads it sees the old ones or the new ones. Raises OSError."""
    folder = path.parent
    private_folder(folder)
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(parts)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
