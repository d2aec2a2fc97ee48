"""Options that several commands share."""

from pathlib import Path

import click

repo_option = click.option(
    "--repo",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The registry's repository; the current directory if not given.",
)
