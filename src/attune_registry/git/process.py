"""The one place that starts git: cleaned environment, explicit directory, timeout, bytes out."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from ..errors import GitFailed, Unavailable

TIMEOUT_SECONDS = 120
# Left behind by hooks and by tools that wrap git: they would point a command at another repository.
_INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK", "GNUPGHOME", "XDG_CONFIG_HOME")
_FIXED = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}

# Where no hooks can be: those of the repository are for people's commands, and one that refuses would break ours.
_NO_HOOKS = ("core.hooksPath", os.devnull)


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The environment every process here gets; GIT_CONFIG_* stays (safe.directory lives there)."""
    kept = {name: value for name, value in os.environ.items() if name in _INHERITED or name.startswith("GIT_CONFIG_")}
    return kept | _FIXED | _setting(kept.get("GIT_CONFIG_COUNT", ""), *_NO_HOOKS) | (extra or {})


def _setting(count: str, name: str, value: str) -> dict[str, str]:
    """One more of the settings that git is given so (git-config, GIT_CONFIG_COUNT); nothing where git objects to it."""
    if count and not count.isdecimal():
        return {}
    number = int(count or 0)
    return {
        "GIT_CONFIG_COUNT": f"{number + 1}",
        f"GIT_CONFIG_KEY_{number}": name,
        f"GIT_CONFIG_VALUE_{number}": value,
    }


def run(
    directory: Path,
    *arguments: str,
    stdin: bytes = b"",
    env: dict[str, str] | None = None,
    accept: Iterable[int] = (0,),
    timeout: float = TIMEOUT_SECONDS,
) -> bytes:
    """What `git <arguments>` prints, run in `directory`.

    Raises GitFailed with the command, its exit code (unless in `accept`) and its last words, Unavailable when
    git is not installed or does not come back in `timeout` seconds.
    """
    return start(directory, ("git", *arguments), stdin=stdin, env=env, accept=accept, timeout=timeout)


def start(
    directory: Path,
    command: tuple[str, ...],
    *,
    stdin: bytes = b"",
    env: dict[str, str] | None = None,
    accept: Iterable[int] = (0,),
    timeout: float = TIMEOUT_SECONDS,
) -> bytes:
    """As `run`, for the programs git itself would start (gpg, ssh-keygen)."""
    name = " ".join(command[:3])
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env=environment(env),
            input=stdin,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise Unavailable(f"'{command[0]}' could not be started in {directory}: {error.strerror}.") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"'{name}' took longer than {timeout:g} s; try again later.") from error
    if done.returncode not in accept:
        said = done.stderr.decode(errors="replace").strip()
        raise GitFailed(f"'{name}' failed with exit code {done.returncode}: {said}")
    return done.stdout
