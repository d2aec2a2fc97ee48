"""The files of a new registry, as text."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files

from .layout import ACCESS_PATH, CONFIG_PATH, PACK_SCHEMA_PATH, PACKS, WORKFLOW_SCHEMA_PATH

_CONFIG = """\
# Settings of this registry. Read anew whenever this file changes; take the '#' away from what you want to set.

# PUT and DELETE must say with If-Match which version of a file they mean; 428 without it.
# require_if_match: true

# Nobody writes to the served branch directly: 403, propose instead.
# protect: true

# How many approvals a proposal needs; authors never approve their own.
# required_approvals: 1

# An update whose version does not rise as far as its change asks for is refused with 409.
# require_version_bump: true

# Checks, switched off or graded anew: off, advice, warning or error. A comment in a file does it for a line:
#   timeout: 0   # registry: ignore[timeout-bounds]
rules: {}
#  timeout-missing: off
#  parameter-undeclared: error
"""

_ACCESS = """\
# Who may do what with a JWT: an access token of the Attune platform (ATTUNE_REGISTRY_JWT_SECRET) or of an
# identity provider (ATTUNE_REGISTRY_JWKS). The tokens of 'attune-registry token create' carry their role and
# packs themselves. There are no secrets in this file.
#
# role:   reader  reads everything
#         editor  also writes in its packs
#         admin   also does what concerns the registry as a whole
#         none    is kept out, also where the default would let it in
# email:  the author's address in commits; a made-up one if absent
# packs:  globs of the packs it may write, for example [slack, 'data_*']; every pack if absent, none if empty

# What a valid login that is not listed below may do: reader or none.
default: none

principals: {}
#  jane:
#    role: editor
#    email: jane@example.com
#    packs: [slack, 'data_*']
"""

_README = """\
# Workflows

This repository is a registry of workflows: what is on its branch is what is served.

    packs/<pack>/pack.yaml                a pack
    packs/<pack>/workflows/<name>.yaml    a workflow; its ref is <pack>.<name>
    registry/config.yaml                  settings
    registry/access.yaml                  who may do what
    registry/schemas/                     what each file must look like; editors use it

    attune-registry new pack slack                  # write a starting point
    attune-registry new workflow slack.incident
    attune-registry validate                        # check every file
    attune-registry serve                           # on http://127.0.0.1:8080
    attune-registry token create NAME --role editor

Change a workflow in a pull request, or over HTTP, where each write is a commit. Editors complete and explain the
fields: VS Code with its YAML extension needs no more than this folder, others any yaml-language-server.
"""

_GITIGNORE = """\
*~
.*.sw?
.DS_Store
gl-code-quality-report.json
"""

_PRE_COMMIT = """\
# pip install pre-commit && pre-commit install
repos:
  - repo: local
    hooks:
      - id: attune-registry-validate
        name: attune-registry validate
        entry: attune-registry validate
        language: python
        additional_dependencies: ["attune-registry>=@VERSION@"]
        files: ^(packs|registry)/.*\\.(ya?ml|json)$
        require_serial: true
"""

_GITHUB = """\
name: registry

on:
  pull_request:
  push:

permissions:
  contents: read

jobs:
  check:
    if: github.event_name == 'pull_request' || github.ref_name == github.event.repository.default_branch
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0   # the commit that a pull request is compared with must be there
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install "attune-registry>=@VERSION@"
      - name: Check what the pull request changes
        if: github.event_name == 'pull_request'
        run: attune-registry validate --changed "origin/$GITHUB_BASE_REF" --format github
      - name: Say what it means for callers
        if: github.event_name == 'pull_request' && !cancelled()
        run: attune-registry compat "origin/$GITHUB_BASE_REF"
      - name: Check everything
        if: github.event_name == 'push'
        run: attune-registry validate --format github
"""

_GITLAB = """\
.registry:
  image: python:3.12
  variables:
    GIT_DEPTH: "0"   # the commit that a merge request is compared with must be there
  before_script:
    - pip install --quiet "attune-registry>=@VERSION@"

changed:
  extends: .registry
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - base="$CI_MERGE_REQUEST_DIFF_BASE_SHA"
    - attune-registry validate --changed "$base" --format gitlab > gl-code-quality-report.json || true
    - attune-registry validate --changed "$base"
    - attune-registry compat "$base"
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json

everything:
  extends: .registry
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - attune-registry validate
"""

# Editors know one schema for a place, where a file may have one of several layouts: theirs ask which it has.
_SCHEMAS_FOR = {
    "registry/schemas/workflow-file.schema.json": [f"{PACKS}/*/workflows/*.yaml", f"{PACKS}/*/workflows/*.yml"],
    "registry/schemas/action-file.schema.json": [f"{PACKS}/*/actions/*.yaml", f"{PACKS}/*/actions/*.yml"],
    "registry/schemas/tasks-file.schema.json": [
        f"{PACKS}/*/actions/workflows/*.workflow.yaml",
        f"{PACKS}/*/actions/workflows/*.workflow.yml",
    ],
    PACK_SCHEMA_PATH: [f"{PACKS}/*/pack.yaml", f"{PACKS}/*/pack.yml"],
}


def starter_files() -> Mapping[str, bytes]:
    """What a new registry consists of: contents by path from its root, with slashes."""
    texts = {
        "README.md": _README,
        ".gitignore": _GITIGNORE,
        ".pre-commit-config.yaml": _PRE_COMMIT,
        ".github/workflows/registry.yml": _GITHUB,
        ".gitlab-ci.yml": _GITLAB,
        ".vscode/settings.json": _json({"yaml.schemas": {f"./{path}": to for path, to in _SCHEMAS_FOR.items()}}),
        ".vscode/extensions.json": _json({"recommendations": ["redhat.vscode-yaml"]}),
        CONFIG_PATH: _CONFIG,
        ACCESS_PATH: _ACCESS,
        f"{PACKS}/.gitkeep": "",
    }
    current = version("attune-registry")
    made = {path: text.replace("@VERSION@", current).encode() for path, text in texts.items()}
    return made | {path: packaged_schema(path) for path in (WORKFLOW_SCHEMA_PATH, *_SCHEMAS_FOR)}


def packaged_schema(path: str) -> bytes:
    """The packaged copy of the schema whose place in a registry is `path`."""
    name = path.rpartition("/")[2]
    return (files(__package__) / "schemas" / name).read_bytes()


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"
