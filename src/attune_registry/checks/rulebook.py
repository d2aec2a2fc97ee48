"""The table of rules -> docs/rules.md."""

from attune_registry.checks.rules import GROUPS, RULES, Rule

_HEAD = """\
# Rules

What `attune-registry validate`, the API and the index hold a file against. The text is made from the table in
`src/attune_registry/checks/rules.py`, and a test compares the two.

A problem is an **error** (the file is not served as it stands; a workflow that was fine before goes on being served
at its last valid revision), a **warning** or **advice** (both only tell).

The last valid revision of a file is its newest content that was valid by the settings and schemas of a commit which
had both, on the first-parent line of the branch served, back to where the file was created or deleted. So to tighten a
schema, to raise a rule to error or to take a filter away finds fault with files and takes none out of service: what was
valid until then goes on being served, marked stale, with what it lacks now listed, until it is mended. What comes or
changes in that commit or later is served only where it meets the new contract, and every write over HTTP has to meet
it. Settings and schemas that are edited and not committed find fault with files as well, and make no revision valid.

The rules [between workflows](#between-workflows) are apart in that, for it may be another file that changed: graded
error, they take nothing out of service. A write over HTTP that brings such an error to the workflow that it writes is
refused all the same, and so are merges and rollbacks that bring one to any file; what others had made wrong there
before does not keep a write out.

These rules look at what is served, so of a file with an error they tell nothing until it is mended, or what its last
valid revision calls: after the one error there may be warnings of calls that nobody has seen before.

`registry/config.yaml` switches rules and regrades them, for the whole registry:

```yaml
rules:
  task-snake-case: warning   # error, warning, advice or off
  timeout-missing: off
```

A comment does it in a file: behind a value for its line, on a line of its own for the next line that holds something,
above the first key for the whole file. Where that line begins or ends a text of several lines, it is for all of them.
It names one rule or several. A problem that names several tasks leaves those out whose own line says so.

```yaml
input:
  default_answer: yes   # registry: ignore[yaml-surprise]
  body: |               # registry: ignore[template-filter]
    Hello,
    {{ name | greeting }}
```

Of a file with more than 300 problems the gravest 300 are listed.

Rules marked *fixed* are always errors: without them a file has no meaning in the form that the API serves.

## Summary

"""


def rulebook() -> str:
    """The documentation of every rule, as Markdown."""
    rows = ["| Rule | Severity | What it asks for |", "| --- | --- | --- |"]
    rows += [f"| [{rule.name}](#{rule.name}) | {_grade(rule)} | {rule.summary} |" for rule in RULES.values()]
    parts = [_HEAD + "\n".join(rows)]
    for title, rules in GROUPS:
        parts.append(f"## {title}")
        parts += [_entry(rule) for rule in rules]
    return "\n\n".join(parts) + "\n"


def _grade(rule: Rule) -> str:
    return f"{rule.severity}, fixed" if rule.fixed else rule.severity


def _entry(rule: Rule) -> str:
    return (
        f"### {rule.name}\n\n{rule.summary} *({_grade(rule)})*\n\n"
        f"Not so:\n\n```yaml\n{rule.bad}\n```\n\nBut so:\n\n```yaml\n{rule.good}\n```"
    )
