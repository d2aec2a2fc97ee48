"""The ids that git gives objects: the SHA-1 of what they are and of their bytes."""

import hashlib


def object_id(kind: bytes, content: bytes) -> bytes:
    """The id of an object of this kind (b"blob", b"tree", b"commit")."""
    return hashlib.sha1(b"%s %d\0%s" % (kind, len(content), content), usedforsecurity=False).digest()


def blob_id(content: bytes) -> str:
    """The id of a file of these bytes, in hexadecimal."""
    return object_id(b"blob", content).hex()
