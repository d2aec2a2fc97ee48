"""A computer whose plug can be pulled, as far as its disk is concerned: a file system on a volatile disk."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .volatile_disk import Cut

# A smaller ext4 would have blocks of 1 KiB by default, a smaller xfs is refused.
_DISK_BYTES = 512 * 1024 * 1024
_MAKE = {
    "ext4": ("mkfs.ext4", "-q", "-F"),
    "xfs": ("mkfs.xfs", "-q", "-f"),
    "btrfs": ("mkfs.btrfs", "-q", "-f"),
}
_PATIENCE_SECONDS = 30
# Where Debian and others keep tools for file systems, which is not in everybody's PATH.
_WHERE = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
FILE_SYSTEMS = tuple(_MAKE)


class Refused(Exception):
    """The system would not do it: this proof cannot go on, which says nothing about the registry."""


class Machine:
    """Its disk is an image file, which outlives it: after a cut, another machine goes on with what was kept."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "mounted"
        self._image = folder / "disk.img"
        self._place = folder / "disk"
        self._disk: subprocess.Popen[str] | None = None
        self._mounted: list[Path] = []

    def install(self, file_system: str) -> None:
        """A new, empty disk."""
        self.root.mkdir(exist_ok=True)
        self._place.touch()
        self._image.unlink(missing_ok=True)
        with self._image.open("wb") as image:
            image.truncate(_DISK_BYTES)
        _run(*_MAKE[file_system], str(self._image))

    def boot(self) -> None:
        """Mounts what the disk holds; the file system's own recovery runs. Raises Refused."""
        command = (sys.executable, "-m", "proofs.volatile_disk", str(self._place), str(self._image))
        self._disk = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._hear()
        self._mounted.append(self._place)
        # Directly, as only then several writes are under way at once, and what the system has read it asks for again.
        loop = _run("losetup", "--find", "--show", "--direct-io=on", str(self._place)).strip()
        try:
            _run("mount", loop, str(self.root))
            self._mounted.append(self.root)
        finally:
            _run("losetup", "--detach", loop)  # once nothing is mounted from it any more

    def sync(self) -> None:
        """What was done so far is on disk, whoever did it."""
        _run("sync", "--file-system", str(self.root))

    def pull_the_plug(self, seed: int, count: int) -> Cut:
        """After so many more requests to it the disk keeps what it has, as the lot falls.

        What runs on it runs on in vain, until `clear_away`.
        """
        if self._disk is None or self._disk.stdin is None:
            raise RuntimeError("the machine is off")
        self._disk.stdin.write(f"{seed} {count}\n")
        self._disk.stdin.flush()
        return Cut(*json.loads(self._hear()))

    def clear_away(self) -> None:
        """Unmounts everything, as soon as those who were killed have let go of it."""
        while self._mounted:
            _unmount(self._mounted.pop())
        if self._disk is not None:
            with self._disk:
                if self._disk.stdin is not None:
                    self._disk.stdin.close()
            self._disk = None

    def _hear(self) -> str:
        said = self._disk.stdout.readline() if self._disk is not None and self._disk.stdout is not None else ""
        if not said:
            raise RuntimeError("the disk's process has ended")
        return said


def missing(file_system: str) -> str:
    """Why this cannot be done here, in a sentence; nothing when it can."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "A power cut is played with mounts, for which one must be root, on Linux."
    if not _works(_MAKE[file_system][0], "-V"):
        return f"There is no {_MAKE[file_system][0]} here: install the package with the tools for {file_system}."
    if not _works(*apart(("true",))) or not Path("/dev/fuse").exists():
        return "A power cut is played with mounts, which are not allowed here (a container without SYS_ADMIN?)."
    if not _works("losetup", "--find"):
        return "A power cut is played on a loop device, and there is none here."
    return ""


def apart(command: Sequence[str]) -> Sequence[str]:
    """The command in a world of its own: whatever ends it, its mounts, loop devices and processes end with it."""
    dies_with_us = ("setpriv", "--pdeathsig", "KILL")
    return (*dies_with_us, "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", *command)


def _unmount(place: Path) -> None:
    """Raises Refused when it is still in use after a long time."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            _run("umount", str(place))
            return
        except Refused:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def _run(*command: str) -> str:
    """What it prints. Raises Refused."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": _WHERE})
    if done.returncode:
        raise Refused(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def _works(*command: str) -> bool:
    try:
        env = {**os.environ, "PATH": _WHERE}
        return subprocess.run(command, capture_output=True, check=False, env=env).returncode == 0
    except OSError:
        return False
