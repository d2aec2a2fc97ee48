"""A progress bar for work that takes more than a moment, on a terminal only."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..workbench import Progress as Report

_MOMENT_SECONDS = 1.0


@contextmanager
def progress_bar(what: str) -> Iterator[Report | None]:
    """A function to be told how many of how many are done; None where nobody would see a bar.

    The bar is drawn when told, not by a thread of its own: the server forks after its first index.
    """
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True)
    task = bar.add_task(what, total=None)
    begun = time.monotonic()

    def report(done: int, total: int) -> None:
        if time.monotonic() - begun > _MOMENT_SECONDS and not bar.live.is_started:
            bar.start()
        bar.update(task, completed=done, total=total)
        if bar.live.is_started:
            bar.refresh()

    try:
        yield report
    finally:
        bar.stop()
