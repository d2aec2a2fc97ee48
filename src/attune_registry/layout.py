"""The one place that knows the folders of a registry: which path is which pack or workflow, and their ids."""

import hashlib
import re
from functools import lru_cache
from typing import Literal, NamedTuple

PACKS = "packs"
REGISTRY = "registry"
CONFIG_PATH = "registry/config.yaml"
ACCESS_PATH = "registry/access.yaml"
WORKFLOW_SCHEMA_PATH = "registry/schemas/workflow.schema.json"
PACK_SCHEMA_PATH = "registry/schemas/pack.schema.json"
STATE_FOLDER = "attune-registry"

# git, most file systems and every URL keep well clear of this length; a longer name is somebody's mistake.
MAX_REF = 200

SETTINGS_PATHS = (CONFIG_PATH, ACCESS_PATH, WORKFLOW_SCHEMA_PATH, PACK_SCHEMA_PATH)

_PACK = r"[A-Za-z0-9_-]+"
_NAME = r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*"
_PACK_REF = re.compile(rf"{_PACK}\Z")
_WORKFLOW_REF = re.compile(rf"({_PACK})\.({_NAME})\Z")
_PACK_PATH = re.compile(rf"packs/({_PACK})/pack\.ya?ml\Z")
_WORKFLOW_PATH = re.compile(rf"packs/({_PACK})/workflows/({_NAME})\.ya?ml\Z")
_ID_BITS = 53


class Place(NamedTuple):
    """What a path is to the registry: a pack or a workflow, with its ref."""

    kind: Literal["pack", "workflow"]
    ref: str


def is_pack_ref(text: str) -> bool:
    """True for a well-formed pack ref."""
    return len(text) <= MAX_REF and _PACK_REF.match(text) is not None


def is_workflow_ref(text: str) -> bool:
    """True for `<pack_ref>.<name>`."""
    return len(text) <= MAX_REF and _WORKFLOW_REF.match(text) is not None


def pack_of(workflow_ref: str) -> str:
    """The pack ref of a workflow ref."""
    return workflow_ref.partition(".")[0]


@lru_cache(maxsize=4096)
def place_of(path: str) -> Place | None:
    """What the file at `path` (from the root, with slashes) is; None for anything that is neither."""
    workflow = _WORKFLOW_PATH.match(path)
    if workflow:
        return Place("workflow", f"{workflow[1]}.{workflow[2]}")
    pack = _PACK_PATH.match(path)
    return Place("pack", pack[1]) if pack else None


def pack_path(pack_ref: str) -> str:
    """Where a new pack is written."""
    return f"{PACKS}/{pack_ref}/pack.yaml"


def workflow_path(ref: str) -> str:
    """Where a new workflow is written."""
    pack, _, name = ref.partition(".")
    return f"{PACKS}/{pack}/workflows/{name}.yaml"


def candidates(place: Place) -> tuple[str, ...]:
    """The paths that a pack or workflow may be written at; the first is where a new one goes."""
    first = workflow_path(place.ref) if place.kind == "workflow" else pack_path(place.ref)
    return (first, first.removesuffix(".yaml") + ".yml")


def identity(kind: Literal["pack", "workflow"], ref: str) -> int:
    """The id of a ref: positive, below 2^53 (what JavaScript counts exactly), the same in every clone."""
    digest = hashlib.sha256(f"{kind}:{ref}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> (64 - _ID_BITS)) or 1


def is_stray(path: str) -> bool:
    """True for a YAML file that lies where packs and workflows do, but by its names can be neither."""
    # Hidden files are editors' own (Emacs locks a file by a link named ".#file").
    looks_like_one = re.match(r"packs/[^/.][^/]*/(pack|workflows/[^.].*)\.ya?ml\Z", path) is not None
    return looks_like_one and place_of(path) is None


def matters(path: str) -> bool:
    """True when what the registry serves or reports may depend on the file at this path."""
    return place_of(path) is not None or path in SETTINGS_PATHS or is_stray(path)


def place(ref: str) -> Place:
    """The place of a ref: with a dot it is a workflow's."""
    return Place("workflow" if "." in ref else "pack", ref)
