"""The contracts that a registry has had: by which settings and schemas the files of each commit were to be judged."""

from functools import cached_property, lru_cache

from .checks.engine import Contract
from .layout import CONTRACT_PATHS
from .line import Line
from .source import Source

# A registry's settings change seldom, and of those it had the last few are asked for again and again.
_FEW = 8


class Contracts:
    """Those of the commits of one line; `today` is the one of `source`, edits and all."""

    def __init__(self, line: Line, source: Source, today: Contract) -> None:
        self.today = today
        self._line = line
        self._source = source
        self._loaded: dict[tuple[str | None, ...], Contract | None] = {}

    @cached_property
    def changes(self) -> frozenset[int]:
        """The positions on the line at which a contract came."""
        return frozenset(position for path in CONTRACT_PATHS for position in self._line.positions(path))

    def at(self, position: int) -> Contract | None:
        """The contract in the commit at a position; None where this clone does not have its files."""
        touches = (self._line.touch_before(path, position + 1) for path in CONTRACT_PATHS)
        blobs = tuple(touch[1] if touch else None for touch in touches)
        if blobs not in self._loaded:
            self._loaded[blobs] = self._load(blobs)
        return self._loaded[blobs]

    def _load(self, blobs: tuple[str | None, ...]) -> Contract | None:
        try:
            config, workflow, pack = map(self._read, CONTRACT_PATHS, blobs)
        except KeyError:
            return None
        return self.today if (config, workflow, pack) == self.today.raw else _loaded(config, workflow, pack)

    def _read(self, path: str, blob: str | None) -> bytes | None:
        if blob is None:
            return None
        # Of a commit that is only imagined, git does not know the files.
        found = self._source.find(path)
        if found is None or found.blob != blob:
            return self._source.read_blob(blob)
        return self._source.read(found) if found.is_regular else None


@lru_cache(_FEW)
def _loaded(config: bytes | None, workflow: bytes | None, pack: bytes | None) -> Contract:
    return Contract.load(config, workflow, pack)[0]
