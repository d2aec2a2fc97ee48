import time

import pytest

from attune_registry import errors
from attune_registry.access.principals import (
    Principal,
    email_for,
    fault_in_email,
    fault_in_glob,
    fault_in_name,
    fault_in_reach,
    fault_in_role,
)


def principal(role="editor", packs=("*",)):
    return Principal("jane", "jane@example.com", role, packs)


def test_a_reader_reads_and_writes_nothing():
    assert principal("reader").may_read()
    assert not principal("reader").may_write("slack")
    with pytest.raises(errors.Forbidden, match=r"^Your role is reader; writing needs editor\. Ask an admin"):
        principal("reader").require_write("slack")


def test_an_editor_writes_in_the_packs_it_was_given():
    editor = principal(packs=("slack", "data_*"))
    assert editor.may_write("slack")
    assert editor.may_write("data_pipeline")
    assert not editor.may_write("slack2")
    with pytest.raises(errors.Forbidden, match=r"'slack', 'data_\*', not in the pack 'core'") as caught:
        editor.require_write("core")
    assert caught.value.details[0]["required_pack"] == "core"


def test_globs_tell_upper_case_from_lower_case():
    assert not principal(packs=("Slack",)).may_write("slack")


def test_without_packs_nothing_is_written_even_by_an_admin():
    with pytest.raises(errors.Forbidden, match="no pack"):
        principal("admin", ()).require_write("core")


def test_roles_contain_the_ones_below_them():
    assert principal("admin").has_role("editor")
    assert principal("admin").may_write("core")
    with pytest.raises(errors.Forbidden, match="approving needs admin"):
        principal("editor").require_role("admin", "approving")


@pytest.mark.parametrize("name", ["jane", "Žofia Nováková", "李雷", "ci bot (nightly)", "x" * 100, "a.b-c_d"])
def test_a_good_name_has_a_valid_email_of_its_own(name):
    assert fault_in_name(name) == ""
    assert fault_in_email(email_for(name)) == ""
    assert len(email_for(name).split("@")[0]) <= 64


def test_made_up_emails_of_different_names_differ():
    names = ["a b", "a-b", "a/b", "a..b", "a.b", "李雷", "李", "x" * 99, "x" * 100]
    assert len({email_for(name) for name in names}) == len(names)
    assert email_for("jane") == "jane@attune-registry.invalid"


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        " jane",
        "jane ",
        "x" * 101,
        "a\nb",
        "a\x00b",
        "a\tb",
        "<jane",
        "jane>",
        "...",
        "a\u202eb",
        "\udcff",
    ],
)
def test_a_name_that_cannot_be_an_author_is_refused(name):
    fault = fault_in_name(name)
    assert fault.endswith(".")
    assert "\n" not in fault
    fault.encode()


@pytest.mark.parametrize("email", ["", "jane", "a@b@c", "a@b>\nx", "<a@b>", "x" * 250 + "@b.cd", "a@\u202eb"])
def test_a_bad_email_is_refused(email):
    assert fault_in_email(email)


def test_a_bad_role_or_glob_is_refused():
    assert fault_in_role("root") == "'root' is not a role; choose reader, editor or admin."
    assert all(fault_in_glob(glob) for glob in ("", "a/b", "a b"))
    assert not any(fault_in_glob(glob) for glob in ("data_*", "[a-c]?x"))


def test_a_glob_that_no_pack_can_match_is_refused_for_that():
    assert all(fault_in_reach(glob) for glob in ("", "a/b", "[!", "[a", "a]", "x!", "[z-a]", "[]]", "[!a-zA-Z0-9_-]"))
    assert all(fault_in_reach(glob) for glob in ("[]", "[!]", "slack[", "[[", "[a[b", "[!]a", "[a]["))
    assert not any(fault_in_reach(glob) for glob in ("data_*", "[a-c]?x", "*", "[!a]*", "[]a]", "a-b", "[!]]"))


def test_a_long_glob_is_refused_at_once():
    started = time.perf_counter()
    assert fault_in_reach("[" * 60_000)
    assert time.perf_counter() - started < 0.5
