"""Where records are made: from the cache when they are known, and on all cores when many are not."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from multiprocessing import get_context
from typing import NamedTuple

from .cache import Cache, record_key
from .checks.engine import Contract
from .edits import READ_LIMIT
from .git.repository import Repository
from .git.trees import read_blob
from .layout import Place
from .problems import Problem
from .records import Record, make_record

# Below this many files, starting processes costs more than they save.
_WORTH_PROCESSES = 400
_PORTION = 50
Progress = Callable[[int, int], None]


class Job(NamedTuple):
    """A file to make a record of; `raw` is None when its bytes are to be had from git by the blob's id."""

    place: Place
    blob: str
    raw: bytes | None = None


class Workshop:
    """Makes records of files under one contract."""

    def __init__(self, repository: Repository, cache: Cache, contract: Contract) -> None:
        self.contract = contract
        self._repository = repository
        self._cache = cache

    def record(self, job: Job) -> Record:
        """The record of one file."""
        return self.records([job])[0]

    def records(self, jobs: Sequence[Job], progress: Progress | None = None) -> list[Record]:
        """The records of many files, in order; `progress` is told how many of how many are done."""
        keys = [record_key(job.place, job.blob, self.contract.digest) for job in jobs]
        known = self._cache.get_many(keys)
        missing = {key: job for key, job in zip(keys, jobs, strict=True) if key not in known}
        if missing:
            made = self._make(list(missing.values()), progress)
            fresh = dict(zip(missing, made, strict=True))
            self._cache.put_many(fresh)
            known |= fresh
        return [known[key] for key in keys]

    def _make(self, jobs: list[Job], progress: Progress | None) -> list[Record]:
        if len(jobs) < _WORTH_PROCESSES or (os.cpu_count() or 1) < 2:
            return [_make_one(self._repository, job, self.contract) for job in jobs]
        portions = [jobs[at : at + _PORTION] for at in range(0, len(jobs), _PORTION)]
        made: list[Record] = []
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("forkserver")) as pool:
            work = partial(_make_portion, self._repository, self.contract.raw)
            for portion in pool.map(work, portions):
                made.extend(portion)
                if progress:
                    progress(len(made), len(jobs))
        return made


@lru_cache(maxsize=4)
def _contract_of(raw: tuple[bytes | None, ...]) -> Contract:
    return Contract.load(*raw)[0]


def _make_portion(repository: Repository, raw: tuple[bytes | None, ...], jobs: list[Job]) -> list[Record]:
    contract = _contract_of(raw)
    return [_make_one(repository, job, contract) for job in jobs]


def _make_one(repository: Repository, job: Job, contract: Contract) -> Record:
    try:
        raw = job.raw if job.raw is not None else read_blob(repository, job.blob, READ_LIMIT)
    except KeyError:
        return _unreadable("file-missing", f"The content of blob {job.blob} is not in this clone.")
    return make_record(raw, job.place, contract)


def _unreadable(rule: str, message: str) -> Record:
    return Record((Problem(rule, "error", message, "", 1, 1),), is_valid=False)
