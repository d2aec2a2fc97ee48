"""Query parameters, as values or refusals that name each of those that are wrong."""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import unquote_to_bytes

import falcon
from falcon.asgi import Request

from .. import errors
from ..checks.nearest import Guesses
from ..query import SORTS, Query

PAGING = ("page", "per_page")
FILTERS = ("tags", "enabled", "search", "sort")
_MAX_PER_PAGE = 100
_MOST_DIGITS = 15


class Given:
    """The parameters of a request, read as values inside a `with`: at its end, all that is wrong is refused at once.

    One that is wrong is read as if it were not there. What is not among those `known` is not passed over: it could
    have been meant to narrow what is asked for, or to keep a write from being made.
    """

    def __init__(self, req: Request, known: tuple[str, ...]) -> None:
        self._req = req
        # By their names: of each one refusal is enough.
        self._wrong = _unreadable(req)
        for name, refusal in _unknown(req, known):
            self._wrong.setdefault(name, refusal)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.refuse()

    def refuse(self) -> None:
        """Raise Invalid with all that is wrong, if there is anything."""
        _refuse(self._wrong)

    def one(self, name: str) -> str | None:
        """A parameter that may be given once; None when it is not there."""
        values = _values(self._req, name)
        if len(values) > 1:
            self.wrong(name, ", ".join(values), "given once")
            return None
        return values[0] if values else None

    def required(self, name: str, sentence: str) -> str:
        """A parameter that has to be there; the sentence says so where it is not."""
        if name not in self._req.params:
            detail = {"parameter": name, "pointer": "", "message": sentence}
            self._wrong[name] = errors.Invalid(sentence, code="MISSING_PARAMETER", details=[detail])
        return self.one(name) or ""

    def positive(self, name: str, default: int) -> int:
        """A parameter that is a number from 1."""
        text = self.one(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text) > 0):
            self.wrong(name, text, f"a whole number from 1, of at most {_MOST_DIGITS} digits")
            return default
        return int(text)

    def boolean(self, name: str) -> bool | None:
        """A parameter that is true or false; None when it is not there."""
        text = self.one(name)
        if text is None:
            return None
        if text.lower() not in ("true", "false"):
            self.wrong(name, text, "true or false")
        return text.lower() == "true"

    def paging(self) -> tuple[int, int]:
        """`page` and `per_page`, both from 1; more than 100 a page means 100."""
        return self.positive("page", 1), min(self.positive("per_page", 20), _MAX_PER_PAGE)

    def query(self, pack_ref: str | None) -> Query:
        """The filters and the order of a list, of one pack where there is a ref."""
        # "a, b" are the tags a and b, as people write it; but a tag may begin with a blank of its own.
        listed = {tag for value in _values(self._req, "tags") for tag in value.split(",")}
        tags = {tag for tag in listed | set(map(str.strip, listed)) if tag.strip()}
        asked = self.one("sort")
        sort = "ref" if asked is None else asked
        if sort.removeprefix("-") not in SORTS:
            self.wrong("sort", sort, f"one of {', '.join(SORTS)}, with '-' in front for descending")
        return Query(
            tags=tuple(sorted(tags)),
            enabled=self.boolean("enabled"),
            search=self.one("search") or "",
            pack_ref=pack_ref or None,
            sort=sort.removeprefix("-"),
            descending=sort.startswith("-"),
        )

    def wrong(self, name: str, value: str, wanted: str) -> None:
        """Have a parameter's value refused."""
        self._wrong.setdefault(name, bad_parameter(name, value, wanted))


def revision(req: Request) -> str:
    """What `at` says, which everything else is read after; "" when it is not there. Raises Invalid."""
    values = _values(req, "at")
    if "at" in _unreadable(req):
        refuse_unreadable(req)
    if len(values) > 1:
        raise bad_parameter("at", ", ".join(values), "given once")
    return values[0] if values else ""


def target(req: Request) -> tuple[str | None, bool]:
    """`proposal` (the one that a write goes to, None for the branch served) and `dry_run`. Raises Invalid."""
    with Given(req, ("proposal", "dry_run")) as given:
        return given.one("proposal"), given.boolean("dry_run") or False


def refuse_unreadable(req: Request) -> None:
    """Raise Invalid for parameters that are no UTF-8, where nothing else about them matters."""
    _refuse(_unreadable(req))


def bad_parameter(name: str, value: str, wanted: str) -> errors.Invalid:
    """The refusal of a parameter's value."""
    return errors.Invalid(
        f"The parameter '{name}' cannot be {value!r}; it has to be {wanted}.",
        code="INVALID_PARAMETER",
        details=[{"parameter": name, "pointer": "", "message": f"has to be {wanted}"}],
    )


def _values(req: Request, name: str) -> list[str]:
    value = req.params.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _refuse(wrong: Mapping[str, errors.Invalid]) -> None:
    found = list(wrong.values())
    if len(found) == 1:
        raise found[0]
    if found:
        details = [detail for one in found for detail in one.details]
        raise errors.Invalid(f"The query has {len(found)} problems; see details.", code=found[0].code, details=details)


def _unreadable(req: Request) -> dict[str, errors.Invalid]:
    """A refusal for each parameter that is no UTF-8, of which falcon has replaced what it could not read."""
    found = {}
    for field in req.query_string.split("&") if "%" in req.query_string else ():
        try:
            unquote_to_bytes(field).decode()
        except UnicodeDecodeError:
            name, _, value = map(falcon.uri.decode, field.partition("="))
            found[name] = bad_parameter(name, value, "UTF-8")
    return found


def _unknown(req: Request, known: tuple[str, ...]) -> Iterator[tuple[str, errors.Invalid]]:
    guesses = Guesses()
    for name in req.params:
        if name not in known:
            hint = guesses.did_you_mean(name, known) or (f"there are {', '.join(known)}." if known else "leave it out.")
            message = f"There is no parameter '{name}' here; {hint}"
            detail = {"parameter": name, "pointer": "", "message": message}
            yield name, errors.Invalid(message, code="INVALID_PARAMETER", details=[detail])
