import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from commands import COMMAND, attune, environment

from attune_registry import errors
from attune_registry.cli.failures import failure_of
from attune_registry.cli.main import COMMANDS, main


def test_help_lists_every_command_without_importing_any(tmp_path):
    program = (
        "import sys; sys.argv = ['attune-registry', '--help']\n"
        "from attune_registry.cli.main import main\n"
        "main(standalone_mode=False)\n"
        "print(sorted(name for name in sys.modules if name.startswith('attune_registry.')))"
    )
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=True, cwd=tmp_path)
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)
    imported = ("cli", "cli.failures", "cli.main", "errors")
    assert done.stdout.splitlines()[-1] == str([f"attune_registry.{name}" for name in imported])


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name):
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    with click.Context(main) as context:
        command = main.get_command(context, name)
    assert command.help
    for option in command.params:
        assert isinstance(option, click.Argument) or option.help, option.name


def test_a_slip_is_answered_with_the_nearest_command(tmp_path):
    done = attune(tmp_path, "valdate")
    assert done.returncode == 2
    assert b"There is no command 'valdate'; did you mean 'validate'?" in done.stderr


def test_an_error_is_a_sentence_with_the_next_step_and_no_traceback(tmp_path):
    done = attune(tmp_path, "serve")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == (
        b"Error: '.' is not in a git repository; make a registry with 'attune-registry init DIR', "
        b"or name one with --repo.\n"
    )


def test_each_error_has_an_exit_code():
    assert failure_of(errors.GitFailed("no")).exit_code == 2
    assert failure_of(errors.Conflict("no")).exit_code == 1
    assert failure_of(errors.PreconditionRequired("no")).exit_code == 2


def test_a_reader_who_has_gone_is_no_error(tmp_path):
    program = f"'{COMMAND}' init . | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ("bash", "-c", program), cwd=tmp_path, env=environment(tmp_path), capture_output=True, check=False
    )
    assert done.stderr == b""
    assert done.returncode in (0, 141)


def test_ctrl_c_ends_without_a_word(monkeypatch):
    def interrupted(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("attune_registry.cli.init.make_registry", interrupted)
    result = CliRunner().invoke(main, ["init", "x"])
    assert (result.exit_code, result.output) == (130, "")


def test_a_bug_is_a_sentence_too_and_is_not_taken_for_problems(monkeypatch):
    def broken(*_arguments):
        raise TypeError("surprise")

    monkeypatch.setattr("attune_registry.cli.init.make_registry", broken)
    result = CliRunner().invoke(main, ["init", "x"])
    assert result.exit_code == 2
    assert "TypeError: surprise" in result.stderr
    assert "ATTUNE_REGISTRY_TRACEBACK=1" in result.stderr
    monkeypatch.setenv("ATTUNE_REGISTRY_TRACEBACK", "1")
    assert isinstance(CliRunner().invoke(main, ["init", "x"]).exception, TypeError)
