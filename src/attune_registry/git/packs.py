"""Pack files: many objects in one file, and the index that says where in it each is (gitformat-pack)."""

import contextlib
import hashlib
import secrets
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from .smallfile import write_new

# What begins with `tmp_` is swept up by `git prune`; what ended with `.idx` would be taken for a pack already.
DRAFT_PREFIX = "tmp_attune_"
_SIGNATURE = b"PACK"
_INDEX_SIGNATURE = b"\377tOc"
_VERSION = 2
_HEADER = struct.Struct(">4sLL")
_FANOUT = struct.Struct(">256L")
_HEADER_SIZE = 12
_ID_SIZE = 20
_FANOUT_AT = 8
_IDS_AT = _FANOUT_AT + _FANOUT.size
_KINDS = {b"commit": 1, b"tree": 2, b"blob": 3}
_REF_DELTA = 7
# How hard zlib tries. A tree is mostly ids, which do not get smaller.
_EFFORTS = {b"commit": 1, b"tree": 0, b"blob": 1}
# An instruction to copy has up to four bytes for where from and three for how much, those that are zero left out.
_COPY = 0x80
_MOST_COPIED = 0xFFFFFF
_MOST_INSERTED = 0x7F
_STEP = 4096


class Entry(NamedTuple):
    """An object as it stands in a pack: its id (20 bytes), and its header and compressed content."""

    id: bytes
    packed: bytes


class Pack(NamedTuple):
    """A pack on disk; `stem` is its path without a suffix, `size` how many objects it has."""

    stem: Path
    size: int

    @property
    def paths(self) -> tuple[Path, Path]:
        """The pack and its index."""
        return self.stem.with_suffix(".pack"), self.stem.with_suffix(".idx")

    @property
    def keep(self) -> Path:
        """The file that tells `git repack` to leave this pack alone."""
        return self.stem.with_suffix(".keep")

    def remove(self) -> None:
        """Takes it off the disk; the index first, without which git does not look at the rest."""
        for path in (*reversed(self.paths), self.keep):
            path.unlink(missing_ok=True)


class Draft(NamedTuple):
    """A pack that is written and not yet in place: where its two files are, and what they will be."""

    files: tuple[Path, Path]
    pack: Pack

    def put_in_place(self) -> None:
        """Both get their names, the index last: with it the objects are there."""
        for path, final in zip(self.files, self.pack.paths, strict=True):
            path.rename(final)


def entry_of(kind: bytes, content: bytes, id: bytes) -> Entry:
    """An object made ready for a pack."""
    return Entry(id, _entry_head(_KINDS[kind], len(content)) + zlib.compress(content, _EFFORTS[kind]))


def entry_upon(base_id: bytes, base: bytes, content: bytes, id: bytes) -> Entry:
    """An object made ready as what differs in it from another one, which has to be in the same pack."""
    delta = delta_of(base, content)
    return Entry(id, _entry_head(_REF_DELTA, len(delta)) + base_id + zlib.compress(delta, 0))


def delta_of(base: bytes, content: bytes) -> bytes:
    """How to make `content` of `base` (gitformat-pack, "Deltified representation"), taking them to differ in one place.

    Where they do not, it is right as well, and no shorter than what lies between the first difference and the last.
    """
    room = min(len(base), len(content))
    before, after = len(base), len(content)
    start = _common(room, lambda low, high: base[low:high] == content[low:high])
    end = _common(
        room - start, lambda low, high: base[before - high : before - low] == content[after - high : after - low]
    )
    middle = content[start : len(content) - end]
    inserts = (middle[at : at + _MOST_INSERTED] for at in range(0, len(middle), _MOST_INSERTED))
    return b"".join(
        (
            *(_varint(len(base)), _varint(len(content))),
            *_copies(0, start),
            *(bytes((len(each),)) + each for each in inserts),
            *_copies(len(base) - end, end),
        )
    )


def _common(room: int, is_same: Callable[[int, int], bool]) -> int:
    """How far it is the same from 0 on, `room` at most: in large steps first, then in smaller and smaller ones."""
    size, step = 0, _STEP
    while step:
        if size + step <= room and is_same(size, size + step):
            size += step
        else:
            step >>= 1
    return size


def _copies(offset: int, size: int) -> Iterator[bytes]:
    while size:
        copied = min(size, _MOST_COPIED)
        operands = offset.to_bytes(4, "little") + copied.to_bytes(3, "little")
        command = _COPY | sum(1 << at for at, byte in enumerate(operands) if byte)
        yield bytes((command, *filter(None, operands)))
        offset, size = offset + copied, size - copied


def _entry_head(kind: int, size: int) -> bytes:
    left, byte = size >> 4, kind << 4 | size & 15
    return bytes((byte | 0x80,)) + _varint(left) if left else bytes((byte,))


def _varint(number: int) -> bytes:
    """Seven bits in a byte, the lowest first, and an eighth where more follow."""
    digits = bytearray()
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*digits, number))


def draft(folder: Path, entries: Sequence[Entry]) -> Draft:
    """Writes a pack beside the others, under names that git takes for what an interrupted command has left."""
    pack, index, name = _laid_out(entries)
    mark = secrets.token_hex(8)
    files = folder / f"{DRAFT_PREFIX}pack_{mark}", folder / f"{DRAFT_PREFIX}idx_{mark}"
    try:
        try:
            write_new(files[0], pack, 0o444)
        except FileNotFoundError:
            folder.mkdir(parents=True, exist_ok=True)
            write_new(files[0], pack, 0o444)
        write_new(files[1], index, 0o444)
    except OSError:
        for path in files:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        raise
    return Draft(files, Pack(folder / f"pack-{name}", len(entries)))


def entries_in(pack: Pack) -> Iterator[Entry]:
    """The entries of a pack that `draft` made. Raises OSError or ValueError when it is not (any more) to be had.

    Those of several packs are good in one, too, the last of each object: what an entry is made upon is in the same
    pack, or another one of it is, of a later pack, so that they never go in circles.
    """
    content, index = (path.read_bytes() for path in pack.paths)
    if content[:4] != _SIGNATURE or index[:4] != _INDEX_SIGNATURE or len(index) < _IDS_AT:
        raise ValueError(f"'{pack.stem}' is no pack of ours")
    count = _FANOUT.unpack_from(index, _FANOUT_AT)[-1]
    offsets_at = _IDS_AT + count * (_ID_SIZE + 4)
    if len(index) != offsets_at + 4 * count + 2 * _ID_SIZE:
        raise ValueError(f"'{pack.stem}' is no pack of ours")
    offsets = struct.unpack_from(f">{count}L", index, offsets_at)
    order = sorted(range(count), key=offsets.__getitem__)
    ends = (*(offsets[at] for at in order[1:]), len(content) - _ID_SIZE)
    for at, end in zip(order, ends, strict=True):
        id_at = _IDS_AT + at * _ID_SIZE
        yield Entry(index[id_at : id_at + _ID_SIZE], content[offsets[at] : end])


def _laid_out(entries: Iterable[Entry]) -> tuple[bytes, bytes, str]:
    """The bytes of a pack and of its index, and the name git would give them."""
    once = {entry.id: entry.packed for entry in entries}
    body = b"".join((_HEADER.pack(_SIGNATURE, _VERSION, len(once)), *once.values()))
    checksum = hashlib.sha1(body, usedforsecurity=False).digest()
    starts = accumulate((len(packed) for packed in once.values()), initial=_HEADER_SIZE)
    rows = sorted((id, zlib.crc32(packed), start) for (id, packed), start in zip(once.items(), starts, strict=False))
    index = b"".join(
        (
            *(_INDEX_SIGNATURE, _VERSION.to_bytes(4, "big"), _fanout(rows)),
            *(id for id, _, _ in rows),
            struct.pack(f">{len(rows)}L", *(crc for _, crc, _ in rows)),
            struct.pack(f">{len(rows)}L", *(start for _, _, start in rows)),
            checksum,
        )
    )
    index += hashlib.sha1(index, usedforsecurity=False).digest()
    return body + checksum, index, checksum.hex()


def _fanout(rows: Sequence[tuple[bytes, int, int]]) -> bytes:
    """How many ids begin with a byte up to this one, for each."""
    counts = [0] * 256
    for id, _, _ in rows:
        counts[id[0]] += 1
    return _FANOUT.pack(*accumulate(counts))
