"""Commits are signed as git itself would sign them, or not made."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from attune_registry.errors import Unavailable
from attune_registry.git.objects import Author, FileChange, Made
from attune_registry.git.repository import Repository
from attune_registry.writing.lock import WriteLock
from attune_registry.writing.transaction import Transaction
from gitrepo import Repo


def write(root: Path) -> Made:
    repository = Repository.open(root)
    with WriteLock(repository), Transaction.begin(repository) as transaction:
        made = transaction.commit([FileChange("packs/demo/é.yaml", b"a: 1\n")], Author("Ünal", "u@example.com"), "Sign")
        transaction.land()
        return made


@pytest.fixture
def ssh_key(tmp_path: Path) -> Path:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    return key


@pytest.fixture
def gpg_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    home = tmp_path / "g"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    make = ["gpg", "--batch", "--passphrase", "", "--quick-gen-key", "Registry <r@example.com>", "ed25519", "sign"]
    subprocess.run(make, check=True, capture_output=True)
    yield home
    subprocess.run(["gpgconf", "--kill", "all"], check=True)


def sign_with_ssh(repo: Repo, key: str, public: str) -> None:
    repo.git("config", "commit.gpgsign", "true")
    repo.git("config", "gpg.format", "ssh")
    repo.git("config", "user.signingkey", key)
    allowed = repo.write(".git/allowed", f"r@example.com {public}")
    repo.git("config", "gpg.ssh.allowedSignersFile", str(allowed))


def test_with_an_ssh_key_in_a_file(repo: Repo, ssh_key: Path) -> None:
    sign_with_ssh(repo, str(ssh_key), ssh_key.with_suffix(".pub").read_text())
    made = write(repo.root)
    repo.git("verify-commit", made.commit)
    assert repo.git("log", "-1", "--format=%G? %an").strip() == "G Ünal"
    assert repo.status() == ""


def test_with_an_ssh_key_of_an_agent(repo: Repo, ssh_key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = subprocess.run(["ssh-agent", "-s"], check=True, capture_output=True, text=True).stdout
    names = dict(part.split("=", 1) for part in said.split(";") if part.strip().startswith("SSH_") and "=" in part)
    names |= dict(line.strip().split(";")[0].split("=", 1) for line in said.splitlines() if "=" in line)
    for name, value in names.items():
        monkeypatch.setenv(name.strip(), value)
    try:
        subprocess.run(["ssh-add", "-q", str(ssh_key)], check=True)
        public = ssh_key.with_suffix(".pub").read_text()
        ssh_key.unlink()
        sign_with_ssh(repo, f"key::{public.strip()}", public)
        repo.git("verify-commit", write(repo.root).commit)
    finally:
        subprocess.run(["ssh-agent", "-k"], check=True, capture_output=True)


def test_with_gpg(repo: Repo, gpg_home: Path) -> None:
    repo.git("config", "commit.gpgsign", "true")
    repo.git("config", "user.signingkey", "r@example.com")
    repo.git("verify-commit", write(repo.root).commit)


def test_a_key_that_cannot_be_used_writes_nothing(repo: Repo, tmp_path: Path) -> None:
    before = repo.head()
    sign_with_ssh(repo, str(tmp_path / "none"), "")
    with pytest.raises(Unavailable, match="signed") as refused:
        write(repo.root)
    assert refused.value.code == "SIGNING_FAILED"
    assert (repo.head(), repo.status()) == (before, "")


def test_what_a_signing_program_complains_of_is_told_in_one_sentence(repo: Repo, tmp_path: Path) -> None:
    program = tmp_path / "sign"
    program.write_text("#!/bin/sh\nprintf 'no key\\nno luck\\n' >&2\nexit 1\n")
    program.chmod(0o755)
    sign_with_ssh(repo, str(tmp_path / "none"), "")
    repo.git("config", "gpg.ssh.program", str(program))
    with pytest.raises(Unavailable, match=r"no key no luck\. Nothing was written") as refused:
        write(repo.root)
    assert "\n" not in refused.value.message


@pytest.mark.parametrize(("option", "value"), [("gpg.format", "smoke"), ("gpg.program", "no-such-program")])
def test_a_setting_that_makes_no_sense_is_named(repo: Repo, option: str, value: str) -> None:
    repo.git("config", "commit.gpgsign", "true")
    repo.git("config", "user.signingkey", "r@example.com")
    repo.git("config", option, value)
    with pytest.raises(Unavailable, match=value) as refused:
        write(repo.root)
    assert refused.value.code == "SIGNING_FAILED"


@pytest.mark.parametrize("form", ["ssh", "openpgp"])
def test_a_key_that_was_never_named_is_asked_for(repo: Repo, form: str) -> None:
    repo.git("config", "commit.gpgsign", "true")
    repo.git("config", "gpg.format", form)
    with pytest.raises(Unavailable, match=r"user\.signingkey"):
        write(repo.root)


@pytest.mark.parametrize("setting", ["\tgpgsign\n", "\tgpgsign = 2\n", "\tgpgsign = On\n"])
def test_whatever_git_takes_for_true_signs(repo: Repo, ssh_key: Path, setting: str) -> None:
    sign_with_ssh(repo, str(ssh_key), ssh_key.with_suffix(".pub").read_text())
    repo.git("config", "--unset", "commit.gpgsign")
    config = repo.root / ".git/config"
    config.write_text(f"{config.read_text()}[commit]\n{setting}")
    write(repo.root)
    assert repo.git("log", "-1", "--format=%G?").strip() == "G"


def test_what_is_neither_true_nor_false_is_refused(repo: Repo) -> None:
    repo.git("config", "commit.gpgsign", "maybe")
    head = repo.head()
    with pytest.raises(Unavailable, match=r"commit\.gpgsign is 'maybe'"):
        write(repo.root)
    assert (repo.head(), repo.status()) == (head, "")
