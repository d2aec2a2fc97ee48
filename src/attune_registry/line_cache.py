"""The line on disk, so that a restart walks only the commits that came after it was kept."""

import structlog

from .git.repository import Repository
from .git.shallow import cuts
from .line import Line
from .line_file import pack, unpack
from .state_file import replace_file

FILE_NAME = "line"
# Below this many new commits, walking them again costs less than keeping the line.
_WORTH_KEEPING = 100
_log = structlog.get_logger()


class LineCache:
    """One file that any worker may replace as a whole. Any failure of it only costs time."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._path = repository.state_folder / FILE_NAME

    def load(self) -> Line:
        """The line that was kept; an empty one where there is none that can be used."""
        try:
            tables = unpack(self._path.read_bytes(), self._key())
        except FileNotFoundError:
            return Line()
        except OSError as error:
            _log.warning("line_unusable", path=str(self._path), error=str(error))
            return Line()
        return Line(tables=tables) if tables else Line()

    def keep(self, line: Line, known: int) -> None:
        """Keep the line, of which `known` commits came from the file, if that is worth it."""
        if line.length - known < _WORTH_KEEPING:
            return
        try:
            replace_file(self._path, (pack(line.whole(), self._key()),))
        except OSError as error:
            _log.warning("line_not_kept", path=str(self._path), error=str(error))

    def _key(self) -> str:
        """What the file goes with beside its commits: where the history of a shallow clone is cut."""
        return cuts(self._repository)
