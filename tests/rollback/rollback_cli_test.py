"""`attune-registry rollback`, in the local repository, without a server."""

import json
from typing import Any

from click.testing import CliRunner, Result

from attune_registry.cli.main import main
from gitrepo import Repo

PATH = "packs/demo/workflows/first.yaml"


def attune(repo: Repo, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--repo", str(repo.root)])


def test_a_workflow_goes_back(repo: Repo) -> None:
    was = repo.head()
    repo.workflow("demo.first", label="Changed")
    changed = repo.commit("Change")
    dry = attune(repo, "rollback", "demo.first", "--to", was, "--dry-run")
    assert (dry.exit_code, dry.stdout) == (0, repo.git("diff", "HEAD", was))
    assert repo.head() == changed
    done = attune(repo, "rollback", "demo.first", "--to", was, "-m", "Back again")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0] == "updated  demo.first"
    assert repo.git("log", "-1", "--format=%an <%ae> %cn: %s").strip() == (
        "Tess Tester <tess@example.com> attune-registry: Back again"
    )
    assert repo.git("diff", "--name-only", was, "HEAD") == ""
    assert repo.status() == ""
    assert "Nothing to do" in attune(repo, "rollback", "demo.first", "--to", was).stderr


def test_a_pack_and_everything_go_back_and_say_so_in_json(repo: Repo) -> None:
    was = repo.head()
    repo.git("rm", "-q", PATH)
    repo.workflow("other.one")
    repo.commit("Change")
    done = attune(repo, "rollback", "--pack", "demo", "--to", was, "--json")
    assert read(done)["workflows"] == [{"ref": "demo.first", "change": "restored"}]
    done = attune(repo, "rollback", "--all", "--to", was, "--json")
    assert read(done) == {
        "workflows": [{"ref": "other.one", "change": "deleted"}],
        "packs": [{"ref": "other", "change": "deleted"}],
        "commit": repo.head(),
    }


def test_what_breaks_todays_checks_is_told_and_can_be_forced(repo: Repo) -> None:
    repo.write(PATH, "label: 7\n")
    broken = repo.commit("Break")
    repo.workflow("demo.first")
    repo.commit("Mend")
    refused = attune(repo, "rollback", "demo.first", "--to", broken)
    assert refused.exit_code == 2
    assert f"{PATH}:1:" in refused.stderr
    assert attune(repo, "rollback", "demo.first", "--to", broken, "--force").exit_code == 0
    assert (repo.root / PATH).read_text() == "label: 7\n"


def test_a_protected_branch_is_protected_here_too(repo: Repo) -> None:
    was = repo.head()
    repo.workflow("demo.first", label="Changed")
    repo.write("registry/config.yaml", "protect: true\n")
    head = repo.commit("Protect")
    refused = attune(repo, "rollback", "demo.first", "--to", was, "--force")
    assert refused.exit_code == 1
    assert "--proposal" in refused.stderr
    assert attune(repo, "rollback", "demo.first", "--to", was, "--proposal", "back").exit_code == 0
    assert repo.head() == head
    assert repo.git("diff", "--name-only", was, "proposals/back", "--", "packs") == ""


def test_exactly_one_thing_is_rolled_back(repo: Repo) -> None:
    for arguments in ((), ("demo.first", "--all"), ("--pack", "demo", "--all")):
        assert attune(repo, "rollback", *arguments, "--to", "HEAD").exit_code == 2


def read(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["data"]
