"""What git is just writing is read before HEAD moves, and shown only then."""

from pathlib import Path

import pytest

from attune_registry import maker, workshop
from attune_registry.layout import Place
from attune_registry.readahead import jobs_ahead
from attune_registry.registry import Registry
from attune_registry.workbench import Job
from attune_registry.workshop import Workshop
from gitrepo import Repo


def test_jobs_are_made_of_files_and_not_of_links(repo: Repo, tmp_path: Path) -> None:
    path = repo.workflow("demo.one")
    (tmp_path / "secret.yaml").write_text("label: outside\n")
    (repo.root / "packs/demo/workflows/link.yaml").symlink_to(tmp_path / "secret.yaml")
    paths = [path, "packs/demo/workflows/link.yaml", "packs/demo/workflows/none.yaml", "README.md", "packs/../x.yaml"]
    assert [job.place.ref for job in jobs_ahead(Registry.open(repo.root).repository, paths)] == ["demo.one"]


def test_what_was_read_ahead_is_not_made_again_and_not_shown_before(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry.open(repo.root)
    path = repo.workflow("demo.one")
    registry.read_ahead([path])
    assert registry.refresh().find(Place("workflow", "demo.one")) is None

    made: list[Job] = []
    genuine = maker.make_here
    monkeypatch.setattr(workshop, "make_here", lambda *given: made.append(given[1]) or genuine(*given))
    repo.commit()
    assert registry.refresh().find(Place("workflow", "demo.one")) is not None
    assert made == []


def test_what_an_old_snapshot_reads_ahead_goes_by_the_rules_of_now(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who watches for others makes no snapshots of its own."""
    watching = Registry.open(repo.root)
    repo.write("registry/config.yaml", "rules:\n  timeout-missing: off\n")
    repo.commit("Other rules")
    registry = Registry.open(repo.root)
    assert registry.snapshot.contract.digest != watching.snapshot.contract.digest
    path = repo.workflow("demo.one")
    watching.read_ahead([path])
    monkeypatch.setattr(workshop, "make_here", lambda *_: pytest.fail("it was made again"))
    repo.commit()
    assert registry.refresh().find(Place("workflow", "demo.one")) is not None


def test_two_workers_at_the_same_files_make_each_once(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = Registry.open(repo.root), Registry.open(repo.root)
    paths = [repo.workflow(f"demo.w{number}") for number in range(60)]
    made: list[str] = []
    genuine = maker.make_here

    def make(*given: object) -> object:
        job = given[1]
        assert isinstance(job, Job)
        made.append(job.place.ref)
        if len(made) == 20:
            other_jobs = jobs_ahead(other.repository, paths)
            list(Workshop(other.repository, other.cache, other.snapshot.contract).records(other_jobs))
        return genuine(*given)

    monkeypatch.setattr(workshop, "make_here", make)
    one.read_ahead(paths)
    # The second makes what the first has not kept yet, and the first then only ends the portion it was at.
    assert sorted(set(made)) == sorted(f"demo.w{number}" for number in range(60))
    assert len(made) <= 60 + 16
