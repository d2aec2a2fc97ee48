"""A snapshot made by steps is the one made from scratch, whatever people do to the repository in between."""

import random
from collections.abc import Callable

import pytest

from attune_registry.git.repository import Repository
from attune_registry.registry import Registry
from attune_registry.snapshot import Snapshot
from attune_registry.snapshot_cache import FILE_NAME, SnapshotCache
from gitrepo import Repo

CALLER = """\
label: {label}
version: 1.0.0
definition:
  tasks:
    - name: call
      action: {action}
      input: {{ {name}: {value} }}
      timeout: 5
"""
PARAMETERS = "param_schema:\n  properties: {size: {type: integer}}\n  required: [size]\n"
PACKS = ("one", "two", "One")
NAMES = ("alpha", "alphas", "beta", "Beta", "gamma.delta")


class People:
    """Random things that people do, some of them by mistake."""

    def __init__(self, repo: Repo, seed: int) -> None:
        self.repo = repo
        self.dice = random.Random(seed)
        self.deeds: tuple[Callable[[], object], ...] = (
            *(self.write, self.write, self.write, self.commit, self.commit, self.break_one, self.remove),
            *(self.second_file, self.change_pack, self.settings, self.reset, self.branch, self.stash, self.link),
            *(self.stray, self.merge),
        )

    def act(self) -> str:
        deed = self.dice.choice(self.deeds)
        deed()
        return deed.__name__

    def ref(self) -> str:
        return f"{self.dice.choice(PACKS)}.{self.dice.choice(NAMES)}"

    def path(self, ref: str, ending: str = "yaml") -> str:
        pack, _, name = ref.partition(".")
        return f"packs/{pack}/workflows/{name}.{ending}"

    def text(self) -> str:
        text = CALLER.format(
            label=self.dice.choice(["A", "B", "C"]),
            action=self.dice.choice([self.ref(), "one.alpha", "core.noop"]),
            name=self.dice.choice(["size", "sise"]),
            value=self.dice.choice(["1", "big", '"{{ x }}"']),
        )
        return text + self.dice.choice(["", "enabled: false\n", PARAMETERS])

    def write(self) -> None:
        ref = self.ref()
        self.repo.workflow(ref, text=self.text())

    def second_file(self) -> None:
        self.repo.write(self.path(self.ref(), "yml"), self.text())

    def break_one(self) -> None:
        self.repo.write(self.path(self.ref()), self.dice.choice(["label: [", "label: 5\n", "", "\0", "a: &a [*a]\n"]))

    def remove(self) -> None:
        files = sorted(self.repo.root.glob("packs/*/**/*.y*ml"))
        if files:
            self.dice.choice(files).unlink()

    def change_pack(self) -> None:
        dependencies = self.dice.choice(["", "dependencies: [two]\n", "dependencies: [core]\n", "label: again\n"])
        self.repo.write(f"packs/{self.dice.choice(PACKS)}/pack.yaml", f"label: P\nversion: 1.0.0\n{dependencies}")

    def settings(self) -> None:
        rules = self.dice.choice(
            ["rules: {variable-undeclared: error}\n", "rules: {nonsense: x}\n", "", "[", "protect: false\n"]
        )
        self.repo.write("registry/config.yaml", rules)

    def link(self) -> None:
        file = self.repo.root / self.path(self.ref())
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        # Never a link to a file of the system's: what is written through it later, perhaps as root, would be its end.
        file.symlink_to(self.repo.root.parent / "outside.yaml")

    def stray(self) -> None:
        self.repo.write("packs/one/workflows/not a name.yaml", "label: x\n")

    def commit(self) -> None:
        self.repo.commit(date=1_700_000_000 + self.dice.randrange(3))

    def reset(self) -> None:
        self.repo.git("reset", "-q", "--hard", self.dice.choice(["HEAD", "HEAD~1", "HEAD~2"]), check=False)

    def branch(self) -> None:
        name = self.dice.choice(["main", "a", "b"])
        if self.repo.git("checkout", "-q", name, check=False) is None:
            return
        if self.repo.git("branch", "--show-current").strip() != name:
            self.repo.git("checkout", "-q", "-b", name, check=False)

    def stash(self) -> None:
        self.repo.git("stash", "-q", self.dice.choice(["push", "pop"]), check=False)
        self.repo.git("checkout", "-q", "-f", "HEAD", check=False)

    def merge(self) -> None:
        self.repo.git("merge", "-q", "--no-edit", "-X", "ours", self.dice.choice(["main", "a", "b"]), check=False)
        self.repo.git("merge", "--abort", check=False)


def facts(snapshot: Snapshot) -> dict[str, object]:
    return {
        "revision": snapshot.revision,
        "head": snapshot.head,
        "workflows": list(snapshot.workflows),
        "packs": list(snapshot.packs),
        "others": dict(snapshot.others),
        "links": dict(snapshot.links),
        "contested": snapshot.contested,
        "edits": dict(snapshot.edits),
        "problems": snapshot.problems,
    }


@pytest.mark.parametrize("seed", range(6))
def test_a_snapshot_by_steps_equals_one_from_scratch(repo: Repo, seed: int) -> None:
    people = People(repo, seed)
    registry = Registry.open(repo.root)
    deeds: list[str] = []
    kept = repo.root / ".git" / "attune-registry" / FILE_NAME
    last: bytes | None = None
    for _ in range(40):
        deeds += [people.act() for _ in range(people.dice.randrange(1, 4))]
        # The watcher tells of saved files; here every file that there is or was is looked at.
        paths = {str(file.relative_to(repo.root)) for file in repo.root.glob("packs/**/*") if not file.is_dir()}
        by_steps = registry.note(paths | set(registry.snapshot.edits) | {"registry/config.yaml"} | known(registry))
        resumed = Registry(Repository.open(repo.root)).snapshot
        kept.unlink(missing_ok=True)
        from_scratch = Registry(Repository.open(repo.root)).snapshot
        assert facts(by_steps) == facts(from_scratch), deeds
        assert facts(resumed) == facts(from_scratch), deeds
        # What the next turn begins from is of this commit, or of an earlier one, perhaps of another branch.
        if people.dice.random() < 0.6 or last is None:
            clean = registry.indexer.index(from_scratch.head, {})
            last = kept.read_bytes() if SnapshotCache(registry.repository).keep(clean) else None
        elif last:
            kept.write_bytes(last)


def known(registry: Registry) -> set[str]:
    snapshot = registry.snapshot
    return {entry.path for shelf in (snapshot.workflows, snapshot.packs) for entry in shelf} | set(snapshot.others)
