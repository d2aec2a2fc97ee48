"""Which packs the indexes over many packs name that people have git make (gitformat-pack, "multi-pack-index")."""

import struct
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

_SIGNATURE = b"MIDX"
# Version, version of ids, how many chunks, how many indexes below this one, how many packs.
_HEADER = struct.Struct(">4sBBBBL")
_CHUNK = struct.Struct(">4sQ")
_NAMES = b"PNAM"


def named_packs(folder: Path) -> frozenset[str]:
    """The names, without suffixes, of the packs in this folder that git looks for by such an index.

    Were one of them gone, `git fsck` would miss it. An index that cannot be read names none: git passes it over, too.
    """
    # From git 2.47 on there may be several, one upon the other.
    files = [folder / "multi-pack-index", *folder.glob("multi-pack-index.d/*.midx")]
    return frozenset(name for file in files for name in _names_in(file))


def _names_in(file: Path) -> list[str]:
    try:
        with file.open("rb") as raw:
            return [Path(name.decode()).stem for name in _names_chunk(raw).split(b"\0") if name]
    except (OSError, ValueError, struct.error):
        return []


def _names_chunk(raw: BinaryIO) -> bytes:
    signature, _, _, count, _, _ = _HEADER.unpack(raw.read(_HEADER.size))
    if signature != _SIGNATURE:
        return b""
    # One more than there are, which says where the last one ends.
    chunks = [_CHUNK.unpack(raw.read(_CHUNK.size)) for _ in range(count + 1)]
    for (name, start), (_, end) in pairwise(chunks):
        if name == _NAMES:
            raw.seek(start)
            return raw.read(end - start)
    return b""
