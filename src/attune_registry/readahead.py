"""Files that git has just written, while it goes on: their records are made before anybody can ask for them."""

from collections.abc import Collection
from itertools import groupby

from .edits import open_folder, read_working_file
from .git.ids import blob_id
from .git.repository import Repository
from .layout import place_of
from .workbench import Job


def jobs_ahead(repository: Repository, paths: Collection[str]) -> list[Job]:
    """What is to be made of the working files at these paths; links, and workflows in two files, are left out."""
    jobs = []
    for folder, inside in groupby(sorted(paths), key=lambda path: path.rpartition("/")[0]):
        with open_folder(repository.directory, folder) as descriptor:
            for path in inside:
                place = place_of(path)
                found = read_working_file(descriptor, path.rpartition("/")[2]) if place else None
                if place and found:
                    jobs.append(Job(place, blob_id(found[0]), found[0]))
    return jobs
