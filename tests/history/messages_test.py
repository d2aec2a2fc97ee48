"""Messages of commits are taken apart as git takes them apart."""

import random

import pytest

from attune_registry.git.messages import parse_message
from gitrepo import Repo

MESSAGES = (
    "Subject only",
    "Subject\n\nBody",
    "Subject\n\nBody\n\nKey: value",
    "Subject\n\nKey: value",
    "Subject\n\nKey: value\nOther-Key: more\n  that goes on\n",
    "Subject\n\nSigned-off-by: A <a@x>\nSigned-off-by: B <b@x>",
    "Subject\n\nNot a trailer\nKey: value",
    "Subject\n\nOne line\nSigned-off-by: A <a@x>",
    "Subject\n\n1\n2\n3\n4\nSigned-off-by: A <a@x>",
    "Subject\n\n(cherry picked from commit abc)\nKey: value",
    "Subject\n\nKey: value\n\nBody after",
    "Key: value",
    "Key: value\n\n\n\nBody\n\n\nKey: value\n\n",
    "Two\nlines\n\nKey : spaced\nNo-Value:\n",
    "Subject\n\nhttps://example.com/x: y\n",
    "S (#1)\n\nbody line\r\n\r\nCo-authored-by: A <a@x>\r\nFoo: bar\r\n",
    "S\r\n\r\nbody\r\nmore\r\n\r\nA: b\r\n",
    "S\n\nA: b\u0085C: d\u2028E: f\n",
    "",
)


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    root = tmp_path_factory.mktemp("messages")
    repo = Repo(root)
    repo.git("init", "-q")
    return repo


@pytest.mark.parametrize("text", MESSAGES)
def test_trailers_are_those_of_git(git: Repo, text: str) -> None:
    assert parse_message(text).trailers == _trailers(git, text)


def test_trailers_of_random_messages_are_those_of_git(git: Repo) -> None:
    chance = random.Random(11)
    lines = (
        "Key: v",
        "Other-Key:  w ",
        "text",
        " more",
        "",
        "",
        "Signed-off-by: A <a@x>",
        "a b: c",
        "(cherry picked from commit 1)",
    )
    for _ in range(150):
        text = "Subject\n\n" + "\n".join(chance.choices(lines, k=chance.randint(1, 7))) + "\n"
        assert parse_message(text).trailers == _trailers(git, text), text


@pytest.mark.parametrize("text", [text for text in MESSAGES if text])
def test_subject_and_body_are_those_of_git_log(git: Repo, text: str) -> None:
    tree = git.git("hash-object", "-w", "-t", "tree", "/dev/null").strip()
    commit = git.git("commit-tree", tree, stdin=text).strip()
    subject, body = git.git("log", "-1", "--format=%s%x00%b", commit).split("\0")
    parsed = parse_message(text)
    assert parsed.subject == subject.strip()
    # What ends a line, the harness has made "\n" of.
    assert body.strip("\n").startswith(parsed.body)
    if not parsed.trailers:
        assert parsed.body == body.strip("\n")


def _trailers(git: Repo, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in git.git("interpret-trailers", "--parse", "--unfold", "--no-divider", stdin=text + "\n").split("\n"):
        key, colon, value = line.partition(":")
        if colon and " " not in key.strip():
            value = " ".join(value.split())
            found[key.strip()] = f"{found[key.strip()]}, {value}" if key.strip() in found else value
    return found
