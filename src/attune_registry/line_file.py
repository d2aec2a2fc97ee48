"""A line's tables as bytes and back: arrays as they lie in memory, so that reading them takes no time."""

import sys
import zlib
from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import orjson

from .line_rows import Rows
from .line_tables import ID_BYTES, At, PackedTouches, Tables, Touches

# Raise it when what is written changes its shape or its meaning: files of other versions are then left alone.
_SHAPE = 3
_KIND = f"attune-registry line {_SHAPE} {sys.byteorder} {array('I').itemsize}"
_DELETED = bytes(ID_BYTES)


def pack(tables: Tables, key: str) -> bytes:
    """The bytes of a whole line; `key` has to be given again to read them."""
    paths = tables.touches.paths()
    numbers = {path: number for number, path in enumerate(paths)}
    touches = [tables.touches.of(path) for path in paths]
    packs = list(tables.rows.of_pack)
    sections = (
        "\0".join(paths).encode(errors="surrogateescape"),
        bytes.fromhex("".join(tables.ids)),
        array("q", tables.dates).tobytes(),
        _ends(tables.paths),
        array("I", (numbers[path] for at in tables.paths for path in at)).tobytes(),
        _ends(touches),
        array("I", (position for own in touches for position, _ in own)).tobytes(),
        b"".join(_blob(touch) for own in touches for touch in own),
        tables.rows.everything.tobytes(),
        b"".join(tables.rows.of_pack[ref].tobytes() for ref in packs),
        "\0".join(sorted(tables.untold)).encode(errors="surrogateescape"),
    )
    body = b"".join(sections)
    header = {
        "kind": _KIND,
        "key": key,
        "sizes": [len(section) for section in sections],
        "packs": {ref: len(tables.rows.of_pack[ref]) for ref in packs},
        "check": zlib.crc32(body),
    }
    return orjson.dumps(header) + b"\n" + body


def unpack(raw: bytes, key: str) -> Tables | None:
    """The line in these bytes; None when they are no longer what was written, or were for another key."""
    line, _, body = raw.partition(b"\n")
    try:
        header = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(header, dict) or (header.get("kind"), header.get("key")) != (_KIND, key):
        return None
    if zlib.crc32(body) != header.get("check"):
        return None
    return _tables(header, body)


def _tables(header: dict[str, Any], body: bytes) -> Tables:
    bounds = pairwise([0, *accumulate(header["sizes"])])
    names, ids, dates, path_ends, path_numbers, touch_ends, positions, blobs, rows, pack_rows, untold = (
        body[first:end] for first, end in bounds
    )
    paths = _names(names)
    hexed = ids.hex()
    commits = [hexed[at : at + 2 * ID_BYTES] for at in range(0, len(hexed), 2 * ID_BYTES)]
    numbers = dict(zip(paths, range(len(paths)), strict=True))
    packed = PackedTouches(numbers, _numbers("I", touch_ends), _numbers("I", positions), blobs)
    touched = list(map(paths.__getitem__, _numbers("I", path_numbers)))
    return Tables(
        ids=commits,
        dates=_numbers("q", dates).tolist(),
        paths=[tuple(touched[first:end]) for first, end in pairwise([0, *_numbers("I", path_ends)])],
        positions=dict(zip(commits, range(len(commits)), strict=True)),
        touches=Touches(packed),
        rows=_rows(rows, pack_rows, header["packs"]),
        untold=set(_names(untold)),
    )


def _rows(everything: bytes, of_packs: bytes, counts: dict[str, int]) -> Rows:
    rows = Rows()
    rows.everything = _numbers("Q", everything)
    start = 0
    for ref, count in counts.items():
        end = start + count * rows.everything.itemsize
        rows.of_pack[ref] = _numbers("Q", of_packs[start:end])
        start = end
    return rows


def _names(joined: bytes) -> list[str]:
    return joined.decode(errors="surrogateescape").split("\0") if joined else []


def _ends(groups: Sequence[Sequence[Any]]) -> bytes:
    return array("I", accumulate(len(group) for group in groups)).tobytes()


def _blob(touch: At) -> bytes:
    return bytes.fromhex(touch[1]) if touch[1] else _DELETED


def _numbers(code: str, raw: bytes) -> "array[int]":
    numbers = array(code)
    numbers.frombytes(raw)
    return numbers
