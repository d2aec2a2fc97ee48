"""`attune-registry`: the commands, each imported only when it is used."""

import importlib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import click

from .failures import failing_politely


class Command(NamedTuple):
    """Where a command is, and its line in the list of commands."""

    module: str
    name: str
    help: str


# The help stands here too, so that `--help` need not import what it lists.
COMMANDS: Mapping[str, Command] = {
    "init": Command("init", "init", "Make a new registry in DIR."),
    "serve": Command("serve", "serve", "Serve the registry over HTTP."),
    "validate": Command("validate", "validate", "Check files: the whole registry, some of it, or standard input."),
    "fmt": Command("fmt", "fmt", "Put workflow files into their normal form."),
    "new": Command("new", "new", "Write a starting point for a workflow or a pack."),
    "import": Command("importing", "import_", "Bring in packs of other platforms."),
    "history": Command("history", "history", "Show what commits did to a workflow, a pack, or everything."),
    "show": Command("show", "show", "Show a workflow or a pack, as it is or as it was."),
    "diff": Command("diff", "diff", "Show what changed between two revisions."),
    "compat": Command("compat", "compat", "Say what changes mean for callers, and whether the versions say so."),
    "changes": Command("changes", "changes", "Show what happened since a commit, and go on with what happens."),
    "rollback": Command("rollback", "rollback", "Bring back a workflow, a pack or everything as it was."),
    "proposals": Command("proposals", "proposals", "List, show, review, merge and close proposals."),
    "token": Command("token", "token", "Hand out, list and take back tokens."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run, and whose errors are sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        command = COMMANDS.get(cmd_name)
        if command is None:
            return None
        module = importlib.import_module(f".{command.module}", __package__)
        found: click.Command = getattr(module, command.name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what goes wrong is said in a sentence."""
        with failing_politely():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name; for an unknown one, the nearest that there is."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(_unknown(args[0], COMMANDS))
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="attune-registry", message="%(prog)s %(version)s")
def main() -> None:
    """A registry of workflow definitions whose only store is a git repository.

    Start with 'attune-registry init DIR', then 'attune-registry serve --repo DIR'. 'COMMAND --help' tells more.
    """


def _unknown(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}."
    return f"There is no command '{name}'; {hint}"
