"""`attune-registry compat`: what the changes mean for those who call the workflows, and whether the versions say so."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from .. import errors
from ..cache import Cache
from ..checks.contract import Contract
from ..compat.reasons import VERDICTS
from ..contents import Contents
from ..git.head import read_head
from ..git.mainline import mainline_tip
from ..git.repository import Repository
from ..git.revisions import merge_base, resolve
from ..git.trees import diff_commits
from ..layout import CONFIG_PATH, PACK_SCHEMA_PATH, WORKFLOW_SCHEMA_PATH
from ..logs import configure_logs
from ..source import Source
from ..verdicts import Revisions, Verdict, judgement_json, verdicts
from ..writing.rewriting import rewritten
from ..writing.shapes import SHAPES
from .brush import Brush, brush
from .checkup import working_edits
from .failures import CLEAN, PROBLEMS
from .formats.text import visible
from .options import repo_option
from .rewriting import rewrite

_COLOURS = {"breaking": "red", "feature": "cyan", "fix": "green"}
_CHANGES = {"created": "new", "updated": "changed", "deleted": "deleted"}


class Comparison(NamedTuple):
    """The workflows that differ between a commit (None: none yet) and the working tree."""

    base: str | None
    found: list[Verdict]

    @property
    def too_low(self) -> list[Verdict]:
        """Those whose version says less than their change means."""
        return [verdict for verdict in self.found if not verdict.judgement.is_enough]


@click.command()
@click.argument("base", required=False)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--fix", is_flag=True, help="Write the version that is needed into the files whose version is too low.")
@repo_option
def compat(base: str | None, as_json: bool, fix: bool, repo: Path) -> None:
    """Say what the changes since BASE mean for those who call the workflows, and hold the versions against it.

    The working tree is compared with BASE: a commit, a branch or a tag; if not given, where HEAD has left the branch
    that is served. Exit code: 0 every version says enough, 1 some version says too little, 2 could not run.
    """
    configure_logs("error")
    repository = Repository.open(repo)
    commit = _base(repository, base)
    comparison = _compare(repository, commit)
    if fix:
        mended = list(_mend(repository, comparison.too_low))
        comparison = _compare(repository, commit)
        if not as_json:
            click.echo("".join(f"{line}\n" for line in mended), nl=False)
    click.echo(_as_json(comparison) if as_json else "\n".join(_as_text(comparison, brush())))
    raise click.exceptions.Exit(PROBLEMS if comparison.too_low else CLEAN)


def _base(repository: Repository, text: str | None) -> str | None:
    """The commit to compare with; None before the first one. Raises Invalid or NotFound."""
    if text is not None:
        return resolve(repository, text)
    head = read_head(repository)
    if head.commit is None:
        return None
    served = _contract(repository).settings.branch
    tip = mainline_tip(repository, served)
    if tip is None and head.branch is not None and served in (None, head.branch):
        return head.commit
    if tip is None:
        named = f"'{served}', the branch served" if served else "the branch served"
        raise errors.NotFound(
            f"This clone does not have {named}: fetch it, or say which revision to compare with.", code="NO_MERGE_BASE"
        )
    found = merge_base(repository, tip, head.commit)
    if found is None:
        raise errors.NotFound(
            f"HEAD and the branch served ({tip[:10]}) have no commit in common in this clone; if it is shallow, "
            "'git fetch --unshallow' brings the rest. Or say which revision to compare with.",
            code="NO_MERGE_BASE",
        )
    return found


def _source(repository: Repository) -> Source:
    return Source(repository, read_head(repository).commit, working_edits(repository))


def _contract(repository: Repository) -> Contract:
    paths = (CONFIG_PATH, WORKFLOW_SCHEMA_PATH, PACK_SCHEMA_PATH)
    return Contract.load(*map(_source(repository).read_path, paths))[0]


def _compare(repository: Repository, base: str | None) -> Comparison:
    commit, edits = read_head(repository).commit, working_edits(repository)
    contents = Contents(repository, Cache.of(repository), _contract(repository))
    paths = {change.path for change in diff_commits(repository, base, commit)} | edits.keys()
    compared = Revisions(repository, base, Source(repository, commit, edits))
    return Comparison(base, verdicts(compared, contents, paths))


def _mend(repository: Repository, too_low: list[Verdict]) -> Iterator[str]:
    """Write the versions that are needed; says of each file what was done."""
    if repository.root is None:
        raise errors.Conflict("This is a bare repository; raise the versions in a clone of it, and push.")
    contract = _contract(repository)
    for verdict in too_low:
        if not verdict.paths or verdict.problem:
            yield f"{verdict.ref}: left as it is, it cannot be read"
            continue
        before = {path: (repository.root / path).read_bytes() for path in verdict.paths}
        body = {"version": verdict.version_needed}
        try:
            after, _ = rewritten(SHAPES["workflow"], verdict.ref, before, body, contract)
        except (errors.PatchRefused, errors.Conflict) as error:
            yield f"{verdict.ref}: left as it is. {visible(error.message)}"
            continue
        for path, text in after.items():
            if text != before[path]:
                rewrite(repository.root / path, text)
        yield f"{verdict.ref}: version {_said(verdict.new_version)} -> {verdict.version_needed}"


def _as_json(comparison: Comparison) -> str:
    rows = [{"ref": verdict.ref, **judgement_json(verdict.judgement)} for verdict in comparison.found]
    return json.dumps({"workflows": rows}, indent=2, ensure_ascii=False)


def _as_text(comparison: Comparison, paint: Brush) -> Iterator[str]:
    for verdict in comparison.found:
        yield from _lines(verdict, paint)
    if comparison.found:
        yield ""
    yield _summary(comparison, paint)


def _lines(verdict: Verdict, paint: Brush) -> Iterator[str]:
    judgement = verdict.judgement
    named = paint(judgement.verdict, _COLOURS[judgement.verdict], bold=True)
    yield f"{paint(verdict.ref, bold=True)} ({_CHANGES[verdict.change]}): {named}{_versions(verdict, paint)}"
    for reason in judgement.reasons:
        where = f"{visible(reason.pointer)}: " if reason.pointer else ""
        yield f"  {paint(f'{reason.verdict:8}', _COLOURS[reason.verdict])}  {where}{visible(reason.message)}"


def _versions(verdict: Verdict, paint: Brush) -> str:
    if verdict.change != "updated":
        return ""
    old, new = _said(verdict.old_version), _said(verdict.new_version)
    moved = f"version {old} -> {new}" if old != new else f"version {old} as before"
    if verdict.judgement.is_enough:
        return f", {moved}"
    wanted = f"it needs {verdict.version_needed}"
    if verdict.judgement.bump_needed != "none":
        wanted += f", a {verdict.judgement.bump_needed} bump"
    return f", {moved}; {paint(wanted, 'red', bold=True)}"


def _said(version: Any) -> str:
    return "none" if version is None else visible(str(version))


def _summary(comparison: Comparison, paint: Brush) -> str:
    since = f"since {comparison.base[:10]}" if comparison.base else "so far"
    if not comparison.found:
        return paint(f"No workflow has changed {since}.", "green", bold=True)
    counted = Counter(verdict.judgement.verdict for verdict in comparison.found)
    kinds = ", ".join(f"{counted[verdict]} {verdict}" for verdict in VERDICTS if counted[verdict])
    number = len(comparison.found)
    said = f"{number} {'workflow' if number == 1 else 'workflows'} changed {since}: {kinds}."
    low = len(comparison.too_low)
    if not low:
        return paint(said, "green", bold=True)
    versions = "1 version is" if low == 1 else f"{low} versions are"
    return paint(f"{said} {versions} too low; 'attune-registry compat --fix' raises what it can.", "red", bold=True)
