"""Signatures on commits, made by the program git itself would start (commit.gpgsign, gpg.*)."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..errors import RegistryError, Unavailable
from .process import run, start
from .repository import Repository

_PROGRAMS = {"openpgp": "gpg", "x509": "gpgsm", "ssh": "ssh-keygen"}
_SIGN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Signer:
    """How this repository signs: gpg.format, the program for it and the key."""

    directory: Path
    form: str
    program: str
    key: str

    def sign(self, commit: bytes) -> str:
        """The signature of a commit's text. Raises Unavailable when the program does not give one."""
        try:
            made = self._with_ssh(commit) if self.form == "ssh" else self._with_gpg(commit)
        except (RegistryError, OSError) as error:
            raise self._failed(str(error)) from error
        text = made.decode("ascii", "replace").replace("\r\n", "\n")
        if "-----BEGIN" not in text:
            raise self._failed(f"'{self.program}' printed no signature")
        return text.rstrip("\n") + "\n"

    def _with_gpg(self, commit: bytes) -> bytes:
        command = (self.program, "--batch", "--status-fd=2", "-bsau", self.key)
        return start(self.directory, command, stdin=commit, timeout=_SIGN_SECONDS)

    def _with_ssh(self, commit: bytes) -> bytes:
        literal = _literal_key(self.key)
        if literal is None:
            return self._ssh_keygen(os.path.expanduser(self.key), commit)
        with tempfile.NamedTemporaryFile("w", suffix=".pub", encoding="utf-8") as key:
            key.write(literal + "\n")
            key.flush()
            return self._ssh_keygen(key.name, commit, "-U")

    def _ssh_keygen(self, key: str, commit: bytes, *options: str) -> bytes:
        command = (self.program, "-Y", "sign", "-n", "git", "-f", key, *options)
        return start(self.directory, command, stdin=commit, timeout=_SIGN_SECONDS)

    def _failed(self, why: str) -> Unavailable:
        # gpg says it in several lines, and some say nothing after the colon.
        said = " ".join(why.split()).rstrip(".: ")
        return Unavailable(
            f"The commit could not be signed ({self.form}, key '{self.key}'): {said}. Nothing was "
            "written; make the key usable without a prompt, or set commit.gpgsign to false for this repository.",
            code="SIGNING_FAILED",
            retry_after=30,
        )


def signer_of(repository: Repository) -> Signer | None:
    """The signer that the repository's configuration asks for; None when commits are not to be signed."""
    if not repository.switch("commit", "gpgsign"):
        return None
    form = repository.config("gpg", "format", "openpgp").lower()
    program = repository.config(f"gpg.{form}", "program")
    if not program and form == "openpgp":
        program = repository.config("gpg", "program")
    if form not in _PROGRAMS:
        raise Unavailable(
            f"gpg.format is '{form}', which git does not know; set it to openpgp, ssh or x509.",
            code="SIGNING_FAILED",
        )
    return Signer(repository.directory, form, program or _PROGRAMS[form], _key_of(repository, form))


def _key_of(repository: Repository, form: str) -> str:
    """user.signingkey, else what git falls back to: the default key command, or the user's name and email."""
    key = repository.config("user", "signingkey")
    if key:
        return key
    try:
        if form == "ssh":
            command = repository.config("gpg.ssh", "defaultKeyCommand") or "false"
            said = start(repository.directory, ("sh", "-c", command)).decode("utf-8", "replace")
            return next(line for line in said.splitlines() if _literal_key(line))
        identity = run(repository.directory, "var", "GIT_COMMITTER_IDENT").decode("utf-8", "replace")
        return identity.rpartition(">")[0] + ">"
    except (RegistryError, StopIteration) as error:
        raise Unavailable(
            "commit.gpgsign is set and user.signingkey is not: there is no key to sign with; set it to one.",
            code="SIGNING_FAILED",
        ) from error


def _literal_key(key: str) -> str | None:
    """The public key when it is given itself and not as a file."""
    if key.startswith("key::"):
        return key.removeprefix("key::")
    return key if key.startswith(("ssh-", "ecdsa-", "sk-")) else None
