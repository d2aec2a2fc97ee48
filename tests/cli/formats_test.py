import json
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from attune_registry.cli.formats import render
from attune_registry.cli.report import Located, Report, located, summary

RAW = b"label: x\ndefinition: {tasks: [{name: a, on_success: strore}]}\n"
ERROR = Located(
    "packs/a b/x.yaml", 2, 44, "unknown-task", "error", "No task 'strore': 100%,\nreally.", "/definition", "say 'store'"
)
WARNING = Located("packs/b/ü.yaml", 1, 1, "no-tasks", "warning", "No task", "", None)
ADVICE = Located("packs/b/ü.yaml", 1, 8, "made-up-rule", "advice", "Bell \x07 and <&>", "/label", None)
REPORT = Report(
    ("packs/a b/x.yaml", "packs/b/ü.yaml", "packs/c/good.yaml"),
    (ERROR, WARNING, ADVICE),
    {"packs/a b/x.yaml": RAW, "packs/b/ü.yaml": "label: ü\tend\n".encode()}.get,
)
CLEAN = Report(("packs/c/good.yaml",), (), {}.get)

# The parts of SARIF 2.1.0 (OASIS) that are made here, as its schema has them: names, types and what is required.
TEXT = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}},
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "run": {
            "type": "object",
            "required": ["tool"],
            "additionalProperties": False,
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "additionalProperties": False,
                    "properties": {"driver": {"$ref": "#/$defs/driver"}},
                },
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "driver": {
            "type": "object",
            "required": ["name"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string"},
                "version": {"type": "string"},
                "rules": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/rule"}},
            },
        },
        "rule": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "shortDescription": TEXT,
                "help": TEXT,
                "defaultConfiguration": {"type": "object", "properties": {"level": LEVEL}},
            },
        },
        "result": {
            "type": "object",
            "required": ["message"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": -1},
                "level": LEVEL,
                "message": TEXT,
                "locations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
        "location": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "physicalLocation": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["artifactLocation"],
                    "properties": {
                        "artifactLocation": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {
                                "uri": {"type": "string", "pattern": "^[!-~]+$"},
                                "uriBaseId": {"type": "string"},
                            },
                        },
                        "region": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {
                                "startLine": {"type": "integer", "minimum": 1},
                                "startColumn": {"type": "integer", "minimum": 1},
                            },
                        },
                    },
                },
                "logicalLocations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"fullyQualifiedName": {"type": "string"}},
                    },
                },
            },
        },
    },
}


def test_json_has_the_number_of_files_and_every_problem():
    said = json.loads(render(REPORT, "json"))
    assert said["files"] == 3
    assert said["problems"][0] == {
        "path": "packs/a b/x.yaml",
        "line": 2,
        "column": 44,
        "rule": "unknown-task",
        "severity": "error",
        "message": "No task 'strore': 100%,\nreally.",
        "pointer": "/definition",
        "hint": "say 'store'",
    }
    assert said["problems"][1]["hint"] is None
    assert json.loads(render(CLEAN, "json")) == {"files": 1, "problems": []}


def test_github_gets_a_command_a_problem_in_one_line():
    lines = render(REPORT, "github").splitlines()
    assert lines[0] == (
        "::error file=packs/a b/x.yaml,line=2,col=44,title=unknown-task"
        "::No task 'strore': 100%25,%0Areally (say 'store')"
    )
    assert lines[1] == "::warning file=packs/b/ü.yaml,line=1,col=1,title=no-tasks::No task"
    assert lines[2].startswith("::notice ")
    assert lines[3] == "3 files checked: 1 error, 1 warning, 1 piece of advice."


def test_a_path_cannot_end_a_github_command():
    problem = WARNING._replace(path="packs/a::b,c.yaml")
    (line, _) = render(Report((), (problem,), {}.get), "github").splitlines()
    assert line.startswith("::warning file=packs/a%3A%3Ab%2Cc.yaml,line=1")


def test_gitlab_gets_issues_with_fingerprints():
    issues = json.loads(render(REPORT, "gitlab"))
    assert [issue["severity"] for issue in issues] == ["critical", "minor", "info"]
    assert issues[0]["location"] == {"path": "packs/a b/x.yaml", "lines": {"begin": 2}}
    assert issues[0]["check_name"] == "unknown-task"
    assert all(set(issue) == {"description", "check_name", "fingerprint", "severity", "location"} for issue in issues)
    assert json.loads(render(CLEAN, "gitlab")) == []


def test_a_fingerprint_does_not_move_with_the_lines_and_no_two_are_alike():
    twice = Report((), (ERROR, ERROR._replace(line=9)), {}.get)
    moved = Report((), (ERROR._replace(line=30, column=1), ERROR._replace(line=39)), {}.get)

    def fingerprints(report):
        return [issue["fingerprint"] for issue in json.loads(render(report, "gitlab"))]

    assert fingerprints(twice) == fingerprints(moved)
    assert len(set(fingerprints(twice))) == 2


@pytest.mark.parametrize("report", [REPORT, CLEAN])
def test_sarif_has_the_shape_of_the_standard(report):
    said = json.loads(render(report, "sarif"))
    Draft202012Validator(SARIF).validate(said)
    (run,) = said["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        problem.rule for problem in report.problems
    ]


def test_sarif_names_files_by_uri():
    (run,) = json.loads(render(REPORT, "sarif"))["runs"]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert places[0] == {
        "artifactLocation": {"uri": "packs/a%20b/x.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 2, "startColumn": 44},
    }
    assert places[1]["artifactLocation"]["uri"] == "packs/b/%C3%BC.yaml"


def test_junit_has_a_test_for_each_file_and_errors_fail_it():
    parser = ElementTree.XMLPullParser()
    parser.feed(render(REPORT, "junit").encode())
    root = parser.close() or [element for _, element in parser.read_events()][-1]
    assert root.attrib == {"name": "attune-registry", "tests": "3", "failures": "1", "errors": "0"}
    failed, advised, good = root.iter("testcase")
    assert failed.find("failure").get("type") == "unknown-task"
    assert failed.find("failure").text.startswith("packs/a b/x.yaml:2:44: error: No task 'strore'")
    assert advised.find("failure") is None
    assert "Bell \ufffd and <&>" in advised.find("system-out").text
    assert list(good) == []


def test_text_shows_the_line_with_a_caret_below_the_place():
    lines = render(REPORT, "text").splitlines()
    assert lines[0] == "packs/a b/x.yaml:2:44: error: No task 'strore': 100%, really. [unknown-task]"
    assert lines[1] == "  2 | definition: {tasks: [{name: a, on_success: strore}]}"
    assert lines[2].index("^") == lines[1].index("strore")
    assert lines[3] == "    = hint: say 'store'"
    assert "  1 | label: ü end" in lines
    assert lines[-1] == "3 files checked: 1 error, 1 warning, 1 piece of advice."


def test_a_caret_stands_right_below_wide_characters():
    problem = WARNING._replace(line=1, column=10)
    report = Report((), (problem,), {problem.path: "label: 日本x\n".encode()}.get)
    lines = render(report, "text").splitlines()
    assert lines[1] == "  1 | label: 日本x"
    assert lines[2] == "    | " + " " * (len("label: ") + 4) + "^"


def test_of_a_long_line_the_part_around_the_place_is_shown():
    problem = WARNING._replace(column=5001)
    report = Report((), (problem,), {problem.path: b"a" * 5000 + b"X" + b"b" * 5000}.get)
    _, line, caret, *_ = render(report, "text").splitlines()
    assert len(line) < 200
    assert line[caret.index("^")] == "X"


def test_a_summary_counts_in_plain_words():
    assert summary(CLEAN) == "1 file checked: no problems."
    assert summary(Report((), (ERROR, ERROR, ADVICE, ADVICE), {}.get)) == (
        "No files checked: 2 errors, 2 pieces of advice."
    )


def test_paths_that_are_no_unicode_are_made_so():
    (problem,) = located([WARNING._replace(path="packs/\udcff.yaml", message="'packs/\udcff.yaml'")._asdict()])
    assert (problem.path, problem.message) == ("packs/\ufffd.yaml", "'packs/\ufffd.yaml'")
