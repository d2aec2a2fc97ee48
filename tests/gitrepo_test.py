"""The fixture that tests write with keeps to its own folder."""

from gitrepo import Repo


def test_writing_where_a_link_stands_puts_a_file_in_its_place_and_leaves_what_it_leads_to(repo: Repo) -> None:
    outside = repo.root.parent / "outside.yaml"
    outside.write_text("mine\n")
    link = repo.root / "packs/demo/workflows/a.yaml"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside)
    repo.write("packs/demo/workflows/a.yaml", "theirs\n")
    assert outside.read_text() == "mine\n"
    assert not link.is_symlink()
    assert link.read_text() == "theirs\n"
