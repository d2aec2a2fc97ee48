"""The proofs of `proofs/` in a few seconds each; the long versions are `make crash-test` and its like."""

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_SHORT = {
    "crash": ("--rounds", "6"),
    "power": ("--rounds", "3"),
    "concurrency": ("--writes", "200"),
    "fuzz": ("--bodies", "300", "--files", "300"),
    "feed": ("--writes", "200", "--pulled", "24"),
    "people": ("--seconds", "10"),
}


@pytest.mark.parametrize("name", _SHORT)
def test_a_proof_finds_no_loss(name: str) -> None:
    command = (sys.executable, "-m", f"proofs.{name}", *_SHORT[name])
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if "Nothing was proved." in done.stdout:
        pytest.skip(done.stdout)
    assert f"{name}-test: 0 losses" in done.stdout
