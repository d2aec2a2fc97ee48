"""The table of rules: what each is called, how grave it is, and what it looks like."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from attune_registry.problems import Severity

Level = Literal["off", "error", "warning", "advice"]
LEVELS: tuple[Level, ...] = ("off", "error", "warning", "advice")

# Raise this whenever a rule starts or stops to fire on anything: results kept on disk depend on it.
RULES_VERSION = 9


class Rule(NamedTuple):
    """One rule. `fixed` ones cannot be ignored or made milder: the file means nothing without them."""

    name: str
    severity: Severity
    fixed: bool
    summary: str
    bad: str
    good: str


# fmt: off
_FIXED, _FREE = True, False

_YAML = (
    Rule("yaml-syntax", "error", _FIXED, "The file is YAML, in UTF-8.",
         "label: Deploy: fast", 'label: "Deploy: fast"'),
    Rule("yaml-limit", "error", _FIXED, "The file stays below the limits on size, depth and aliases.",
         "a: &a [1]\nb: &b [*a, *a, *a]   # ... and so on, a thousand times", "a: [1]"),
    Rule("yaml-tag", "error", _FIXED, "Values carry no tags but those of plain data.",
         "label: !!python/name:os.system x", "label: x"),
    Rule("yaml-key", "error", _FIXED, "Keys are text.",
         "variables:\n  1: one", 'variables:\n  "1": one'),
    Rule("yaml-number", "error", _FIXED, "Numbers are finite and fit into 64 bits.",
         "timeout: .inf", "timeout: 3600"),
    Rule("yaml-duplicate-key", "error", _FIXED, "A mapping has each key once: of two, one would be lost.",
         "timeout: 60\ntimeout: 90", "timeout: 90"),
    Rule("yaml-surprise", "warning", _FREE,
         "A plain scalar means the same in YAML 1.1 and 1.2; other tools may still read 1.1.",
         "answer: yes\nstart_at: 12:30\nmode: 0777", 'answer: "yes"\nstart_at: "12:30"\nmode: "0777"'),
)

_STRUCTURE = (
    Rule("schema-required", "error", _FIXED, "What the schema requires is there.",
         "- name: notify", "- name: notify\n  action: slack.post_message"),
    Rule("schema-type", "error", _FIXED, "A value has the type that the schema gives it.",
         'timeout: "300"', "timeout: 300"),
    Rule("schema-value", "error", _FIXED, "A value keeps to the bounds that the schema sets.",
         "retry: {count: -1}", "retry: {count: 3}"),
    Rule("unknown-field", "error", _FREE, "A key is a known one, not a slip of the finger.",
         "on_sucess: store", "on_success: store"),
    Rule("version-format", "error", _FIXED, "A version is semantic: MAJOR.MINOR.PATCH.",
         'version: "1.0"', 'version: "1.0.0"'),
    Rule("action-format", "error", _FIXED, "An action is named as pack.action.",
         "action: post_message", "action: slack.post_message"),
    Rule("task-name-duplicate", "error", _FIXED, "A task's name is its own.",
         "- name: notify\n  action: slack.post_message\n- name: notify\n  action: email.send",
         "- name: notify_slack\n  action: slack.post_message\n- name: notify_mail\n  action: email.send"),
    Rule("ref-path-mismatch", "error", _FIXED, "A ref in the file is the ref that its path gives.",
         "ref: slack.incidents      # in packs/slack/workflows/incident.yaml", "ref: slack.incident"),
    Rule("ref-duplicate", "error", _FIXED, "No two files are the same workflow or pack.",
         "# packs/slack/workflows/incident.yaml and packs/slack/workflows/incident.yml",
         "# packs/slack/workflows/incident.yaml alone"),
    Rule("ref-collision", "error", _FIXED,
         "No two refs differ only by case (some file systems hold but one of them) or share an id.",
         "# packs/slack/workflows/Incident.yaml and packs/slack/workflows/incident.yaml",
         "# packs/slack/workflows/incident.yaml and packs/slack/workflows/incident_review.yaml"),
    Rule("file-name", "error", _FIXED,
         "A file's name is a ref: letters, digits, _ and -; a workflow's may have dots between them.",
         "# packs/slack/workflows/incident response.yaml", "# packs/slack/workflows/incident_response.yaml"),
    Rule("file-missing", "error", _FIXED, "The file's content is in this clone.",
         "# git clone --filter=blob:none, and then offline", "# git clone"),
    Rule("not-a-file", "error", _FIXED,
         "A pack, a workflow or a setting is a file that can be read, not a link; what they lie in is a folder.",
         "# packs/slack/workflows/incident.yaml -> /etc/incident.yaml", "# packs/slack/workflows/incident.yaml"),
    Rule("workflow-file", "error", _FIXED, "An action's workflow_file is a file of its pack, below actions/workflows/.",
         "workflow_file: ../../core/release.yaml", "workflow_file: workflows/release.workflow.yaml"),
    Rule("pack-missing", "error", _FIXED, "A pack with workflows has a pack.yaml.",
         "# packs/slack/workflows/incident.yaml alone",
         "# packs/slack/pack.yaml and packs/slack/workflows/incident.yaml"),
    Rule("ref-snake-case", "warning", _FREE, "Packs and workflows are named in snake_case.",
         "# packs/slack/workflows/Incident-Response.yaml", "# packs/slack/workflows/incident_response.yaml"),
    Rule("pack-field-typo", "warning", _FREE, "A key of pack.yaml is not nearly another one.",
         "dependancies: [core]", "dependencies: [core]"),
    Rule("layout-key", "warning", _FREE,
         "A flat file says each thing once, in the words of its layout: of two, one would be lost.",
         "vars: {channel: ops}\nvariables: {retries: 3}", "vars: {channel: ops, retries: 3}"),
    Rule("ignore-comment", "warning", _FREE,
         "An ignore comment names a rule that there is and that may be ignored.",
         "# registry: ignore[unreachable]", "# registry: ignore[unreachable-task]"),
)

_GRAPH = (
    Rule("no-tasks", "warning", _FREE, "A workflow has a task, and so has a task of type parallel.",
         "tasks: []", "tasks:\n  - name: notify\n    action: slack.post_message"),
    Rule("unknown-task", "error", _FREE, "A transition leads to a task that there is.",
         "on_success: strore", "on_success: store"),
    Rule("no-start", "warning", _FREE, "Some task is named by no other, so that the workflow can start.",
         "- {name: a, action: core.noop, on_success: b}\n- {name: b, action: core.noop, on_success: a}",
         "- {name: a, action: core.noop, on_success: b}\n- {name: b, action: core.noop}"),
    Rule("unreachable-task", "warning", _FREE, "Every task can be reached from a start.",
         "- {name: a, action: core.noop, on_success: a}   # and no other task leads to b or c\n"
         "- {name: b, action: core.noop, on_success: c}\n"
         "- {name: c, action: core.noop, on_success: b}",
         "- {name: a, action: core.noop, on_success: b}\n"
         "- {name: b, action: core.noop, on_success: c}\n"
         "- {name: c, action: core.noop}"),
    Rule("endless-loop", "warning", _FREE, "A loop has a way out other than failing.",
         "- {name: start, action: core.http, on_success: poll}\n"
         "- {name: poll, action: core.http, on_success: wait}\n"
         "- {name: wait, action: core.sleep, on_success: poll}",
         "- {name: start, action: core.http, on_success: poll}\n"
         "- {name: poll, action: core.http, on_failure: wait}\n"
         "- {name: wait, action: core.sleep, on_success: poll}"),
    Rule("several-starts", "advice", _FREE, "More than one task starts the workflow: they run in parallel.",
         "- {name: fetch, action: core.http, on_success: store}\n"
         "- {name: store, action: db.insert}\n"
         "- {name: notify, action: slack.post_message}   # starts at once",
         "- {name: fetch, action: core.http, on_success: store}\n"
         "- {name: store, action: db.insert, on_success: notify}\n"
         "- {name: notify, action: slack.post_message}"),
)

_TEMPLATES = (
    Rule("template-syntax", "error", _FREE, "A template parses as Jinja2.",
         'message: "Incident: {{ severity }"', 'message: "Incident: {{ severity }}"'),
    Rule("template-filter", "error", _FREE, "A filter is one that Jinja2, or registry/config.yaml, knows.",
         'message: "{{ severity | uper }}"', 'message: "{{ severity | upper }}"'),
    Rule("template-test", "error", _FREE, "A test is one that Jinja2, or registry/config.yaml, knows.",
         'when: "{{ ticket is define }}"', 'when: "{{ ticket is defined }}"'),
    Rule("task-output-unknown", "error", _FREE, "A template reads the output of a task that there is.",
         'data: "{{ fetch_dat.output.body }}"', 'data: "{{ fetch_data.output.body }}"'),
    Rule("task-output-early", "warning", _FREE,
         "A template reads the output of a task that can have run before.",
         "- {name: load, action: s3.upload, input: {data: '{{ transform.output }}'}}\n"
         "- {name: transform, action: core.transform}",
         "- {name: transform, action: core.transform}\n"
         "- {name: load, action: s3.upload, input: {data: '{{ transform.output }}'}}"),
    Rule("parameter-undeclared", "warning", _FREE,
         "A parameter that a template reads is one of param_schema.",
         'url: "{{ workflow.param.api_ur }}"', 'url: "{{ workflow.param.api_url }}"'),
    Rule("parameter-unused", "advice", _FREE, "A parameter of param_schema is read somewhere.",
         "properties: {channel: {type: string}}   # and no template says channel",
         'channel: "{{ channel }}"'),
    Rule("param-schema-missing", "advice", _FREE, "A workflow that reads parameters has a param_schema.",
         'url: "{{ workflow.param.api_url }}"   # and there is no param_schema',
         "param_schema:\n  type: object\n  properties:\n    api_url: {type: string}"),
    Rule("variable-undeclared", "warning", _FREE,
         "A variable is declared: a key of variables, a parameter, a task, published, or the platform's own.",
         'message: "{{ severty }}"', 'message: "{{ severity }}"'),
)

_SCHEMAS = (
    Rule("schema-invalid", "error", _FIXED, "param_schema and out_schema are valid JSON Schema.",
         "severity: {type: strin}", "severity: {type: string}"),
    Rule("schema-regex", "error", _FIXED, "A regular expression in a schema compiles.",
         'pattern: "^[a-z+$"', 'pattern: "^[a-z]+$"'),
    Rule("schema-reference", "error", _FIXED, "A $ref points into its own schema: nothing is ever fetched.",
         "$ref: https://example.com/severity.json", '$ref: "#/$defs/severity"'),
    Rule("schema-limit", "error", _FIXED,
         "A schema, with every $ref written out, is no more than 10,000 schemas for one value.",
         "tree: {allOf: [{$ref: '#/$defs/tree'}]}", "tree: {properties: {left: {$ref: '#/$defs/tree'}}}"),
    Rule("schema-required-property", "warning", _FREE, "A name in required is one of the properties.",
         "properties: {channel: {type: string}}\nrequired: [chanel]",
         "properties: {channel: {type: string}}\nrequired: [channel]"),
    Rule("schema-keyword-typo", "warning", _FREE, "A key of a schema is not nearly a keyword of JSON Schema.",
         "channel: {type: string, desciption: Where to}", "channel: {type: string, description: Where to}"),
    Rule("schema-default", "warning", _FREE, "A default is valid under its own schema.",
         "severity: {enum: [low, high], default: medium}",
         "severity: {enum: [low, medium, high], default: medium}"),
    Rule("schema-example", "warning", _FREE, "An example is valid under its own schema.",
         "port: {type: integer, examples: ['443']}", "port: {type: integer, examples: [443]}"),
)

_PRACTICES = (
    Rule("task-type", "warning", _FREE,
         "A task's type is not a slip in one of the platform's: action, parallel, workflow.",
         "type: paralel", "type: parallel"),
    Rule("task-snake-case", "advice", _FREE,
         "Tasks are named in snake_case, so that templates can name them.",
         "name: notify-team", "name: notify_team"),
    Rule("on-failure-missing", "advice", _FREE,
         "A task that others depend on says what happens when it fails.",
         "- {name: fetch, action: core.http, on_success: store}",
         "- {name: fetch, action: core.http, on_success: store, on_failure: notify_error}"),
    Rule("timeout-missing", "advice", _FREE, "A task that may wait on the world has a timeout.",
         "- {name: fetch, action: core.http, retry: {count: 3}}",
         "- {name: fetch, action: core.http, retry: {count: 3}, timeout: 60}"),
    Rule("timeout-bounds", "advice", _FREE, "A timeout is neither zero nor longer than a week.",
         "timeout: 0", "timeout: 300"),
    Rule("retry-bounds", "advice", _FREE,
         "Retries stay within reason: at most 10, at most an hour apart, not at once.",
         "retry: {count: 1000, delay: 0}", "retry: {count: 3, delay: 60}"),
    Rule("iteration-bounds", "warning", _FREE,
         "batch_size and concurrency are whole numbers from 1 on, or templates.",
         "concurrency: 0", "concurrency: 2"),
    Rule("secret-literal", "error", _FREE, "Secrets are not written into files that git never forgets.",
         "token: ghp_" + "a1B2" * 9, 'token: "{{ keystore.github_token }}"'),
)

_REFERENCES = (
    Rule("action-unknown", "warning", _FREE,
         "An action is neither a workflow that was deleted nor nearly the name of one that is there.",
         "action: slack.incident_respnse", "action: slack.incident_response"),
    Rule("action-disabled", "warning", _FREE, "An action that is a workflow of the registry is enabled.",
         "action: slack.old_incident     # enabled: false there", "action: slack.incident"),
    Rule("action-input-missing", "warning", _FREE,
         "A workflow called as an action gets the inputs it requires.",
         "action: slack.incident\ninput: {}", "action: slack.incident\ninput: {channel: '#ops'}"),
    Rule("action-input-unknown", "warning", _FREE,
         "A workflow called as an action gets only inputs that it declares.",
         "input: {chanel: '#ops'}", "input: {channel: '#ops'}"),
    Rule("action-input-type", "warning", _FREE,
         "A literal input fits the param_schema of the workflow called.",
         "input: {channel: 7}", "input: {channel: '#ops'}"),
    Rule("action-cycle", "warning", _FREE, "Workflows do not call each other in a circle.",
         "# slack.a calls slack.b, slack.b calls slack.a", "# slack.a calls slack.b"),
    Rule("pack-dependency", "warning", _FREE,
         "Where pack.yaml lists dependencies, it lists every pack that is used.",
         "dependencies: [core]     # and a task runs jira.create_issue", "dependencies: [core, jira]"),
)

_SETTINGS = (
    Rule("settings-unknown", "error", _FIXED, "A key of registry/config.yaml is a known one.",
         "require_ifmatch: true", "require_if_match: true"),
    Rule("settings-value", "error", _FIXED, "A setting of registry/config.yaml has a value that it can have.",
         "require_if_match: maybe", "require_if_match: true"),
    Rule("access-invalid", "error", _FIXED, "registry/access.yaml says who may do what.",
         "ana: {role: editr}", "ana: {role: editor}"),
    Rule("schema-file", "error", _FIXED, "A file in registry/schemas/ is a JSON Schema.",
         '{"type": "objekt"}', '{"type": "object"}'),
)

# fmt: on
GROUPS: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    ("YAML", _YAML),
    ("Structure", _STRUCTURE),
    ("Graph", _GRAPH),
    ("Templates", _TEMPLATES),
    ("Schemas", _SCHEMAS),
    ("Practices", _PRACTICES),
    ("Between workflows", _REFERENCES),
    ("Settings", _SETTINGS),
)
RULES: Mapping[str, Rule] = {rule.name: rule for _, group in GROUPS for rule in group}
# Found long after a file was read, when others change: what its comments wave off is kept with it.
REFERENCE_RULES = frozenset(rule.name for rule in _REFERENCES)


def level_of(rule: str, levels: Mapping[str, Level]) -> Level:
    """How grave a breach of `rule` is where a registry has set `levels`; a rule unknown here is an error."""
    known = RULES.get(rule)
    if known is None:
        return "error"
    return known.severity if known.fixed else levels.get(rule, known.severity)
