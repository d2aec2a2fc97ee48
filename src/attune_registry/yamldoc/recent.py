"""Bytes -> document, read once where the same bytes are read again at once: what a write changes, makes and checks."""

from functools import lru_cache

from attune_registry.yamldoc.document import Document, parse

# Both keep it small: a document whose nodes were asked for takes some hundred times its bytes.
_KEPT = 8
_LONGEST = 16_384


def parse_again(raw: bytes) -> Document:
    """As `parse`, for bytes that may have been read a moment ago; who gets the document leaves its data as it is."""
    return _recent(raw) if len(raw) <= _LONGEST else parse(raw)


@lru_cache(_KEPT)
def _recent(raw: bytes) -> Document:
    return parse(raw)
