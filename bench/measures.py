"""Numbers: measured in turn with their references, and what the two come to."""

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, Literal, NamedTuple

Unit = Literal["s", "ms", "us", "req/s", "writes/s", "MB"]


class Bar(NamedTuple):
    """What a ratio must reach, or stay below."""

    sign: Literal[">=", "<="]
    value: float

    def is_met_by(self, ratio: float) -> bool:
        """True on the right side of the bar."""
        return ratio >= self.value if self.sign == ">=" else ratio <= self.value


def at_least(value: float) -> Bar:
    """A bar to be reached."""
    return Bar(">=", value)


def at_most(value: float) -> Bar:
    """A bar to stay below."""
    return Bar("<=", value)


class Row(NamedTuple):
    """One line of the table. The n-th sample of one side was taken right beside the n-th of the other.

    The ratio is measured/reference; with `is_speed`, for times of which the measured one should be the smaller,
    reference/measured. Without a bar the row only informs.
    """

    name: str
    size: int
    what: str
    reference: str
    unit: Unit
    measured: tuple[float, ...]
    referred: tuple[float, ...]
    bar: Bar | None = None
    is_speed: bool = False
    note: str = ""

    @property
    def ratio(self) -> float:
        """The median of the ratios of neighbours, so that what slows both down for a while does not show."""
        pairs = zip(self.measured, self.referred, strict=True)
        ratios = [(other / own if self.is_speed else own / other) for own, other in pairs if own and other]
        return median(ratios) if ratios else math.nan

    @property
    def is_ok(self) -> bool | None:
        """Whether the bar is met; None where there is none."""
        return None if self.bar is None else self.bar.is_met_by(self.ratio)

    def as_json(self) -> dict[str, Any]:
        """Everything, samples too."""
        return {
            **self._asdict(),
            "bar": f"{self.bar.sign} {self.bar.value:g}" if self.bar else None,
            "ratio": None if math.isnan(self.ratio) else self.ratio,
            "ok": self.is_ok,
        }


class Samples(NamedTuple):
    """What two sides measured, in the order in which they were asked."""

    measured: tuple[float, ...]
    referred: tuple[float, ...]


def in_turn(rounds: int, measured: Callable[[], float], reference: Callable[[], float]) -> Samples:
    """Both sides, one after the other, the one that goes first changing every round (A B, B A, ...)."""
    found: tuple[list[float], list[float]] = ([], [])
    sides = (measured, reference)
    for number in range(rounds):
        for side in (0, 1) if number % 2 else (1, 0):
            found[side].append(sides[side]())
    return Samples(tuple(found[0]), tuple(found[1]))


def percentile(samples: Sequence[float], share: float) -> float:
    """The sample that this share of all lie at or below."""
    ordered = sorted(samples)
    return ordered[min(math.ceil(len(ordered) * share), len(ordered)) - 1] if ordered else math.nan


def middle(samples: Sequence[float]) -> float:
    """The median, not a number for none."""
    return median(samples) if samples else math.nan


def most(samples: Sequence[float]) -> float:
    """The largest, not a number for none."""
    return max(samples, default=math.nan)
