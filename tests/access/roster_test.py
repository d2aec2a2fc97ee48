from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_registry import errors
from attune_registry.access.principals import Principal
from attune_registry.access.roster import NOBODY, Roster, parse_roster

SHIPPED = Path(__file__).parents[2] / "registry" / "access.yaml"


def parsed(text):
    return parse_roster(dedent(text).encode())


def test_logins_get_their_role_email_and_packs():
    roster, problems = parsed("""\
        default: none
        principals:
          jane: {role: editor, email: jane@example.com, packs: [slack, 'data_*']}
          root:
            role: admin
          guest: {role: editor, packs: []}
    """)
    assert problems == []
    assert roster.principal("jane") == Principal(
        "jane", "jane@example.com", "editor", ("slack", "data_*"), is_login=True
    )
    assert roster.principal("root") == Principal("root", "root@attune-registry.invalid", "admin", ("*",), is_login=True)
    assert roster.principal("guest").packs == ()
    with pytest.raises(errors.Forbidden, match="add it there"):
        roster.principal("Jane")


def test_without_a_file_or_with_an_empty_one_nobody_is_let_in():
    assert parse_roster(None) == (NOBODY, [])
    assert parse_roster(b"") == (NOBODY, [])
    assert parse_roster(b"# to do\n\n  # soon\n") == (NOBODY, [])
    assert parse_roster(b"principals:\n") == (Roster(), [])


def test_the_default_lets_other_logins_read():
    roster, problems = parsed("default: reader")
    assert problems == []
    assert roster.principal("mary").may_read()
    assert not roster.principal("mary").may_write("core")


def test_a_login_can_be_kept_out():
    roster, problems = parsed("""\
        default: reader
        principals: {john: {role: none}}
    """)
    assert problems == []
    with pytest.raises(errors.Forbidden, match="'john' no role"):
        roster.principal("john")


def test_a_wrong_entry_keeps_its_login_out_and_no_other():
    roster, problems = parsed("""\
        default: reader
        principals:
          jane: {role: editor}
          john:
            role: edtor
            email: nowhere
            packs: [slack, a/b, 3, '[a']
            pakcs: []
          jim: reader
          jack: {packs: [core]}
          "a\\nb": {role: reader}
          jill: {role: reader, packs: '*'}
    """)
    assert roster.principal("jane").role == "editor"
    for login in ("john", "jim", "jack", "a\nb", "jill"):
        with pytest.raises(errors.Forbidden):
            roster.principal(login)
    assert [(problem.line, problem.column) for problem in problems] == [
        (5, 11), (6, 12), (7, 20), (7, 25), (7, 28), (8, 5), (9, 8), (10, 3), (11, 3), (12, 31),
    ]  # fmt: skip
    assert problems[0].message == "'edtor' is not a role; choose reader, editor, admin or none."
    assert problems[5].message == "Unknown key 'pakcs'; did you mean 'packs'?"


def test_a_glob_that_matches_no_pack_is_told_of_and_leaves_the_login_its_other_packs():
    roster, problems = parsed("principals:\n  jane: {role: editor, packs: [slack, '[a']}\n")
    assert [(problem.line, problem.column) for problem in problems] == [(2, 39)]
    assert "'[a' matches no pack" in problems[0].message
    assert roster.principal("jane").may_write("slack")
    assert not roster.principal("jane").may_write("a")


@pytest.mark.parametrize("default", ["editor", "admin", "true", "[]", "1"])
def test_the_default_is_never_more_than_reading(default):
    roster, problems = parsed(f"default: {default}")
    assert roster.default is None
    assert [problem.line for problem in problems] == [1]


@pytest.mark.parametrize("text", ["- a", "text", "principals: [jane]", "principal: {}", "a: [", "\x00", "&a [*a]"])
def test_a_file_that_is_something_else_lets_nobody_in_and_says_where(text):
    roster, problems = parsed(text)
    assert roster == NOBODY
    assert problems
    assert problems[0].line == 1
    assert problems[0].message


def test_a_login_listed_twice_is_a_problem_and_kept_out():
    roster, problems = parsed("""\
        default: reader
        principals:
          jane: {role: reader}
          jane: {role: admin}
          john: {role: editor, role: reader}
          jim: {role: editor}
    """)
    assert [problem.line for problem in problems] == [4, 5]
    for login in ("jane", "john"):
        with pytest.raises(errors.Forbidden):
            roster.principal(login)
    assert roster.principal("jim").role == "editor"


@pytest.mark.parametrize(
    "entry",
    ["123: {role: editor}", "true: {role: admin}", "jim: {role: !x admin}", "jim: {role: editor, packs: [.nan]}"],
)
def test_an_entry_that_is_no_plain_text_keeps_its_login_out_and_no_other(entry):
    roster, problems = parsed(f"default: reader\nprincipals:\n  {entry}\n  alice: {{role: editor}}\n")
    assert {problem.line for problem in problems} == {3}
    assert roster.principal("alice").role == "editor"
    with pytest.raises(errors.Forbidden):
        roster.principal(entry.partition(":")[0])


def test_what_is_wrong_behind_an_anchor_may_be_in_any_entry():
    text = "principals:\n  jane: &all {role: !x admin}\n  john: *all\n  jim: {role: editor}\n"
    assert parsed(text)[0] == NOBODY


def test_an_alias_of_a_wrong_entry_lets_nobody_in_however_its_anchor_is_written():
    roster, problems = parsed('{"principals":{"a":&x {"role":"reader","role":"admin"},"b":*x}}')
    assert roster == NOBODY
    assert [problem.line for problem in problems] == [1]


@pytest.mark.parametrize("text", ["# R &D team\n", "# &x, *x\n", "default: &x none\n"])
def test_what_only_looks_like_an_alias_keeps_nobody_else_out(text):
    text += "principals:\n  jane: {role: reader, role: admin}\n  jim: {role: editor, email: 'r&d@example.com'}\n"
    roster, problems = parsed(text)
    assert [problem.line for problem in problems] == [3]
    assert roster.principals["jane"] is None
    assert roster.principal("jim").role == "editor"


def test_a_file_that_is_too_large_is_told_of():
    text = "principals:\n  alice: {role: editor}\n"
    roster, problems = parse_roster(text.encode() + b"#" * 3_000_000)
    assert roster == NOBODY
    assert [(problem.message, problem.line) for problem in problems] == [("The file is larger than 1,048,576 bytes", 1)]


def test_two_documents_are_told_of_in_words_that_fit():
    problems = parsed("principals: {}\n---\nprincipals: {}\n")[1]
    assert "keep one document per file" in problems[0].message


@pytest.mark.parametrize("section", ["principals: {}", "default: none"])
def test_of_a_section_written_twice_none_counts(section):
    text = "principals: {jane: {role: admin}}\ndefault: reader\n" + section
    assert parsed(text)[0] == NOBODY


@given(st.binary(max_size=60) | st.text("principals: {}[]role-\n'\"&*!,jane", max_size=60).map(str.encode))
def test_any_bytes_make_a_roster(raw):
    roster, problems = parse_roster(raw)
    assert isinstance(roster, Roster)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


def test_the_shipped_file_is_right():
    _, problems = parse_roster(SHIPPED.read_bytes())
    assert problems == []
