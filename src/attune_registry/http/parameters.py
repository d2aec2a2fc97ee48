"""Query parameters and conditional headers, as values or refusals that name the parameter."""

import re

from falcon.asgi import Request

from .. import errors
from ..checks.nearest import did_you_mean
from ..query import SORTS, Query
from ..writing.requests import Conditions

PAGING = ("page", "per_page")
FILTERS = ("tags", "enabled", "search", "sort")
_MAX_PER_PAGE = 100
_MOST_DIGITS = 15
_ETAG = re.compile(r'\s*(W/)?"([^"]*)"\s*(?:,|\Z)|\s*(\*)\s*\Z')


def paging(req: Request) -> tuple[int, int]:
    """`page` and `per_page`, both from 1; more than 100 a page means 100."""
    return positive(req, "page", 1), min(positive(req, "per_page", 20), _MAX_PER_PAGE)


def query(req: Request, pack_ref: str | None = None) -> Query:
    """The filters and the order of a list. Raises Invalid."""
    tags = tuple(tag for value in _values(req, "tags") for tag in map(str.strip, value.split(",")) if tag)
    sort = one(req, "sort") or "ref"
    if sort.removeprefix("-") not in SORTS:
        raise bad_parameter("sort", sort, f"one of {', '.join(SORTS)}, with '-' in front for descending")
    return Query(
        tags=tuple(sorted(set(tags))),
        enabled=boolean(req, "enabled"),
        search=one(req, "search") or "",
        pack_ref=pack_ref or one(req, "pack_ref") or None,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
    )


def boolean(req: Request, name: str) -> bool | None:
    """A parameter that is true or false; None when it is not there. Raises Invalid."""
    text = one(req, name)
    if text is None:
        return None
    if text.lower() not in ("true", "false"):
        raise bad_parameter(name, text, "true or false")
    return text.lower() == "true"


def target(req: Request) -> tuple[str | None, bool]:
    """`proposal` (the one that a write goes to, None for the branch served) and `dry_run`. Raises Invalid.

    A write is not made with a parameter that is not known: it could have been meant to keep it from being made.
    """
    refuse_unknown(req, ("proposal", "dry_run"))
    return one(req, "proposal"), boolean(req, "dry_run") or False


def refuse_unknown(req: Request, known: tuple[str, ...]) -> None:
    """Raise Invalid for the first parameter that is not one of these."""
    for name in req.params:
        if name not in known:
            hint = did_you_mean(name, known) or (f"there are {', '.join(known)}." if known else "leave it out.")
            message = f"There is no parameter '{name}' here; {hint}"
            detail = {"parameter": name, "pointer": "", "message": message}
            raise errors.Invalid(message, code="INVALID_PARAMETER", details=[detail])


def bad_parameter(name: str, value: str, wanted: str) -> errors.Invalid:
    """The refusal of a parameter's value."""
    return errors.Invalid(
        f"The parameter '{name}' cannot be {value!r}; it has to be {wanted}.",
        code="INVALID_PARAMETER",
        details=[{"parameter": name, "pointer": "", "message": f"has to be {wanted}"}],
    )


def conditions(req: Request) -> Conditions:
    """`If-Match` and `If-None-Match` of a write. Raises Invalid for what cannot be read."""
    return Conditions(_etags_in(req, "If-Match"), _etags_in(req, "If-None-Match"))


def _etags_in(req: Request, name: str) -> tuple[str, ...]:
    header = req.get_header(name)
    return etags(header, name) if header is not None else ()


def etags(header: str, name: str) -> tuple[str, ...]:
    """The ETags of a header, without quotes; weak ones, which If-Match knows none of, are marked (RFC 9110, 13.1.1)."""
    found = []
    at = 0
    while at < len(header):
        part = _ETAG.match(header, at)
        if part is None:
            raise errors.Invalid(f"{name} has to be a list of quoted ETags, or '*'.", code="INVALID_HEADER")
        found.append(part[3] or (part[1] or "") + part[2])
        at = part.end()
    if not found:
        raise errors.Invalid(f"{name} is empty; send an ETag in quotes, or '*'.", code="INVALID_HEADER")
    return tuple(found)


def positive(req: Request, name: str, default: int) -> int:
    """A parameter that is a number from 1. Raises Invalid."""
    text = one(req, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text) > 0):
        raise bad_parameter(name, text, f"a whole number from 1, of at most {_MOST_DIGITS} digits")
    return int(text)


def one(req: Request, name: str) -> str | None:
    """A parameter that may be given once; None when it is not there. Raises Invalid."""
    values = _values(req, name)
    if len(values) > 1:
        raise bad_parameter(name, ", ".join(values), "given once")
    return values[0] if values else None


def _values(req: Request, name: str) -> list[str]:
    value = req.params.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
