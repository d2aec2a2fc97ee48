"""Is every value that meets one schema valid under another? Yes, or why not, or "cannot tell"."""

from itertools import chain

from attune_registry.compat.arrays import check_arrays, is_no_array
from attune_registry.compat.bounds import check_bounds, high, low
from attune_registry.compat.cases import TOO_MUCH, Case, Gap, spread
from attune_registry.compat.combined import check_combined
from attune_registry.compat.nodes import Node
from attune_registry.compat.objects import check_objects, is_no_object
from attune_registry.compat.strings import check_strings
from attune_registry.compat.types import Atoms, check_type, types_of, written
from attune_registry.compat.values import key, listed

Question = tuple[frozenset[str], str]
NEVER = -1_000_000
MOST_STEPS = 6000
MOST_DEPTH = 40
MOST_NUMBERS = 64
NUMBERS = frozenset(("integer", "fraction"))


class Proof:
    """One comparison: its steps are counted, and a question that comes up within itself is known again.

    Values are finite, so a question about a part of a value may rest on the same question about the whole
    (that is how recursive schemas are compared); the same question about the same value may not.
    """

    def __init__(self) -> None:
        self.steps = 0
        self.asked: dict[Question, int] = {}
        self.proved: dict[Question, int] = {}
        self.order: list[Question] = []
        self.rests: list[int] = [NEVER]
        self.refuted: dict[tuple[Question, str, str], tuple[Gap, ...]] = {}
        self.possible: set[frozenset[str]] = set()

    def gaps(self, case: Case, right: Node) -> tuple[Gap, ...]:
        """Why not every value of the case is known to be valid under `right`; empty when all are."""
        if right.schema is True or right.identity in case.met:
            return ()
        self.steps += 1
        question = (case.identity, right.identity)
        if question in self.proved and self._rests_on(self.proved[question], case.depth):
            return ()
        place = (question, case.at, right.pointer)
        if place in self.refuted:
            return self.refuted[place]
        asked = self.asked.get(question)
        if asked is not None and self._rests_on(asked, case.depth):
            return ()
        if asked is not None or self._is_enough(case):
            return (Gap(TOO_MUCH, "as it was", "too intricate to compare", case.at, right.pointer, False),)
        found = self._answer(case, right, question)
        if found and all(gap.what != TOO_MUCH for gap in found):
            self.refuted[place] = found
        return found

    def _answer(self, case: Case, right: Node, question: Question) -> tuple[Gap, ...]:
        """Ask in earnest. What was proved meanwhile may rest on a yes to this, so a no takes it back."""
        self.asked[question] = case.depth
        before = len(self.order)
        self.rests.append(NEVER)
        found = tuple(dict.fromkeys(chain.from_iterable(self._case(each, right) for each in spread(case))))
        del self.asked[question]
        rest = self.rests.pop()
        self.rests[-1] = max(self.rests[-1], rest)
        if found:
            while len(self.order) > before:
                self.proved.pop(self.order.pop(), None)
        else:
            self.proved[question] = case.depth + rest
            self.order.append(question)
        return found

    def _rests_on(self, asked: int, depth: int) -> bool:
        """May an answer at this depth rest on a question asked at that one? If so, note by how much deeper it is.

        A proof that is used again at another depth keeps its distance from what it rests on, so it holds
        wherever that stays above it.
        """
        if asked >= depth:
            return False
        self.rests[-1] = max(self.rests[-1], asked - depth)
        return True

    def _is_enough(self, case: Case) -> bool:
        return self.steps > MOST_STEPS or case.depth > MOST_DEPTH

    def _case(self, case: Case, right: Node) -> list[Gap]:
        if right.schema is True or right.identity in case.met:
            return []
        found = self._finite(case, right)
        if found is None:
            found = self._keywords(case, right)
        return [] if found and self._is_empty(case) else found

    def _finite(self, case: Case, right: Node) -> list[Gap] | None:
        """Values that can be counted are tried one by one; None when they cannot be, or not all."""
        values = finite_values(case)
        if values is None:
            return None
        answers = [(value, right.accepts(value)) for value in values]
        if any(answer is None for _, answer in answers):
            return None
        bad = [value for value, answer in answers if answer is False]
        if not bad:
            return []
        what = f"value{'s' if len(bad) > 1 else ''} {listed(bad)}"
        return [Gap(what, "allowed", "not allowed", case.at, right.pointer)]

    def _keywords(self, case: Case, right: Node) -> list[Gap]:
        if right.schema is False:
            return [Gap("any value", "allowed", "not allowed", case.at, right.pointer)]
        kinds = types_of(case)
        found = check_type(case, right, kinds)
        if found:
            return found
        found += _check_values(case, right, kinds)
        if kinds & NUMBERS:
            found += check_bounds(case, right, "fraction" not in kinds)
        if "string" in kinds:
            found += check_strings(case, right)
        if "array" in kinds:
            found += check_arrays(case, right, self)
        if "object" in kinds:
            found += check_objects(case, right, self)
        return [*found, *check_combined(case, right, self)]

    def is_impossible(self, case: Case) -> bool:
        """True only when there is no value of the case."""
        self.steps += 1
        identity = case.identity
        question = (identity, "impossible")
        if question in self.asked or identity in self.possible or self._is_enough(case):
            return False
        self.asked[question] = case.depth
        found = all(self._is_empty(each) for each in spread(case))
        del self.asked[question]
        if not found:
            self.possible.add(identity)
        return found

    def _is_empty(self, case: Case) -> bool:
        """As `is_impossible`, of a case without alternatives."""
        kinds = types_of(case)
        if not kinds or finite_values(case) == []:
            return True
        identity = case.identity
        question = (identity, "empty")
        if question in self.asked or identity in self.possible:
            return False
        self.asked[question] = case.depth
        found = self._has_no_values(case, kinds)
        del self.asked[question]
        if not found:
            self.possible.add(identity)
        return found

    def _has_no_values(self, case: Case, kinds: Atoms) -> bool:
        if kinds == {"object"} and is_no_object(case, self):
            return True
        if kinds == {"array"} and is_no_array(case, self):
            return True
        return any(not self.gaps(case, each) for each in case.nots)


def finite_values(case: Case) -> list[object] | None:
    """Every value of the case, where they can be counted; values that it does not allow may be among them."""
    found = _listed_values(case)
    if found is None:
        found = _counted_values(case, types_of(case))
    if found is None:
        return None
    return [value for value in found if _is_allowed(case, value)]


def _is_allowed(case: Case, value: object) -> bool:
    return all(node.accepts(value) is not False for node in case.flat) and not any(
        node.accepts(value) is True for node in case.nots
    )


def _listed_values(case: Case) -> list[object] | None:
    for node in case.flat:
        if "const" in node.words:
            return [node.words["const"]]
    for node in case.flat:
        if "enum" in node.words:
            return list({key(value): value for value in node.words["enum"]}.values())
    return None


def _counted_values(case: Case, kinds: Atoms) -> list[object] | None:
    if not kinds <= {"null", "boolean", "integer"}:
        return None
    found: list[object] = [None] if "null" in kinds else []
    found += [False, True] if "boolean" in kinds else []
    if "integer" not in kinds:
        return found
    least, most = low(case, whole=True), high(case, whole=True)
    if least is None or most is None or most.value - least.value > MOST_NUMBERS:
        return None
    return found + list(range(int(least.value), int(most.value) + 1))


def _check_values(case: Case, right: Node, kinds: Atoms) -> list[Gap]:
    words = right.words
    word = "const" if "const" in words else "enum"
    if word not in words:
        return []
    wanted = [words["const"]] if word == "const" else words["enum"]
    shown = " or ".join(written(kinds))
    return [Gap(word, f"any {shown}", f"only {listed(wanted)}", case.at, f"{right.pointer}/{word}")]
