"""A repository with everything people do to one, made by plain git commands and chance."""

import os
import random
import subprocess
from collections.abc import Iterator

import yaml

from gitrepo import Repo

PACKS = ("alpha", "beta", "gamma")
NAMES = ("one", "two", "three", "four.deep")


class World:
    """Makes one commit after the other on the first-parent line of main; most are what a person would do."""

    def __init__(self, repo: Repo, seed: int) -> None:
        self.repo = repo
        self.chance = random.Random(seed)
        self.count = 0
        self.date = 1_700_000_000

    def commits(self, count: int) -> Iterator[str]:
        """Make so many commits on the first-parent line, and yield each when HEAD is there."""
        for pack in PACKS:
            self.repo.write(f"packs/{pack}/pack.yaml", f"label: {pack.title()}\nversion: 1.0.0\n")
        yield self._commit("Begin")
        for _ in range(count - 1):
            step = self.chance.choices(
                (self._edit, self._merge, self._revert, self._unrelated, self._settings), (12, 4, 2, 1, 1)
            )[0]
            step()
            yield self.repo.head()

    def _edit(self) -> None:
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            self.chance.choices(
                (self._write, self._delete, self._rename, self._break, self._pack, self._extension), (10, 3, 2, 2, 1, 1)
            )[0]()
        self._commit(f"Change number {self.count}")

    def _merge(self) -> None:
        name = f"topic-{self.count}"
        self.repo.git("switch", "-q", "-c", name)
        for _ in range(self.chance.choice((1, 2, 3))):
            self._edit()
        self.repo.git("switch", "-q", "main")
        if self.chance.random() < 0.5:
            self._unrelated()
        self.count += 1
        self._git_at_a_date("merge", "-q", "--no-ff", "-m", f"Merge pull request {self.count}", name)

    def _revert(self) -> None:
        parents = self.repo.git("rev-list", "--parents", "-1", "HEAD").split()
        of_merge = ("-m", "1") if len(parents) > 2 else ()
        if len(parents) > 1 and self.repo.git("diff", "--name-only", "HEAD~1", "HEAD"):
            self._git_at_a_date("revert", "--no-edit", *of_merge, "HEAD")
        else:
            self._unrelated()

    def _unrelated(self) -> None:
        self.repo.write("README.md", f"Text number {self.count}\n")
        self._commit(f"Not about workflows {self.count}")

    def _settings(self) -> None:
        level = self.chance.choice(("off", "advice", "warning", "error"))
        self.repo.write("registry/config.yaml", f"rules:\n  timeout-missing: {level}\n")
        self._commit(f"Rules {self.count}")

    def _write(self) -> None:
        path = self.chance.choice(self._existing() or [self._free()])
        if self.chance.random() < 0.4:
            path = self._free()
        self.repo.write(path, self._text())

    def _delete(self) -> None:
        existing = self._existing()
        if existing:
            (self.repo.root / self.chance.choice(existing)).unlink()

    def _rename(self) -> None:
        existing = self._existing()
        if existing:
            old, new = self.chance.choice(existing), self._free()
            raw = (self.repo.root / old).read_bytes()
            (self.repo.root / old).unlink()
            self.repo.write(new, raw)

    def _break(self) -> None:
        existing = self._existing()
        if existing:
            self.repo.write(self.chance.choice(existing), self.chance.choice(("label: [\n", "label: x\n", "", "- 1\n")))

    def _pack(self) -> None:
        pack = self.chance.choice(PACKS)
        file = self.repo.root / f"packs/{pack}/pack.yaml"
        if file.exists() and self.chance.random() < 0.3:
            file.unlink()
        else:
            self.repo.write(f"packs/{pack}/pack.yaml", f"label: {pack} {self.count}\nversion: 1.0.{self.count}\n")

    def _extension(self) -> None:
        """The same workflow in the other of its two possible files, or in both."""
        path = self.chance.choice([*self._existing(), self._free()])
        other = path.removesuffix("yaml") + "yml" if path.endswith(".yaml") else path.removesuffix("yml") + "yaml"
        if self.chance.random() < 0.5:
            (self.repo.root / path).unlink(missing_ok=True)
        self.repo.write(other, self._text())

    def _text(self) -> str:
        chance = self.chance
        tasks = [
            {"name": name, "action": f"core.{chance.choice(('noop', 'echo'))}", "timeout": chance.randint(1, 9)}
            for name in chance.sample(("a", "b", "c", "d"), chance.randint(1, 4))
        ]
        data = {
            "label": f"Label {self.count}",
            "version": f"1.{self.count}.0",
            "tags": chance.sample(("red", "green", "blue"), chance.randint(0, 3)),
            "enabled": chance.random() < 0.8,
            "definition": {"tasks": tasks},
        }
        return f"# Written at {self.count}\n" + yaml.safe_dump(data, sort_keys=chance.random() < 0.5)

    def _existing(self) -> list[str]:
        found = self.repo.root.glob("packs/*/workflows/*.y*ml")
        return sorted(path.relative_to(self.repo.root).as_posix() for path in found)

    def _free(self) -> str:
        return f"packs/{self.chance.choice(PACKS)}/workflows/{self.chance.choice(NAMES)}.yaml"

    def _commit(self, message: str) -> str:
        self.count += 1
        self.repo.git("add", "-A")
        self._git_at_a_date("commit", "-q", "--allow-empty", "-m", message)
        return self.repo.head()

    def _git_at_a_date(self, *arguments: str) -> None:
        # Clocks go backwards, too.
        self.date += self.chance.choice((0, 1, 60, 3600, -30))
        dates = {"GIT_COMMITTER_DATE": f"{self.date} +0100", "GIT_AUTHOR_DATE": "1600000000 +0000"}
        subprocess.run(("git", *arguments), cwd=self.repo.root, check=True, capture_output=True, env=os.environ | dates)
