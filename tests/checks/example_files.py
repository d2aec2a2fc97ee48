"""Example files: `# expect: rule line:column` says what a broken one must yield, `# kind: pack` what it is."""

import re
from pathlib import Path
from typing import NamedTuple

from attune_registry.checks.engine import CheckedFile, Contract, check_pack, check_workflow
from attune_registry.yamldoc.document import parse

EXAMPLES = Path(__file__).parent.parent / "examples"
PLAIN = Contract.load(None, None, None)[0]
_EXPECT = re.compile(r"^# expect: ([a-z-]+) (\d+):(\d+)$", re.MULTILINE)


class Expected(NamedTuple):
    rule: str
    line: int
    column: int


def examples(kind: str) -> list[Path]:
    """The files of a kind, "valid" or "invalid"."""
    return sorted((EXAMPLES / kind).rglob("*.yaml"))


def expected(path: Path) -> list[Expected]:
    found = _EXPECT.findall(path.read_text(encoding="utf-8"))
    return sorted(Expected(rule, int(line), int(column)) for rule, line, column in found)


def check_text(text: str | bytes, ref: str = "examples.good", contract: Contract = PLAIN) -> CheckedFile:
    raw = text.encode() if isinstance(text, str) else text
    check = check_workflow if "." in ref else check_pack
    return check(parse(raw), ref, contract)


def check_file(path: Path, contract: Contract = PLAIN) -> CheckedFile:
    raw = path.read_bytes()
    is_pack = b"# kind: pack" in raw
    return check_text(raw, "examples" if is_pack else f"examples.{path.stem}", contract)
