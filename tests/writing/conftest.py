"""What tests of several workers share."""

import threading
from collections.abc import Callable

import pytest

from attune_registry.git import unlanded
from attune_registry.writing.transaction import Transaction


@pytest.fixture
def before_landing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Has something done when all of a landing of this thread is told, and the branch has not moved."""
    genuine, here = Transaction.land, threading.current_thread()

    def do(what: Callable[[], object]) -> None:
        def land_later(transaction: Transaction, meanwhile: Callable[[], None]) -> None:
            def tell_and_more() -> None:
                meanwhile()
                if threading.current_thread() is here:
                    with monkeypatch.context() as elsewhere:
                        # As in another process, which knows nothing of what this one has in its memory.
                        elsewhere.setattr(unlanded, "_commits", {})
                        elsewhere.setattr(unlanded, "_blobs", {})
                        what()

            genuine(transaction, tell_and_more)

        monkeypatch.setattr(Transaction, "land", land_later)

    return do
