import json

import pytest
from commands import attune, attune_with_no_room, git, write


@pytest.fixture
def folder(tmp_path):
    attune(tmp_path, "init", ".")
    return tmp_path


def test_a_new_workflow_passes_every_check_and_so_does_its_pack(folder):
    done = attune(folder, "new", "workflow", "my_pack.incident_response.v2")
    assert done.stdout.decode().splitlines() == [
        "packs/my_pack/pack.yaml",
        "packs/my_pack/workflows/incident_response.v2.yaml",
    ]
    said = json.loads(attune(folder, "validate", "--format", "json").stdout)
    assert said["problems"] == []
    assert "label: Incident response v2" in (folder / "packs/my_pack/workflows/incident_response.v2.yaml").read_text()


@pytest.mark.parametrize("ref", ["true.null", "123.456", "on.off", "a.b"])
def test_names_that_yaml_takes_for_something_else_stay_names(folder, ref):
    assert attune(folder, "new", "workflow", ref).returncode == 0
    done = attune(folder, "validate", "--format", "json")
    assert [problem for problem in json.loads(done.stdout)["problems"] if problem["severity"] == "error"] == []


def test_what_a_workflow_may_be_called_is_said_with_its_dots(folder):
    for ref in ("demo.a b", "demo..b", "demo."):
        done = attune(folder, "new", "workflow", ref)
        assert (done.returncode, "the name may have dots between them" in done.stderr.decode()) == (2, True)
    assert "dots" not in attune(folder, "new", "pack", "a.b").stderr.decode()


def test_what_is_there_is_never_overwritten(folder):
    attune(folder, "new", "workflow", "demo.hello")
    write(folder, "packs/demo/workflows/other.yml", "mine\n")
    for arguments in (("workflow", "demo.hello"), ("workflow", "demo.other"), ("pack", "demo")):
        done = attune(folder, "new", *arguments)
        assert (done.returncode, done.stdout) == (1, b"")
        assert b"already, in packs/demo" in done.stderr
    assert not (folder / "packs/demo/workflows/other.yaml").exists()


@pytest.mark.parametrize(("ref", "size"), [("demo.two", 0), ("other.one", 0), ("other.one", 500), ("demo.two", 500)])
def test_where_there_is_no_room_nothing_is_left_behind(folder, ref, size):
    attune(folder, "new", "workflow", "demo.one")
    before = sorted((folder / "packs").rglob("*"))
    done = attune_with_no_room(folder, "new", "workflow", ref, size=size)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"packs/{ref.partition('.')[0]}/" in done.stderr.decode()
    assert sorted((folder / "packs").rglob("*")) == before
    assert attune(folder, "new", "workflow", ref).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "there"),
    [
        (("workflow", "Demo.two"), "packs/demo"),
        (("pack", "DEMO"), "packs/demo"),
        (("workflow", "demo.Hello"), "packs/demo/workflows/hello.yaml"),
        (("workflow", "demo.Ship"), "packs/demo/actions/ship.yaml"),
    ],
)
def test_what_differs_from_something_by_capitals_alone_is_not_written(folder, arguments, there):
    attune(folder, "new", "workflow", "demo.hello")
    write(folder, "packs/demo/actions/ship.yaml", "workflow_file: workflows/ship.workflow.yaml\n")
    write(folder, "packs/demo/actions/plain.yaml", "runner_type: python\n")
    before = git(folder, "status", "--porcelain", "--untracked-files=all")
    done = attune(folder, "new", *arguments)
    assert (done.returncode, done.stdout) == (1, b"")
    assert f"differs by capitals alone from {there};" in done.stderr.decode()
    assert git(folder, "status", "--porcelain", "--untracked-files=all") == before
    assert attune(folder, "new", "workflow", "demo.Plain").returncode == 0


def test_a_pack_is_written_from_anywhere_in_the_repository(folder):
    (folder / "packs/deep").mkdir(parents=True)
    done = attune(folder / "packs/deep", "new", "pack", "demo")
    assert (done.returncode, done.stdout) == (0, b"packs/demo/pack.yaml\n")
    assert (folder / "packs/demo/pack.yaml").exists()


@pytest.mark.parametrize("arguments", [("workflow", "demo"), ("workflow", "../x.y"), ("pack", "a.b"), ("pack", "..")])
def test_a_ref_that_cannot_be_is_refused(folder, arguments):
    done = attune(folder, "new", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: ")
    assert git(folder, "status", "--porcelain") == ""
