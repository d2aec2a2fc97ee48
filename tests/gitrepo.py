"""A git repository of a test, and files to put into it."""

import os
import subprocess
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

    def commit(self, message: str = "Change something", *, date: int | None = None) -> str:
        env_date = {} if date is None else {"GIT_COMMITTER_DATE": f"{date} +0000", "GIT_AUTHOR_DATE": f"{date} +0000"}
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


def begun(root: Path) -> Repo:
    """A repository with one pack and two workflows, committed."""
    root.mkdir()
    made = Repo(root)
    made.git("init", "-q", "-b", "main")
    made.workflow("demo.first")
    made.workflow("demo.second")
    made.commit("Begin", date=1_700_000_000)
    return made
