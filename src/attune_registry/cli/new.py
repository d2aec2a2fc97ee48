"""`attune-registry new`: a starting point for a workflow or a pack, good enough to be committed as it is."""

from pathlib import Path

import click

from .. import errors
from ..git.repository import Repository
from ..layout import Place, candidates, is_pack_ref, is_workflow_ref, pack_of, place
from .adding import Additions, adding
from .options import repo_option
from .rivals import rivals

_PACK = """\
# Pack '{ref}': what lies beside this file, in workflows/, are its workflows.
label: {label}
description: What the workflows of this pack are for.
version: 0.1.0
tags: []

# Packs that workflows of this one may use. Leave it out, and any may be used.
# dependencies: [core]
"""

_WORKFLOW = """\
# Workflow '{ref}'. 'attune-registry validate {ref}' checks it.
label: {label}
description: What it does, in a sentence or two.
version: 0.1.0
tags: []

# What it takes, as JSON Schema. Templates read a parameter as {{{{ workflow.param.NAME }}}}.
param_schema:
  type: object
  properties:
    message:
      type: string
      description: What to say
      default: Hello
  required: [message]

# What it gives back, as JSON Schema; leave it out where that is nothing.
# out_schema:
#   type: object
#   properties:
#     id: {{type: string}}

definition:
  # Without on_success, tasks run in the order listed. With it, those that no other task names are the starts.
  tasks:
    - name: say
      action: core.echo             # pack.action
      input:
        message: "{{{{ workflow.param.message }}}}"
      timeout: 60                   # seconds
      retry: {{count: 2, delay: 10}}  # seconds between tries
      on_success: note
      on_failure: complain

    - name: note
      action: core.echo
      input:
        message: "It said {{{{ say.output }}}}"
      timeout: 60

    - name: complain
      action: core.echo
      input:
        message: "It failed: {{{{ error.message }}}}"
      timeout: 60
"""


@click.group()
def new() -> None:
    """Write a starting point for a workflow or a pack, with comments that explain it."""


@new.command()
@click.argument("ref")
@repo_option
def workflow(ref: str, repo: Path) -> None:
    """Write a workflow; REF is <pack>.<name>, and its pack is made as well where it is missing."""
    if not is_workflow_ref(ref):
        what = "that is <pack>.<name>, of letters, digits, '_' and '-'; the name may have dots between them"
        raise errors.Invalid(f"'{ref}' is no workflow's ref: {what}.")
    root = _root(repo)
    pack = pack_of(ref)
    with adding(root) as additions:
        if _existing(root, place(pack)) is None:
            _write(additions, place(pack), _PACK.format(ref=pack, label=_label(pack)))
        _write(additions, place(ref), _WORKFLOW.format(ref=ref, label=_label(ref.partition(".")[2])))
    click.echo("\n".join(additions.paths))


@new.command()
@click.argument("ref")
@repo_option
def pack(ref: str, repo: Path) -> None:
    """Write a pack; REF is its name."""
    if not is_pack_ref(ref):
        raise errors.Invalid(f"'{ref}' is no pack's ref: that is made of letters, digits, '_' and '-'.")
    with adding(_root(repo)) as additions:
        _write(additions, place(ref), _PACK.format(ref=ref, label=_label(ref)))
    click.echo("\n".join(additions.paths))


def _root(directory: Path) -> Path:
    root = Repository.open(directory).root
    if root is None:
        raise errors.Conflict(f"'{directory}' is a bare repository; write files in a clone of it, and push.")
    return root


def _existing(root: Path, at: Place) -> str | None:
    return next((path for path in candidates(at) if (root / path).exists()), None)


def _write(additions: Additions, at: Place, text: str) -> None:
    existing = _existing(additions.root, at)
    if existing:
        raise errors.Conflict(f"There is a {at.kind} '{at.ref}' already, in {existing}; nothing was changed.")
    alike = rivals(additions.root, at)
    if alike:
        raise errors.Conflict(f"'{at.ref}' differs by capitals alone from {alike[0]}; nothing was changed.")
    additions.write(candidates(at)[0], text.encode())


def _label(name: str) -> str:
    """`incident_response` as people write it: `Incident response`."""
    words = name.replace("_", " ").replace("-", " ").replace(".", " ").split()
    label = " ".join(words)
    label = label[:1].upper() + label[1:]
    # A single word may be another type in YAML ('True'), and so may what begins with a digit.
    return label if len(words) > 1 and label[0].isalpha() else f'"{label or name}"'
