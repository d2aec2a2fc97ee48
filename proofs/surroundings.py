"""Where a proof runs: a folder of its own, a git that reads nobody's settings."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def own_folder(name: str, *, keep: bool = False) -> Iterator[Path]:
    """A folder that goes with the proof (unless it is to be kept for a look at what went wrong)."""
    folder = Path(tempfile.mkdtemp(prefix=f"proof-{name}-")).resolve()
    _isolate(folder)
    try:
        yield folder
    finally:
        if keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _isolate(folder: Path) -> None:
    """No settings of whoever runs this, and no repository around the folder."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    os.environ |= {
        "HOME": str(folder / "nobody"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CEILING_DIRECTORIES": str(folder),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_EDITOR": "true",
    }
    for role in ("AUTHOR", "COMMITTER"):
        os.environ |= {f"GIT_{role}_NAME": "Pat Person", f"GIT_{role}_EMAIL": "pat@example.com"}
