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

# By these every file is judged.
CONTRACT_PATHS = (CONFIG_PATH, WORKFLOW_SCHEMA_PATH, PACK_SCHEMA_PATH)
SETTINGS_PATHS = (CONFIG_PATH, ACCESS_PATH, WORKFLOW_SCHEMA_PATH, PACK_SCHEMA_PATH)

_PACK = r"[A-Za-z0-9_-]+"
_NAME = r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*"
_PACK_REF = re.compile(rf"{_PACK}\Z")
_WORKFLOW_REF = re.compile(rf"({_PACK})\.({_NAME})\Z")
_PACK_PATH = re.compile(rf"packs/({_PACK})/pack\.ya?ml\Z")
_WORKFLOW_PATH = re.compile(rf"packs/({_PACK})/workflows/({_NAME})\.ya?ml\Z")
# The Attune platform's own layout: an action that is a workflow, and the file with the tasks that it names.
_ACTION_PATH = re.compile(rf"packs/({_PACK})/actions/({_NAME})\.ya?ml\Z")
_GRAPH_PATH = re.compile(rf"packs/({_PACK})/actions/workflows/({_NAME})\.workflow\.ya?ml\Z")
_AMONG_ACTIONS = re.compile(r"packs/[^/]+/actions/")
# What folders there are: of packs, each pack's with its own for workflows and actions, and those of the settings.
_FOLDER = re.compile(rf"(packs(/{_PACK}(/workflows|/actions(/workflows)?)?)?|registry(/schemas)?)\Z")
_LOOKS_LIKE_ONE = re.compile(r"packs/[^/.][^/]*/(pack|workflows/[^.].*)\.(?i:ya?ml)\Z", re.DOTALL)
# After a path it makes a name that no file can have.
_SIGN = "/"
_ID_BITS = 53
_FEW_IDS = 256


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
    """What the file at `path` (from the root, with slashes) is; None for anything that is neither.

    None for an action too: whether it is a workflow, the path does not say (`workflow_of_action`).
    """
    workflow = _WORKFLOW_PATH.match(path) or _GRAPH_PATH.match(path)
    if workflow:
        return Place("workflow", f"{workflow[1]}.{workflow[2]}")
    pack = _PACK_PATH.match(path)
    return Place("pack", pack[1]) if pack else None


def workflow_of_action(path: str) -> Place | None:
    """The workflow that the action at this path is, if it is one; only its content can tell."""
    action = _ACTION_PATH.match(path)
    return Place("workflow", f"{action[1]}.{action[2]}") if action else None


def any_place_of(path: str) -> Place | None:
    """What the file at a path is, an action counting as a workflow."""
    return place_of(path) or workflow_of_action(path)


def sign_of(path: str) -> str:
    """What a line has beside the path of an action, or of a file with tasks, for the workflow that it stands for.

    Of such a file its own path does not tell whose it is: any action of its pack may name it.
    """
    return path + _SIGN


def is_sign(name: str) -> bool:
    """True for a sign, which is no path."""
    return name.endswith(_SIGN)


def signed_path(name: str) -> str:
    """The path that a sign is of; a path is that itself."""
    return name.removesuffix(_SIGN)


def signs(place: Place) -> tuple[str, ...]:
    """What a line tells of a pack or workflow by: paths of the registry's own layout, and signs."""
    paths = candidates(place)
    return (*paths[:2], *map(sign_of, paths[2:]))


def told_by(path: str) -> str:
    """What a line tells of a pack or workflow by, given the file that stands for it: one of its `signs`."""
    return sign_of(path) if _AMONG_ACTIONS.match(path) else path


@lru_cache(maxsize=4096)
def told_place(name: str) -> Place | None:
    """The pack or workflow that a path or a sign in a line tells of; None for files that signs tell of."""
    if is_sign(name):
        return any_place_of(signed_path(name))
    return None if _GRAPH_PATH.match(name) else place_of(name)


def actions_folder(pack_ref: str) -> str:
    """The folder of a pack's actions."""
    return f"{PACKS}/{pack_ref}/actions"


def graph_path(pack_ref: str, named: str) -> str:
    """The file that an action of the pack names as its workflow_file."""
    return f"{actions_folder(pack_ref)}/{named}"


def pack_path(pack_ref: str) -> str:
    """Where a new pack is written."""
    return f"{PACKS}/{pack_ref}/pack.yaml"


def workflow_path(ref: str) -> str:
    """Where a new workflow is written."""
    pack, _, name = ref.partition(".")
    return f"{PACKS}/{pack}/workflows/{name}.yaml"


def candidates(place: Place) -> tuple[str, ...]:
    """The paths that a pack or workflow may be written at; the first is where a new one goes.

    The first two are of the registry's own layout, two more of actions, two more of the files that these name.
    """
    if place.kind == "pack":
        return _in_yaml(pack_path(place.ref))
    pack, _, name = place.ref.partition(".")
    folder = actions_folder(pack)
    return (
        *_in_yaml(workflow_path(place.ref)),
        *_in_yaml(f"{folder}/{name}.yaml"),
        *_in_yaml(f"{folder}/workflows/{name}.workflow.yaml"),
    )


def _in_yaml(first: str) -> tuple[str, str]:
    return first, first.removesuffix(".yaml") + ".yml"


# Each entry asks for its own, and its pack's, several times in a row.
@lru_cache(_FEW_IDS)
def identity(kind: Literal["pack", "workflow"], ref: str) -> int:
    """The id of a ref: positive, below 2^53 (what JavaScript counts exactly), the same in every clone."""
    digest = hashlib.sha256(f"{kind}:{ref}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> (64 - _ID_BITS)) or 1


def is_stray(path: str) -> bool:
    """True for a YAML file that lies where packs and workflows do, but by its names can be neither."""
    # Hidden files are editors' own (Emacs locks a file by a link named ".#file").
    return _LOOKS_LIKE_ONE.match(path) is not None and place_of(path) is None


def is_folder(path: str) -> bool:
    """True for a path where only a folder can be: anything else there keeps out all that belongs into it."""
    return _FOLDER.match(path) is not None


def workflows_folder_above(path: str) -> str | None:
    """The folder for a pack's workflows, for a path in a folder below it."""
    parts = path.split("/")
    return "/".join(parts[:3]) if len(parts) > 4 and parts[2] == "workflows" else None


def setting_of(path: str) -> str | None:
    """The settings or schema that a path is; also that of which somebody has made a folder, for a path in it."""
    if not path.startswith(f"{REGISTRY}/"):
        return None
    return next((setting for setting in SETTINGS_PATHS if path == setting or path.startswith(f"{setting}/")), None)


def matters(path: str) -> bool:
    """True when what the registry serves or reports may depend on what stands at this path."""
    return file_matters(path) or is_folder(path)


def file_matters(path: str) -> bool:
    """As `matters`, of a path where no folder belongs: what is there is all that a change of it can be about."""
    return any_place_of(path) is not None or setting_of(path) is not None or is_stray(path)


def place(ref: str) -> Place:
    """The place of a ref: with a dot it is a workflow's."""
    return Place("workflow" if "." in ref else "pack", ref)
