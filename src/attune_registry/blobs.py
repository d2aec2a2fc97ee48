"""The id of a content -> its bytes, in one blob or in two."""

from .forms.pairs import Raw, is_joined, parted
from .git.repository import Repository
from .git.trees import read_blob
from .yamldoc.compose import MAX_BYTES

# One byte more than a document may have, so that what is too large is seen to be too large.
READ_LIMIT = MAX_BYTES + 1


def read_content(repository: Repository, blob: str, limit: int) -> Raw:
    """The bytes behind the id of one blob, or of two. Raises KeyError when one is not in this clone."""
    if not is_joined(blob):
        return read_blob(repository, blob, limit)
    action, graph = parted(blob)
    return read_blob(repository, action, limit), read_blob(repository, graph, limit) if graph else None
