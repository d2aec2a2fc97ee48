"""Whom a commit's message names."""

import pytest

from attune_registry.git.ancestry import Signed
from attune_registry.proposals.authors import authors_of


def _marks(message: str) -> frozenset[str]:
    return authors_of([Signed("0" * 40, 0, ("Me", "me@example.com"), None, message)]).marks - {"me", "me@example.com"}


@pytest.mark.parametrize(
    ("message", "marks"),
    [
        ("Co-authored-by: Ann  B <ann@example.com>  ", {"ann b", "ann@example.com"}),
        ("  co-AUTHORED-by :Ann", {"ann"}),
        ("Co-authored-by:\n  Ann <ann@example.com>", {"ann", "ann@example.com"}),
        ("Co-authored-by: <ann@example.com>\r\n", {"ann@example.com"}),
        ("Co-authored-by: a <b> <c@d>", {"a <b", "c@d"}),
        ("Co-authored-by: a <c@d> and more", {"a <c@d> and more"}),
        ("Registry-Principal: Ann \n", {"ann"}),
        ("Co-authored-by: 'Ann Jr.' <ann@example.com.>", {"ann jr", "ann@example.com"}),
        ("He was Co-authored-by: Ann", set()),
    ],
)
def test_a_message_names_whoever_wrote_with_the_author(message: str, marks: set[str]) -> None:
    assert _marks(message) == marks


@pytest.mark.timeout(20)
@pytest.mark.parametrize("gap", [" " * 500_000, "\n" * 500_000])
def test_a_message_of_very_many_blanks_takes_no_longer_than_another(gap: str) -> None:
    assert "x" in " ".join(_marks(f"Co-authored-by: x{gap}y"))
