"""A line's tables as bytes and back: arrays as they lie in memory, so that reading them takes no time."""

import sys
import zlib
from array import array
from itertools import accumulate, pairwise
from typing import Any

import orjson

from .line_rows import Rows
from .line_tables import DELETED, At, Kept, Tables

# Raise it when what is written changes its shape or its meaning: files of other versions are then left alone.
_SHAPE = 6
_KIND = f"attune-registry line {_SHAPE} {sys.byteorder} {array('I').itemsize}"


def pack(tables: Tables, key: str) -> bytes:
    """The bytes of a whole line; `key` has to be given again to read them."""
    touches = [tables.touches.of(number) for number in range(len(tables.names))]
    packs = list(tables.rows.of_pack)
    sections = (
        "\0".join(tables.names).encode(errors="surrogateescape"),
        bytes(tables.ids),
        tables.dates.tobytes(),
        tables.path_ends.tobytes(),
        tables.path_numbers.tobytes(),
        array("I", accumulate(map(len, touches))).tobytes(),
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
    kept = Kept(_numbers("I", touch_ends), _numbers("I", positions), blobs)
    stretch = (_numbers("q", dates), _names(names), _numbers("I", path_ends), _numbers("I", path_numbers))
    tables = Tables(ids, *stretch, kept)
    _fill(tables.rows, rows, pack_rows, header["packs"])
    tables.untold.update(_names(untold))
    return tables


def _fill(rows: Rows, everything: bytes, of_packs: bytes, counts: dict[str, int]) -> None:
    rows.everything = _numbers("Q", everything)
    start = 0
    for ref, count in counts.items():
        end = start + count * rows.everything.itemsize
        rows.of_pack[ref] = _numbers("Q", of_packs[start:end])
        start = end


def _names(joined: bytes) -> list[str]:
    return joined.decode(errors="surrogateescape").split("\0") if joined else []


def _blob(touch: At) -> bytes:
    return bytes.fromhex(touch[1]) if touch[1] else DELETED


def _numbers(code: str, raw: bytes) -> "array[int]":
    numbers = array(code)
    numbers.frombytes(raw)
    return numbers
