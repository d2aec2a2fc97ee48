"""Load for reads: wrk where there is one, else a client of our own; 16 connections kept alive."""

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from typing import NamedTuple

from .measures import percentile

CONNECTIONS = 16
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class Load(NamedTuple):
    """What came of it: requests answered per second, and the 99th percentile of their latency in ms."""

    rate: float
    p99: float


def load(port: int, path: str, headers: Mapping[str, str], seconds: float) -> Load:
    """As many requests as the server answers. Raises RuntimeError for any answer that is neither 2xx nor 3xx."""
    if shutil.which("wrk"):
        return parse_wrk(_wrk(port, path, headers, seconds))
    return own_load(port, path, headers, seconds)


def parse_wrk(output: str) -> Load:
    """What `wrk --latency` says."""
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(f"Not all was well:\n{output}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", output)
    if not rate or not p99:
        raise RuntimeError(f"wrk said something else:\n{output}")
    return Load(float(rate[1]), float(p99[1]) * _UNITS[p99[2]])


def _wrk(port: int, path: str, headers: Mapping[str, str], seconds: float) -> str:
    sent = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    options = ("-t", "1", "-c", str(CONNECTIONS), "-d", f"{max(round(seconds), 1)}s", "--latency", "--timeout", "60s")
    command = ("wrk", *options, *sent, f"http://127.0.0.1:{port}{path}")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def own_load(port: int, path: str, headers: Mapping[str, str], seconds: float) -> Load:
    """The same by our own client always: the latencies as they were, of which wrk makes others for what stood still."""
    return asyncio.run(_own(port, path, headers, seconds))


async def _own(port: int, path: str, headers: Mapping[str, str], seconds: float) -> Load:
    fixed = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fixed}\r\n".encode()
    until = time.perf_counter() + seconds
    latencies = await asyncio.gather(*(_ask_until(port, request, until) for _ in range(CONNECTIONS)))
    together = [latency for own in latencies for latency in own]
    return Load(len(together) / seconds, percentile(together, 0.99) * 1000)


async def _ask_until(port: int, request: bytes, until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies = []
    while (begun := time.perf_counter()) < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if head[9:10] not in (b"2", b"3"):
            raise RuntimeError(f"Not all was well:\n{head.decode(errors='replace')}")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        if length and head[9:12] != b"304":
            await reader.readexactly(int(length[1]))
        latencies.append(time.perf_counter() - begun)
    writer.close()
    return latencies
