import pytest

from attune_registry import errors
from attune_registry.git.head import resolve_ref
from attune_registry.git.repository import Repository
from attune_registry.git.revisions import merge_base, resolve


@pytest.fixture
def history(new_repo):
    """Three commits on main, one of them a merge, and a branch aside."""
    made = new_repo("history")
    made.first = made.commit("First", date=1_700_000_000)
    made.git("checkout", "-q", "-b", "side")
    made.aside = made.commit("Aside", date=1_700_000_100)
    made.git("checkout", "-q", "main")
    made.second = made.commit("Second", date=1_700_000_200)
    made.git("tag", "v1.0")
    made.git("tag", "-a", "v1.1", "-m", "annotated")
    made.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    made.merge = made.head()
    made.repository = Repository.open(made.root)
    return made


def test_names_of_commits_are_resolved_to_full_ids(history):
    names = {
        "HEAD": history.merge,
        "main": history.merge,
        "side": history.aside,
        "refs/heads/side": history.aside,
        "v1.0": history.second,
        "v1.1": history.second,
        "HEAD~1": history.second,
        "HEAD^2": history.aside,
        "main~2": history.first,
        history.second[:8]: history.second,
        history.second: history.second,
    }
    assert {name: resolve(history.repository, name) for name in names} == names


@pytest.mark.parametrize("behind", ["", "~0", "^{commit}"])
def test_a_name_that_a_tag_and_a_branch_share_is_ambiguous(history, behind):
    history.git("tag", "both", history.first)
    history.git("branch", "both", history.aside)
    history.git("pack-refs", "--all")
    with pytest.raises(errors.Invalid) as caught:
        resolve(history.repository, f"both{behind}")
    assert caught.value.code == "REVISION_AMBIGUOUS"
    assert resolve(history.repository, f"refs/tags/both{behind}") == history.first
    assert resolve(history.repository, f"heads/both{behind}") == history.aside


def test_an_instant_is_the_commit_that_the_first_parent_line_was_at(history):
    def at(text):
        return resolve(history.repository, text)

    assert at("2023-11-14T22:13:20Z") == history.first
    assert at("2023-11-14T22:15:00Z") == history.first  # the side branch's commit is not on the line
    assert at("2023-11-14T23:16:40+01:00") == history.second
    assert at("2023-11-14T22:16:40.5Z") == history.second
    assert at("2023-11-14t22:16:40z") == history.second
    # A plus sign that nobody has escaped in a URL.
    assert at("2023-11-14T23:16:40 01:00") == history.second
    assert at("2099-01-01T00:00:00Z") == history.merge
    # From 2^32 seconds on, git's own counting begins at 0 again.
    for text in ("2106-02-07T06:28:15Z", "2106-02-07T06:28:16Z", "2160-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        assert at(text) == history.merge


def test_before_the_first_commit_there_was_nothing(history, new_repo):
    with pytest.raises(errors.NotFound) as caught:
        resolve(history.repository, "2001-01-01T00:00:00Z")
    assert caught.value.code == "REVISION_NOT_FOUND"
    with pytest.raises(errors.NotFound):
        resolve(Repository.open(new_repo("empty").root), "2099-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "--all",
        "--output=/tmp/x",
        "HEAD --all",
        "HEAD\n",
        "HEAD\0",
        "\ud800",
        "main..side",
        "HEAD:packs",
        ":/First",
        "HEAD@{1}",
        "@{-1}",
        "HEAD^{/First}",
        "a" * 1025,
        "2026-13-01T00:00:00Z",
    ],
)
def test_what_is_not_the_name_of_one_commit_never_reaches_git(history, text, monkeypatch):
    monkeypatch.setattr("attune_registry.git.revisions.run", None)
    with pytest.raises(errors.Invalid) as caught:
        resolve(history.repository, text)
    assert caught.value.code == "REVISION_INVALID"


def test_an_offset_that_no_clock_has_is_told_in_words(history):
    with pytest.raises(errors.Invalid) as caught:
        resolve(history.repository, "2099-01-01T00:00:00+25:00")
    assert caught.value.message == "'2099-01-01T00:00:00+25:00' is not an instant: an offset is below 24 hours."


@pytest.mark.parametrize(
    "text", ["nowhere", "0" * 40, "deadbeef", "HEAD~9", "^main", "HEAD^!", "HEAD^-", "2026-01-31", "main^{tree}"]
)
def test_what_names_no_commit_is_not_found(history, text):
    with pytest.raises(errors.NotFound) as caught:
        resolve(history.repository, text)
    assert caught.value.code == "REVISION_NOT_FOUND"


def test_a_blob_is_no_revision(history):
    blob = history.git("hash-object", "-w", "--stdin", stdin="x").strip()
    with pytest.raises(errors.NotFound):
        resolve(history.repository, blob)


def test_the_beginning_of_two_ids_is_ambiguous(history):
    # Some two of these commits begin alike: so many of them cannot each have four digits to themselves.
    lines = [f"commit refs/heads/many\ncommitter x <x> {n} +0000\ndata 1\nx" for n in range(1_000, 2_500)]
    history.git("fast-import", "--quiet", stdin="\n".join(lines) + "\n")
    seen = set()
    for commit in history.git("rev-list", "many").split():
        if commit[:4] in seen:
            break
        seen.add(commit[:4])
    with pytest.raises(errors.Invalid) as caught:
        resolve(history.repository, commit[:4])
    assert caught.value.code == "REVISION_AMBIGUOUS"


def test_a_branch_may_be_named_in_any_script(history):
    history.git("branch", "größer/ток")
    assert resolve(history.repository, "größer/ток") == history.merge


@pytest.mark.parametrize("name", ["nb\u00a0sp", "👩\u200d💻", "next\u2028line", "next\x85line"])
def test_a_branch_may_have_any_character_that_git_takes(history, name):
    history.git("branch", name, history.first)
    for _ in range(2):
        assert resolve(history.repository, name) == history.first
        assert resolve_ref(history.repository, f"refs/heads/{name}") == history.first
        history.git("pack-refs", "--all")


def test_two_branches_have_grown_from_one_commit(history):
    assert merge_base(history.repository, history.second, history.aside) == history.first
    history.git("checkout", "-q", "--orphan", "other")
    alone = history.commit("Alone")
    assert merge_base(history.repository, history.merge, alone) is None
