"""What a history says of a file's content: its version, and which fields differ; so little that it is kept for all."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from .blobs import READ_LIMIT, read_content
from .cache import Cache
from .contents import Content, Contents, content_of
from .git.repository import Repository
from .layout import Place
from .records import RECORD_SHAPE

# Raise it when the gist of a file comes out different: what other versions kept is then left alone.
_SHAPE = 1
_DIGEST_BYTES = 8
NOTHING_KEPT = b""

Named = tuple[Place, str]


class Gist(NamedTuple):
    """A content's version, and a digest of each of its fields; `fields` is None where it cannot be read."""

    version: str | None
    fields: Mapping[str, bytes] | None


NO_FILE = Gist(None, {})


class Gists:
    """The gists of revisions of files, from what is kept; made, and kept, where they are not."""

    def __init__(self, contents: Contents, cache: Cache) -> None:
        self._contents = contents
        self._cache = cache

    def of(self, wanted: Iterable[Named]) -> dict[Named, Gist]:
        """The gists of these blobs as files of these packs and workflows."""
        keys = {at: gist_key(*at) for at in dict.fromkeys(wanted)}
        kept = self._cache.get_gists(keys.values()) if keys else {}
        found = {at: _unpacked(kept[key]) for at, key in keys.items() if key in kept}
        contents = self._contents.of([at for at in keys if at not in found])
        found |= {at: gist_of(content) for at, content in contents.items()}
        # What is not in this clone may come yet.
        self._cache.put_gists({keys[at]: packed_gist(content) for at, content in contents.items() if content.data})
        return found


def gist_of(content: Content) -> Gist:
    """The gist of a content."""
    if content.data is None:
        return Gist(None, None)
    version = content.data.get("version")
    fields = {name: _digest(value) for name, value in content.data.items()}
    return Gist(version if isinstance(version, str) else None, fields)


def changed_fields(old: Gist, new: Gist) -> list[str] | None:
    """The names of the fields that differ; None where one of the files cannot be read, so that nobody knows."""
    if old.fields is None or new.fields is None:
        return None
    names = dict.fromkeys([*old.fields, *new.fields])
    return [name for name in names if old.fields.get(name) != new.fields.get(name)]


def gist_key(place: Place, blob: str) -> str:
    """What a gist goes with: the file's bytes and its ref."""
    text = f"{_SHAPE} {RECORD_SHAPE} {place.kind} {place.ref} {blob}"
    return blake2b(text.encode(), digest_size=16).hexdigest()


def packed_gist(content: Content) -> bytes:
    """A content's gist as bytes; NOTHING_KEPT for one that cannot be read."""
    gist = gist_of(content)
    if gist.fields is None:
        return NOTHING_KEPT
    return orjson.dumps([gist.version, {name: digest.hex() for name, digest in gist.fields.items()}])


def read_gist(repository: Repository, place: Place, blob: str) -> bytes:
    """The packed gist of a blob, read from git; NOTHING_KEPT for one that cannot be read."""
    try:
        return packed_gist(content_of(place, read_content(repository, blob, READ_LIMIT)))
    except KeyError:
        return NOTHING_KEPT


def _unpacked(raw: bytes) -> Gist:
    version, fields = orjson.loads(raw)
    return Gist(version, {name: bytes.fromhex(digest) for name, digest in fields.items()})


def _digest(value: Any) -> bytes:
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return blake2b(text, digest_size=_DIGEST_BYTES).digest()
