"""Who may do what: `registry/access.yaml` as principals, and what is wrong in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple

from .. import errors
from ..layout import ACCESS_PATH
from ..pointers import join, pointer, split
from ..yamldoc.document import LOADABLE_DESPITE, Document, parse
from .principals import (
    EVERY_PACK,
    ROLES,
    Principal,
    email_for,
    fault_in_email,
    fault_in_glob,
    fault_in_name,
    fault_in_reach,
)

_FIELDS = ("role", "email", "packs")
_SECTIONS = ("principals", "default")
# What these rules find wrong in an entry leaves the others as they are.
_WITHIN_AN_ENTRY = LOADABLE_DESPITE | {"yaml-key", "yaml-number", "yaml-tag"}


class RosterProblem(NamedTuple):
    """Something wrong in the file, and where: line and column from 1."""

    message: str
    line: int
    column: int


class _Fault(NamedTuple):
    message: str
    pointer: str
    at_key: bool = False
    # A part that does nothing is told of, and takes nothing from what the entry gives besides.
    keeps_out: bool = True


@dataclass(frozen=True, slots=True)
class Roster:
    """The logins and what they may do; None is for a login that is kept out (role none, or a broken entry)."""

    principals: Mapping[str, Principal | None] = field(default_factory=dict)
    default: Literal["reader"] | None = None

    def principal(self, login: str) -> Principal:
        """Who logs in as `login`; Forbidden, with a sentence saying what to add where, for nobody."""
        if login in self.principals:
            listed = self.principals[login]
            if listed is not None:
                return listed
            raise errors.Forbidden(
                f"{ACCESS_PATH} gives the login {login!r} no role; ask an admin of this registry to change that.",
                details=[{"principal": login, "role": "none"}],
            )
        if self.default is not None:
            return Principal(login, email_for(login), self.default, is_login=True)
        raise errors.Forbidden(
            f"The login {login!r} is not in {ACCESS_PATH}; ask an admin of this registry to add it there.",
            details=[{"principal": login, "role": "none"}],
        )


NOBODY = Roster()


def parse_roster(raw: bytes | None) -> tuple[Roster, list[RosterProblem]]:
    """The roster that the bytes of `registry/access.yaml` give, and all that is wrong in them, by position.

    No file lets nobody in, and neither does one that is not YAML; an entry that is wrong keeps only its own
    login out (also where the default would let it in), and no other. A glob that matches no pack is a problem, too, and
    leaves the entry what it gives besides.
    """
    if raw is None:
        return NOBODY, []
    document = parse(raw, despite=_WITHIN_AN_ENTRY)
    if _says_nothing(document):
        return NOBODY, []
    faults: list[_Fault] = []
    roster = _roster(document.data, faults) if document.loadable else NOBODY
    problems = [RosterProblem(fault.message, *_place(document, fault)) for fault in faults]
    for finding in document.faults:
        line, column = finding.at or document.position(finding.pointer, key=finding.at_key)
        problems.append(RosterProblem("; ".join(filter(None, (finding.message, finding.hint))), line, column))
        if finding.rule != "yaml-surprise":
            roster = _without(roster, document, split(finding.pointer))
    return roster, sorted(problems, key=lambda problem: (problem.line, problem.column, problem.message))


def _says_nothing(document: Document) -> bool:
    """True for a file that is empty but for comments; one that is too large has not been read."""
    if any(finding.rule == "yaml-limit" for finding in document.faults):
        return False
    return all(not line or line.startswith("#") for line in map(str.strip, document.text.splitlines()))


def _without(roster: Roster, document: Document, steps: list[str]) -> Roster:
    """The roster without the entry in which something is wrong, as nobody can say what was meant."""
    # What aliases stand for is told of once, and may be part of any entry.
    if len(steps) < 2 or steps[0] != "principals" or document.has_aliases():
        return NOBODY
    return replace(roster, principals={**roster.principals, steps[1]: None})


def _place(document: Document, fault: _Fault) -> tuple[int, int]:
    found = document.position(fault.pointer, key=fault.at_key)
    return found.line, found.column


def _roster(data: Any, faults: list[_Fault]) -> Roster:
    if data is None:
        return NOBODY
    if not isinstance(data, dict):
        faults.append(_Fault(f"{ACCESS_PATH} is a mapping with {' and '.join(_SECTIONS)}.", ""))
        return NOBODY
    faults += _unknown_keys(data, _SECTIONS, "")
    entries = data.get("principals")
    if entries is not None and not isinstance(entries, dict):
        faults.append(_Fault("'principals' is a mapping from logins to what they may do.", "/principals"))
        entries = None
    listed = {login: _listed(login, entry, faults) for login, entry in (entries or {}).items()}
    return Roster(listed, _default(data.get("default", "none"), faults))


def _default(value: object, faults: list[_Fault]) -> Literal["reader"] | None:
    if value not in ("reader", "none"):
        faults.append(_Fault(f"'default' is reader or none, not {value!r}; none is assumed.", "/default"))
    return "reader" if value == "reader" else None


def _listed(login: str, entry: Any, faults: list[_Fault]) -> Principal | None:
    """The principal of one entry; None, with faults where it is wrong, when it lets nobody in."""
    place = pointer("principals", login)
    if not isinstance(entry, dict):
        faults.append(_Fault(f"{login!r} needs a mapping with role, and email and packs if you like.", place))
        return None
    said, email, packs = entry.get("role"), entry.get("email"), entry.get("packs")
    role = next((role for role in ROLES if role == said), None)
    found = _unknown_keys(entry, _FIELDS, place)
    name_fault = fault_in_name(login)
    if name_fault:
        found.append(_Fault(name_fault, place, at_key=True))
    if role is None and said != "none":
        found.append(_fault_in_role(entry, place))
    if email is not None:
        found += _faults_in_email(email, join(place, ["email"]))
    if packs is not None:
        found += _faults_in_packs(packs, join(place, ["packs"]))
    faults += found
    if role is None or any(fault.keeps_out for fault in found):
        return None
    reach = EVERY_PACK if packs is None else tuple(packs)
    return Principal(login, email or email_for(login), role, reach, is_login=True)


def _fault_in_role(entry: Mapping[str, Any], place: str) -> _Fault:
    choice = f"choose {', '.join(ROLES)} or none."
    if "role" not in entry:
        return _Fault(f"The role is missing; {choice}", place, at_key=True)
    return _Fault(f"{entry['role']!r} is not a role; {choice}", join(place, ["role"]))


def _faults_in_email(email: object, place: str) -> list[_Fault]:
    fault = fault_in_email(email) if isinstance(email, str) else f"An email is a string, not {email!r}."
    return [_Fault(fault, place)] if fault else []


def _faults_in_packs(packs: object, place: str) -> list[_Fault]:
    if not isinstance(packs, list):
        return [_Fault("'packs' is a list of globs, like [slack, 'data_*'].", place)]
    faults = (_fault_in_pack(glob, join(place, [index])) for index, glob in enumerate(packs))
    return [fault for fault in faults if fault]


def _fault_in_pack(glob: object, place: str) -> _Fault | None:
    if not isinstance(glob, str):
        return _Fault(f"A glob is a string, not {glob!r}.", place)
    if fault := fault_in_glob(glob):
        return _Fault(fault, place)
    dead = fault_in_reach(glob)
    return _Fault(dead, place, keeps_out=False) if dead else None


def _unknown_keys(entry: Mapping[str, Any], known: tuple[str, ...], place: str) -> list[_Fault]:
    faults = []
    for key in entry:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
            faults.append(_Fault(f"Unknown key {key!r}; {hint}", join(place, [key]), at_key=True))
    return faults
