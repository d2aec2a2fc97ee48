"""Which process holds a connection, as Linux tells it in /proc."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path


def holder_of(port: int, peer: int, processes: Iterable[int]) -> int:
    """The process with the end of a connection that is at `port`, the other end being at `peer`; both on this machine.

    Raises LookupError when none of the processes has it.
    """
    inode = _inode_of(f"0100007F:{port:04X}", f"0100007F:{peer:04X}")
    for process in processes:
        if f"socket:[{inode}]" in _links_of(process):
            return process
    raise LookupError(f"nobody holds the connection from {peer} to {port}")


def _inode_of(local: str, remote: str) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if (fields[1], fields[2]) == (local, remote):
            return fields[9]
    raise LookupError(f"there is no connection from {remote} to {local}")


def _links_of(process: int) -> set[str]:
    found = set()
    for name in os.listdir(f"/proc/{process}/fd"):
        with contextlib.suppress(OSError):
            found.add(os.readlink(f"/proc/{process}/fd/{name}"))
    return found
