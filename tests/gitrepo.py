"""A git repository of a test, and files to put into it."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

WORKFLOW = """\
# {label}: made by a test.
label: {label}
version: 1.0.0
tags: [test]
definition:
  tasks:
    - name: only
      action: core.noop
      on_failure: give_up  # keep this
      timeout: 30
    - name: give_up
      action: core.fail
      timeout: 30
"""
PACK = "label: {ref}\nversion: 1.0.0\n"
# With this many workflows beside those of a test, every test is one in a large registry (`make large-test`).
AMONG = int(os.environ.get("ATTUNE_TEST_AMONG", "0"))
_OTHER = """\
label: Other {number}
version: 1.0.0
tags: [other]
definition:
  tasks:
    - name: only
      action: core.noop
      input:
        text: "{{{{ workflow.ref }}}} {number}"
"""
_OTHERS_IN_A_PACK = 50
_VALIDATE = (str(Path(sys.executable).with_name("attune-registry")), "validate")


class Repo:
    """A git repository of a test, with the commands a person would type."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str, check: bool = True, stdin: str | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, capture_output=True, text=True, check=False, input=stdin
        )
        if check and done.returncode:
            raise AssertionError(f"git {' '.join(arguments)}: {done.stderr}{done.stdout}")
        return done.stdout

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_symlink():
            # Writing would follow it, to wherever it leads.
            file.unlink()
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def workflow(self, ref: str, text: str | None = None, **fields: str) -> str:
        """Write a workflow's file; returns its path."""
        pack, _, name = ref.partition(".")
        if not (self.root / f"packs/{pack}/pack.yaml").exists():
            self.write(f"packs/{pack}/pack.yaml", PACK.format(ref=pack))
        path = f"packs/{pack}/workflows/{name}.yaml"
        self.write(path, text or WORKFLOW.format(label=fields.get("label", name)))
        return path

    def write_many(self, packs: int, each: int, label: str) -> None:
        """So many packs `p000` with so many workflows `w00` each; `label` is formatted with `pack` and `number`."""
        for pack in range(packs):
            self.write(f"packs/p{pack:03}/pack.yaml", PACK.format(ref=f"p{pack:03}"))
            for number in range(each):
                text = WORKFLOW.format(label=label.format(pack=pack, number=number))
                self.write(f"packs/p{pack:03}/workflows/w{number:02}.yaml", text)

    def commit(self, message: str = "Change something", *, date: int | None = None) -> str:
        env_date = {} if date is None else {"GIT_COMMITTER_DATE": f"@{date} +0000", "GIT_AUTHOR_DATE": f"@{date} +0000"}
        self.git("add", "-A")
        subprocess.run(
            ["git", "commit", "-q", "--allow-empty", "-m", message],
            cwd=self.root,
            check=True,
            env={**os.environ, **env_date},
        )
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD").strip()

    def status(self) -> str:
        return self.git("status", "--porcelain")


def begun(root: Path, *, is_alone: bool = False) -> Repo:
    """A repository with one pack and two workflows, committed, and maybe others whose refs come after them."""
    if not AMONG or is_alone:
        return _begun(root, 0)
    shutil.copytree(_large(), root, symlinks=True)
    copied = Repo(root)
    copied.git("update-index", "-q", "--refresh")  # the copies have other inodes
    return copied


def _begun(root: Path, others: int) -> Repo:
    root.mkdir()
    made = Repo(root)
    made.git("init", "-q", "-b", "main")
    made.workflow("demo.first")
    made.workflow("demo.second")
    for number in range(others):
        made.workflow(f"zz{number // _OTHERS_IN_A_PACK:03}.other{number}", _OTHER.format(number=number))
    made.commit("Begin", date=1_700_000_000)
    return made


@cache
def _large() -> Path:
    """One to be copied, of which all is known already."""
    folder = Path(tempfile.mkdtemp(prefix="attune-large-"))
    atexit.register(shutil.rmtree, folder)
    made = _begun(folder / "registry", AMONG)
    subprocess.run([*_VALIDATE, "--repo", made.root], check=True, capture_output=True)
    return made.root
