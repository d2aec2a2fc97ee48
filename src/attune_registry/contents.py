"""What any blob of a file says, in the contract's form, for those who compare revisions."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from .blobs import READ_LIMIT, read_content
from .cache import Cache, record_key
from .checks.contract import Contract
from .checks.form import pack_form
from .forms.checking import workflow_view
from .forms.pairs import Raw
from .git.repository import Repository
from .layout import Place
from .yamldoc.document import parse

# The contract's order, whether a content was known or has just been read.
_ORDER = (
    *("label", "description", "version", "param_schema", "out_schema", "definition", "tags", "enabled"),
    "dependencies",
)
_UNNAMED: dict[str, Any] = {"label": None, "version": None}
_MOST_RECENT = 512


class Content(NamedTuple):
    """The fields that a file has; None, and what is wrong, where its YAML cannot be read."""

    data: dict[str, Any] | None
    problem: str | None = None


# What pages of histories ask for again and again. A blob's id says what is in it, in whatever repository.
_recent: dict[tuple[Place, str], Content] = {}


class Contents:
    """Reads what revisions of files say."""

    def __init__(self, repository: Repository, cache: Cache, contract: Contract) -> None:
        self._repository = repository
        self._cache = cache
        self._digest = contract.digest

    def of(self, wanted: Iterable[tuple[Place, str]]) -> dict[tuple[Place, str], Content]:
        """What these blobs say as files of these packs and workflows."""
        once = dict.fromkeys(wanted)
        found = {at: known for at in once if (known := _recent.get(at))}
        keys = {at: record_key(*at, self._digest) for at in once if at not in found}
        records = self._cache.get_many(keys.values()) if keys else {}
        for at, key in keys.items():
            record = records.get(key)
            is_known = record is not None and record.is_valid
            # Checking takes longer than reading, and what is checked is known already: old blobs are only read.
            found[at] = _remember(at, _of_record(record.detail) if record and is_known else self._read(*at))
        return found

    def _read(self, place: Place, blob: str) -> Content:
        try:
            raw = read_content(self._repository, blob, READ_LIMIT)
        except KeyError:
            return Content(None, f"The content of blob {blob} is not in this clone.")
        return content_of(place, raw)


def content_of(place: Place, raw: Raw) -> Content:
    """What a file of these bytes says; one that breaks rules still says something."""
    if place.kind == "workflow" or isinstance(raw, tuple):
        return _workflow(raw, place.ref)
    document = parse(raw)
    if not isinstance(document.data, dict):
        fault = document.faults[0].message if document.faults else "The file is no mapping of fields"
        return Content(None, f"{fault}.")
    return Content(_present(pack_form(_UNNAMED | document.data)))


def _workflow(raw: Raw, ref: str) -> Content:
    view = workflow_view(raw, ref)
    if view is not None:
        return Content(_present(view))
    documents = (parse(part) for part in (raw if isinstance(raw, tuple) else (raw,)) if part is not None)
    faults = (fault.message for document in documents for fault in document.faults)
    return Content(None, f"{next(faults, 'The file is no mapping of fields')}.")


def _remember(at: tuple[Place, str], content: Content) -> Content:
    if len(_recent) >= _MOST_RECENT:
        _recent.clear()
    if content.problem is None:
        _recent[at] = content
    return content


def _of_record(detail: bytes) -> Content:
    return Content(_present(orjson.loads(b"{" + detail + b"}")))


def _present(form: dict[str, Any]) -> dict[str, Any]:
    return {name: form[name] for name in _ORDER if form.get(name) is not None}
