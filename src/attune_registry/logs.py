"""What the server says of itself, on standard error: for people on a terminal, JSON lines when piped."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

LEVELS = ("debug", "info", "warning", "error")
_SECRET = ("authorization", "token", "secret", "password", "cookie")


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
            event[key] = "[removed]"
    return event


def _rendering(is_terminal: bool) -> list[structlog.types.Processor]:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if is_terminal:
        return [remove, structlog.dev.ConsoleRenderer()]
    return [remove, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
