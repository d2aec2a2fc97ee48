"""What the server says of itself, on standard error: for people on a terminal, JSON lines when piped."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote_plus

import structlog

LEVELS = ("debug", "info", "warning", "error")
_SECRET = ("authorization", "token", "secret", "password", "cookie")
_REMOVED = "[removed]"
_PARAMETER = re.compile(r"(?<=[?&;])([^?=&;]*)=([^&;]*)")
# The registry's own, a JWT ('{"' in base64 is "eyJ"), and what is meant for the header.
_TOKEN = re.compile(r"art_|eyJ|bearer", re.IGNORECASE)


def configure_logs(level: str) -> None:
    """Send all logs, structlog's and the standard library's, one way: to standard error, from `level` up."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(sys.stderr.isatty()))
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for chatty in ("git", "watchdog", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def without_secrets(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event with what may let somebody in taken out of it."""
    for key in event:
        if any(word in key.lower() for word in _SECRET):
            event[key] = _REMOVED
    return event


def without_tokens(address: str) -> str:
    """A request's address without what may let somebody in: it belongs in a header, and some try the query."""
    return _PARAMETER.sub(_told, address)


def _told(parameter: re.Match[str]) -> str:
    name, value = parameter.groups()
    is_secret = any(word in unquote_plus(name).lower() for word in _SECRET)
    return f"{name}={_REMOVED}" if is_secret or _TOKEN.match(unquote_plus(value)) else parameter[0]


def _rendering(is_terminal: bool) -> list[structlog.types.Processor]:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if is_terminal:
        return [remove, structlog.dev.ConsoleRenderer()]
    return [remove, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
