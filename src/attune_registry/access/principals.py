"""Who asks: a name, an email, a role and the packs it may change."""

import hashlib
import re
import string
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, get_args

from .. import errors

Role = Literal["reader", "editor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
EVERY_PACK = ("*",)
MAX_NAME = 100
# RFC 5321, 4.5.3.1.3: a path is at most 256 octets, two of them the angle brackets.
MAX_EMAIL = 254
MAX_GLOB = 200

# RFC 5321, 4.5.3.1.1, allows 64 octets; the mark of a shortened name takes nine.
_MAX_LOCAL = 55

_RANK = {role: rank for rank, role in enumerate(ROLES)}
# RFC 2606 keeps .invalid free: such an address looks like one and reaches nobody.
_NOWHERE = "attune-registry.invalid"
_EMAIL = re.compile(r"[^\s<>@,;:\"\\()\[\]]+@[^\s<>@,;:\"\\()\[\]]+\Z")
_GLOB = re.compile(r"[A-Za-z0-9_*?\[\]!-]+\Z")
# What fnmatch reads as one thing: a class or a character. A '[' that nothing closes takes all behind it along: it is in
# no ref, and so nothing has to be looked at twice.
_IN_GLOB = re.compile(r"\[!?\]?[^\]]*(?:\]|\Z)|.")
_IN_REF = re.compile(r"[A-Za-z0-9_-]")
_REF_LETTERS = string.ascii_letters + string.digits + "_-"
_NOT_LOCAL_PART = re.compile(r"[^A-Za-z0-9._-]+|\.{2,}")


@dataclass(frozen=True, slots=True)
class Principal:
    """A known person or program; `packs` are globs for what it may write, `()` is no pack at all.

    `is_login` tells who is let in by the roster from who has a token of this registry.
    """

    name: str
    email: str
    role: Role
    packs: tuple[str, ...] = EVERY_PACK
    is_login: bool = False

    def has_role(self, role: Role) -> bool:
        """True when this principal's role is `role` or more."""
        return _RANK[self.role] >= _RANK[role]

    def may_read(self) -> bool:
        """True for every principal: each role reads every pack."""
        return self.has_role("reader")

    def may_write(self, pack_ref: str) -> bool:
        """True when role and packs both allow writing in this pack."""
        return self.has_role("editor") and self._reaches(pack_ref)

    def require_role(self, role: Role, action: str) -> None:
        """Raise Forbidden unless the role is `role` or more; `action` completes "<action> needs <role>"."""
        if not self.has_role(role):
            raise errors.Forbidden(
                f"Your role is {self.role}; {action} needs {role}. Ask an admin of this registry for the role {role}.",
                details=[{"principal": self.name, "role": self.role, "required_role": role}],
            )

    def require_write(self, pack_ref: str) -> None:
        """Raise Forbidden, with a sentence saying what is missing, unless this pack may be written."""
        self.require_role("editor", "writing")
        if not self._reaches(pack_ref):
            raise errors.Forbidden(
                f"You may write in {_packs_in_words(self.packs)}, not in the pack {pack_ref!r}."
                f" Ask an admin of this registry to add that pack to yours.",
                details=[{"principal": self.name, "packs": list(self.packs), "required_pack": pack_ref}],
            )

    def _reaches(self, pack_ref: str) -> bool:
        return any(fnmatchcase(pack_ref, glob) for glob in self.packs)


def _packs_in_words(globs: tuple[str, ...]) -> str:
    if not globs:
        return "no pack"
    return ("packs matching " if len(globs) > 1 else "the packs matching ") + ", ".join(map(repr, globs))


def fault_in_name(name: str) -> str:
    """What keeps `name` from being a commit's author, as a sentence; "" for a good one."""
    if not name or len(name) > MAX_NAME:
        return f"A name has 1 to {MAX_NAME} characters; this one has {len(name)}."
    # isprintable() also refuses line ends, NUL and the characters that turn the direction of the text.
    if not name.isprintable() or "<" in name or ">" in name:
        return f"A name has printable characters only, and neither '<' nor '>'; got {name!a}."
    if name != name.strip() or not any(character.isalnum() for character in name):
        return f"A name has a letter or digit in it, and no spaces around it; got {name!r}."
    return ""


def fault_in_email(email: str) -> str:
    """What keeps `email` from being a commit's author's, as a sentence; "" for a good one."""
    if len(email) <= MAX_EMAIL and email.isprintable() and _EMAIL.match(email):
        return ""
    return f"{email[:MAX_EMAIL]!a} is not an email address; write it like jane@example.com."


def fault_in_role(role: object) -> str:
    """What is wrong with `role`, as a sentence; "" for a good one."""
    return "" if role in ROLES else f"{role!r} is not a role; choose {', '.join(ROLES[:-1])} or {ROLES[-1]}."


def fault_in_glob(glob: str) -> str:
    """What keeps `glob` from matching any pack ref, as a sentence; "" for a good one."""
    if len(glob) <= MAX_GLOB and _GLOB.match(glob):
        return ""
    return f"{glob[:MAX_GLOB]!a} is not a glob for packs; write one like 'slack' or 'data_*'."


def fault_in_reach(glob: str) -> str:
    """As `fault_in_glob`, and also what no pack can have a name for, like a '[' that nothing closes."""
    fault = fault_in_glob(glob)
    if fault:
        return fault
    odd = (part for part in _IN_GLOB.findall(glob) if part not in "*?" and not _IN_REF.fullmatch(part))
    if all(any(fnmatchcase(letter, part) for letter in _REF_LETTERS) for part in odd):
        return ""
    return f"{glob!a} matches no pack; write a glob like 'slack' or 'data_*'."


def email_for(name: str) -> str:
    """An address for a principal that gave none: valid, different for different names, reaching nobody."""
    local = _NOT_LOCAL_PART.sub("-", name)[:_MAX_LOCAL].strip(".-")
    if local != name:
        mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        local = f"{local}-{mark}".lstrip("-")
    return f"{local}@{_NOWHERE}"
