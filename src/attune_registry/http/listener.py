"""The socket that a server listens on, and the address it has."""

import socket
from typing import Any

from ..errors import Unavailable

_Found = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address (port 0: any free one). Raises Unavailable (CANNOT_LISTEN)."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = _bound(found)
    except OSError as error:
        raise Unavailable(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another with --host and --port.",
            code="CANNOT_LISTEN",
        ) from error
    return listener


def _bound(found: _Found) -> socket.socket:
    family, kind, protocol, _, address = found
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def address_of(listener: socket.socket) -> str:
    """The URL of a socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
