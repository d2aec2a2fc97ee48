"""Where records are made: from the cache when they are known, and on all cores when many are not."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from random import shuffle

from .cache import Cache, record_key
from .checks.engine import Contract
from .git.repository import Repository
from .records import Record, pack_record, unpack_record
from .workbench import Job, Progress, make_here, make_packed

# Below this many files, starting processes costs more than they save.
_WORTH_PROCESSES = 600
_PORTION = 16


class Workshop:
    """Makes records of files under one contract."""

    def __init__(self, repository: Repository, cache: Cache, contract: Contract) -> None:
        self.contract = contract
        self._repository = repository
        self._cache = cache

    def under(self, contract: Contract) -> "Workshop":
        """The same for another contract."""
        return self if contract is self.contract else Workshop(self._repository, self._cache, contract)

    def record(self, job: Job) -> Record:
        """The record of one file."""
        return next(self.records([job]))

    def made(self, job: Job) -> Record:
        """The record of a file that was just written, which is hardly known from before."""
        key = record_key(job.place, job.blob, self.contract.digest)
        return self._cache.recent(key) or self._made_here({key: job})[key]

    def records(self, jobs: Sequence[Job], progress: Progress | None = None) -> Generator[Record]:
        """The records of many files, in order and as they come; `progress` is told how many of how many are done."""
        keys = [record_key(job.place, job.blob, self.contract.digest) for job in jobs]
        known = self._cache.get_many(keys)
        missing = {key: job for key, job in zip(keys, jobs, strict=True) if key not in known}
        made = self._made(missing, progress)
        for key in keys:
            while key not in known:
                known |= next(made)
            yield known[key]

    def _made(self, missing: Mapping[str, Job], progress: Progress | None) -> Iterator[dict[str, Record]]:
        """The records of these, in portions."""
        if len(missing) <= _PORTION:
            yield self._made_here(missing)
        elif len(missing) < _WORTH_PROCESSES:
            # Other workers may be at the same files, in an order of their own: what they have made is made no more.
            order = list(missing)
            shuffle(order)
            for at in range(0, len(order), _PORTION):
                known = self._cache.get_many(order[at : at + _PORTION])
                left = {key: missing[key] for key in order[at : at + _PORTION] if key not in known}
                yield known | self._made_here(left)
        else:
            keys = iter(missing)
            for portion in make_packed(self._repository, self.contract, list(missing.values()), progress):
                # The portion first: zip takes one too many of what it asks before it finds the other at its end.
                packed = {key: text for text, key in zip(portion, keys, strict=False)}
                fresh = {key: unpack_record(text) for key, text in packed.items()}
                self._keep(fresh, packed)
                yield fresh

    def _made_here(self, missing: Mapping[str, Job]) -> dict[str, Record]:
        made = {key: make_here(self._repository, job, self.contract) for key, job in missing.items()}
        self._keep(made, {key: pack_record(record) for key, record in made.items()})
        return made

    def _keep(self, made: Mapping[str, Record], packed: Mapping[str, bytes]) -> None:
        self._cache.put_many({key: record for key, record in made.items() if not record.is_passing}, packed)
