"""Changed files -> which packs and workflows they are, and what becomes of each."""

from collections.abc import Iterable, Mapping

from .forms.pairs import names_workflow
from .git.objects import FileChange
from .history import Deed
from .layout import Place, place_of, workflow_of_action
from .shown import shown

_MOST_LISTED = 200


def deeds(
    changes: Iterable[FileChange], before: Mapping[str, bytes | None], created: Deed = "created"
) -> dict[Place, Deed]:
    """What becomes of each pack and workflow, in order; `created` is the word for what was not there `before`."""
    had: dict[Place, bool] = {}
    has: dict[Place, bool] = {}
    for path, content, _ in changes:
        place = _place(path, before[path], content)
        if place is not None:
            had[place] = had.get(place, False) or before[path] is not None
            has[place] = has.get(place, False) or content is not None
    words: dict[tuple[bool, bool], Deed] = {(True, True): "updated", (True, False): "deleted"}
    return {place: words.get((had[place], has[place]), created) for place in sorted(had)}


def _place(path: str, *contents: bytes | None) -> Place | None:
    """What a changed file is; of an action only its content tells that it is a workflow."""
    return place_of(path) or (workflow_of_action(path) if any(map(names_workflow, contents)) else None)


def listed(found: Mapping[Place, Deed], changes: Iterable[FileChange]) -> str:
    """The deeds, and the files that are neither pack nor workflow, as the list in a commit's message."""
    rows = [f"- {place.ref}: {deed}" for place, deed in found.items()]
    rows += [f"- {shown(change.path)}" for change in changes if place_of(change.path) is None]
    more = [f"- and {len(rows) - _MOST_LISTED} more"] if len(rows) > _MOST_LISTED else []
    return "\n".join([*rows[:_MOST_LISTED], *more])
