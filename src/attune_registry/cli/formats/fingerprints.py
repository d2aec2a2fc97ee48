"""Names for problems that stay the same when lines above them come and go."""

import hashlib
from collections import Counter
from collections.abc import Iterator

from ..report import Located, Report


def fingerprinted(report: Report) -> Iterator[tuple[str, Located]]:
    """Each problem with its fingerprint: of its file, rule, place in the data and message, not of its line."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for problem in report.problems:
        what = (problem.path, problem.rule, problem.pointer, problem.message)
        text = "\0".join((*what, str(seen[what])))
        seen[what] += 1
        yield hashlib.sha256(text.encode()).hexdigest(), problem
