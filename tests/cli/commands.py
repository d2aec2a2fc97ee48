"""The installed command, run as a person would."""

import os
import resource
import subprocess
import sys
from pathlib import Path

COMMAND = Path(sys.executable).with_name("attune-registry")
IDENTITY = ("-c", "user.name=Jane", "-c", "user.email=jane@example.com")


def environment(home, **extra):
    """As a person's who has configured nothing."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", **extra}


def attune(folder, *arguments, stdin=b"", **extra):
    """What `attune-registry ARGUMENTS` does in a folder."""
    return subprocess.run(
        (COMMAND, *map(str, arguments)),
        cwd=folder,
        env=environment(folder, **extra),
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )


def attune_with_no_room(folder, *arguments, size):
    """What it does where no file can have more bytes than this, as on a disk that is full."""
    return subprocess.run(
        (COMMAND, *map(str, arguments)),
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


def git(folder, *arguments):
    """What `git ARGUMENTS` prints in a folder."""
    done = subprocess.run(
        ("git", *IDENTITY, *map(str, arguments)),
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def commit(folder, message="Change"):
    """Commit everything in a folder; the commit."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def write(folder, path, text):
    """Write a file below a folder."""
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return place
