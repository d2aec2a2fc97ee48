"""A disk whose cache is lost with the power: one file, by the kernel's FUSE protocol, in a process of its own.

`python -m proofs.volatile_disk PLACE IMAGE` shows IMAGE's content at PLACE. IMAGE itself gets what a disk has promised
to keep: the writes that were answered before an FSYNC began, once that FSYNC is answered. A line "SEED COUNT" on
standard input pulls the plug after so many more requests to write or flush: of the writes that nothing was promised
for, IMAGE gets a selection, by lot, and nothing any more from then on. What is using the disk goes on undisturbed, so
that it can be killed and unmounted as anything else.
"""

import errno
import json
import os
import random
import select
import stat
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

# Structures and numbers of linux/fuse.h, version 7.31; newer kernels speak it, too.
_VERSION = (7, 31)
_HEADER = struct.Struct("<IIQQIIII")
_ANSWER = struct.Struct("<IiQ")
_INIT = struct.Struct("<IIIIHHIIHH28x")
_ATTRIBUTES = struct.Struct("<QII6Q10I")
_OPENED = struct.Struct("<QII")
_TRANSFER = struct.Struct("<QQIIQII")  # of READ and WRITE: handle, offset, size, and what is of no matter here
_WRITTEN = struct.Struct("<II")
_FORGET, _GETATTR, _OPEN, _READ, _WRITE, _RELEASE, _FSYNC, _INIT_IT, _INTERRUPT, _FORGET_MANY = (
    2, 3, 14, 15, 16, 18, 20, 26, 36, 42,
)  # fmt: skip
_SILENT = (_FORGET, _INTERRUPT, _FORGET_MANY)
_ASYNC_READ, _BIG_WRITES, _ASYNC_DIO, _MAX_PAGES = 1 << 0, 1 << 5, 1 << 15, 1 << 22
_MOST_BYTES = 1 << 20
_PAGE = 4096
# As slow as a disk without capacitors is. Every write takes equally long, so those that were answered are a prefix.
_WRITE_SECONDS = 0.0005
_FSYNC_SECONDS = (0.002, 0.012)
# So long the writes may be waited for that a cut is to come after.
_CUT_SECONDS = 1.0


class Order(NamedTuple):
    """A cut to come: the lot's seed, after which request to write or flush, and when at the latest."""

    seed: int
    at: int
    latest: float


class Cut(NamedTuple):
    """What there was when the plug was pulled: totals, the cache, and how much of it was kept all the same."""

    writes: int
    fsyncs: int
    fsyncs_under_way: int
    cached_writes: int
    cached_pieces: int
    kept_pieces: int


class Cache:
    """The writes in the order in which they came, between what the system sees and what the disk has promised."""

    def __init__(self, seen: int, kept: int) -> None:
        self.seen = seen
        self.writes = self.fsyncs = self.fsyncs_under_way = 0
        self._kept = kept
        self._answered = self._flushed = 0
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._is_cut = False

    def write(self, offset: int, data: bytes) -> None:
        """From now on it may be on disk."""
        os.pwrite(self.seen, data, offset)
        self._waiting.append((offset, data))
        self.writes += 1

    def answered(self) -> None:
        """One more write, in order, is what the next FSYNC speaks of."""
        self._answered += 1

    def begin_fsync(self) -> int:
        """How many writes must be on disk when it is answered."""
        self.fsyncs_under_way += 1
        return self._answered

    def end_fsync(self, count: int) -> None:
        """They are."""
        self.fsyncs_under_way -= 1
        self.fsyncs += 1
        while self._flushed < count:
            offset, data = self._waiting.popleft()
            self._keep(offset, data)
            self._flushed += 1

    @property
    def requests(self) -> int:
        """How many there were, answered or not."""
        return self.writes + self.fsyncs + self.fsyncs_under_way

    def cut(self, seed: int) -> Cut:
        """Leaves what a disk may have kept: of each write none, all, or any of its sectors or pages."""
        dice = random.Random(seed)
        size = dice.choice((512, _PAGE))
        share = dice.choice((0.0, 1.0, dice.random(), dice.random()))
        pieces = [
            (offset + at, data[at : at + size]) for offset, data in self._waiting for at in range(0, len(data), size)
        ]
        chosen = [piece for piece in pieces if dice.random() < share]
        for offset, data in chosen:
            self._keep(offset, data)
        self._is_cut = True
        return Cut(self.writes, self.fsyncs, self.fsyncs_under_way, len(self._waiting), len(pieces), len(chosen))

    def _keep(self, offset: int, data: bytes) -> None:
        if not self._is_cut:
            os.pwrite(self._kept, data, offset)


class Disk:
    """Answers the kernel, one request after the other; writes and fsyncs only after as long as a disk takes."""

    def __init__(self, device: int, cache: Cache) -> None:
        self._device = device
        self._cache = cache
        self._buffer = bytearray(_MOST_BYTES + _PAGE)
        self._size = os.fstat(cache.seen).st_size
        self._writing: deque[tuple[float, int, int]] = deque()
        self._flushing: deque[tuple[float, int, int]] = deque()
        self._order: Order | None = None
        self._answers: dict[int, Callable[[memoryview], bytes]] = {
            _INIT_IT: self._init,
            _GETATTR: self._attributes,
            _OPEN: lambda _: _OPENED.pack(0, 0, 0),
            _READ: self._read,
            _RELEASE: lambda _: b"",
        }

    def serve(self) -> None:
        """Until it is unmounted or whoever started it is gone."""
        poll = select.poll()
        for descriptor in (self._device, sys.stdin.fileno()):
            poll.register(descriptor, select.POLLIN)
        while True:
            ready = dict(poll.poll(self._patience()))
            self._settle()
            if sys.stdin.fileno() in ready and not self._hear():
                return
            if self._device in ready and not self._take():
                return
            self._cut()

    def _hear(self) -> bool:
        """One order; False when there will be none any more."""
        line = os.read(sys.stdin.fileno(), 64)
        if line:
            seed, count = map(int, line.split())
            self._order = Order(seed, self._cache.requests + count, time.monotonic() + _CUT_SECONDS)
        return bool(line)

    def _cut(self) -> None:
        order = self._order
        if order is not None and (self._cache.requests >= order.at or time.monotonic() >= order.latest):
            print(json.dumps(self._cache.cut(order.seed)), flush=True)
            self._order = None

    def _take(self) -> bool:
        """One request; False when there will be none any more."""
        try:
            length = os.readv(self._device, [self._buffer])
        except OSError as error:
            return error.errno in (errno.EINTR, errno.EAGAIN, errno.ENOENT)
        _, code, request, *_ = _HEADER.unpack_from(self._buffer)
        body = memoryview(self._buffer)[_HEADER.size : length]
        now = time.monotonic()
        if code == _WRITE:
            _, offset, size, *_ = _TRANSFER.unpack_from(body)
            self._cache.write(offset, bytes(body[_TRANSFER.size : _TRANSFER.size + size]))
            self._writing.append((now + _WRITE_SECONDS, request, size))
        elif code == _FSYNC:
            due = now + random.uniform(*_FSYNC_SECONDS)
            self._flushing.append((due, request, self._cache.begin_fsync()))
        elif code in self._answers:
            self._answer(request, self._answers[code](body))
        elif code not in _SILENT:
            self._answer(request, b"", errno.ENOSYS)
        return True

    def _patience(self) -> float | None:
        """Milliseconds until something is to be done."""
        due = [queue[0][0] for queue in (self._writing, self._flushing) if queue]
        due += [self._order.latest] if self._order else []
        return max(0.0, min(due) - time.monotonic()) * 1000 if due else None

    def _settle(self) -> None:
        now = time.monotonic()
        while self._writing and self._writing[0][0] <= now:
            _, request, size = self._writing.popleft()
            self._cache.answered()
            self._answer(request, _WRITTEN.pack(size, 0))
        while self._flushing and self._flushing[0][0] <= now:
            _, request, count = self._flushing.popleft()
            self._cache.end_fsync(count)
            self._answer(request, b"")

    def _answer(self, request: int, body: bytes, fault: int = 0) -> None:
        os.writev(self._device, (_ANSWER.pack(_ANSWER.size + len(body), -fault, request), body))

    def _init(self, _: memoryview) -> bytes:
        flags = _ASYNC_READ | _BIG_WRITES | _ASYNC_DIO | _MAX_PAGES
        return _INIT.pack(*_VERSION, _MOST_BYTES, flags, 64, 48, _MOST_BYTES, 1, _MOST_BYTES // _PAGE, 0)

    def _attributes(self, _: memoryview) -> bytes:
        mode = stat.S_IFREG | 0o600
        blocks = self._size // 512
        return _ATTRIBUTES.pack(3600, 0, 0, 1, self._size, blocks, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, _PAGE, 0)

    def _read(self, body: memoryview) -> bytes:
        _, offset, size, *_ = _TRANSFER.unpack_from(body)
        return os.pread(self._cache.seen, size, offset)


def main(place: str, image: str) -> None:
    """The root of this file system is no folder but the file: PLACE is one, too."""
    copy = image + ".seen"
    subprocess.run(("cp", "--sparse=always", image, copy), check=True)
    cache = Cache(os.open(copy, os.O_RDWR), os.open(image, os.O_RDWR))
    os.unlink(copy)
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=100000,user_id=0,group_id=0"
    command = ("mount", "-i", "-n", "-t", "fuse", "-o", options, "volatile-disk", place)
    subprocess.run(command, check=True, pass_fds=(device,))
    print("ready", flush=True)
    Disk(device, cache).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
