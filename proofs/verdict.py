"""What a proof has found: losses, counted and told; none is the proof."""

import sys
from collections import Counter

_MOST_TOLD = 40


class Verdict:
    """Losses and tallies of one run."""

    def __init__(self, name: str) -> None:
        self.losses: list[str] = []
        self.tally: Counter[str] = Counter()
        self._name = name

    def lost(self, what: str) -> None:
        """Something is not as it was promised."""
        self.losses.append(what)
        if len(self.losses) <= _MOST_TOLD:
            print(f"\nLOST: {what}", file=sys.stderr, flush=True)

    def expect(self, is_so: object, what: str) -> None:
        """A loss unless it is so."""
        if not is_so:
            self.lost(what)

    def progress(self, text: str) -> None:
        """One line, written over on a terminal."""
        end = "\r" if sys.stdout.isatty() else "\n"
        print(f"{self._name}: {text}, {len(self.losses)} losses", end=end, flush=True)

    def close(self) -> int:
        """Prints the summary; the exit code."""
        counts = ", ".join(f"{count:,} {what}" for what, count in sorted(self.tally.items()))
        print(f"\n{self._name}: {counts}\n{self._name}: {len(self.losses)} losses")
        return 1 if self.losses else 0
