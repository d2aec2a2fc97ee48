"""Values that programs trip over, and ways to damage good ones."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

TEXTS = (
    *(
        "\ud800",
        "",
        " ",
        "\0",
        "a\nb",
        "a\r\nb",
        "\u2028",
        "\ufeff",
        "é",
        "e\u0301",
        "💥",
        "\u202e",
        "\x7f",
        "\x85",
        "NaN",
        "null",
    ),
    *(
        "yes",
        "012",
        "1:30",
        "0x1F",
        "1e999",
        "=",
        "<<",
        "~",
        "!!python/object/apply:os.system ['id']",
        "&a",
        "*a",
        "%TAG",
    ),
    *("{{ 7 * 7 }}", "{% for x in range(10**9) %}x{% endfor %}", "{{ ''.__class__.__mro__ }}", "{{", "${IFS}", "$(id)"),
    *(
        "../../../etc/passwd",
        "..",
        ".",
        "/",
        "//etc",
        "demo/../../x",
        "demo.",
        ".demo",
        "a.b.c",
        "-rf",
        "--help",
        "CON",
    ),
    *("demo.first", "DEMO.first", "demo.First", "demo.first.yaml", "demo.a\0b", "x" * 300, "demo." + "y" * 300, "HEAD"),
)
NUMBERS = (0, -1, 1, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63), 1.5, -0.0, 1e-320, 1e308, True, False)


def scalar(dice: random.Random) -> Any:
    """Something odd that is not a container."""
    kind = dice.random()
    if kind < 0.5:
        return dice.choice(TEXTS)
    if kind < 0.8:
        return dice.choice(NUMBERS)
    return dice.choice((None, "".join(chr(dice.randrange(0x250)) for _ in range(dice.randrange(20)))))


def value(dice: random.Random, depth: int = 4) -> Any:
    """Any JSON value."""
    kind = dice.random()
    if depth == 0 or kind < 0.4:
        return scalar(dice)
    if kind < 0.7:
        return [value(dice, depth - 1) for _ in range(dice.randrange(5))]
    return {str(scalar(dice)): value(dice, depth - 1) for _ in range(dice.randrange(5))}


def damaged(good: Any, dice: random.Random) -> Any:
    """A copy of a JSON value with one to three things wrong."""
    bad = copy.deepcopy(good)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        spots = list(_spots(bad))
        if spots:
            holder, key = dice.choice(spots)
            dice.choice(_DAMAGES)(holder, key, dice)
    return bad


def damaged_bytes(good: bytes, dice: random.Random) -> bytes:
    """Bytes flipped, cut, doubled or put in."""
    bad = bytearray(good)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(bad) + 1)
        size = dice.randrange(1, 20)
        kind = dice.randrange(5)
        if kind == 0:
            bad[at:at] = dice.randbytes(size)
        elif kind == 1:
            del bad[at : at + size]
        elif kind == 2:
            bad[at:at] = bad[at : at + size]
        elif kind == 3:
            bad[at:at] = dice.choice(TEXTS).encode("utf-8", "surrogatepass")
        elif at < len(bad):
            bad[at] ^= 1 << dice.randrange(8)
    return bytes(bad)


def strange_json(dice: random.Random) -> bytes:
    """JSON that is none, or that few read alike."""
    return dice.choice(_STRANGE)(dice)


def _spots(holder: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    keys: Any = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
    for key in keys:
        found += [(holder, key), *_spots(holder[key])]
    return found


def _replace(holder: Any, key: Any, dice: random.Random) -> None:
    holder[key] = value(dice)


def _remove(holder: Any, key: Any, dice: random.Random) -> None:
    if isinstance(holder, dict):
        holder.pop(key, None)
    elif isinstance(key, int) and key < len(holder):
        del holder[key]


def _rename(holder: Any, key: Any, dice: random.Random) -> None:
    if isinstance(holder, dict) and key in holder:
        holder[dice.choice(TEXTS)] = holder.pop(key)


def _wrap(holder: Any, key: Any, dice: random.Random) -> None:
    if not isinstance(holder, dict) or key in holder:
        holder[key] = dice.choice(([holder[key]], {"x": holder[key]}, [holder[key]] * 3))


_DAMAGES: tuple[Callable[[Any, Any, random.Random], None], ...] = (_replace, _replace, _remove, _rename, _wrap)
_STRANGE: tuple[Callable[[random.Random], bytes], ...] = (
    lambda dice: b"[" * dice.randrange(100_000),
    lambda dice: b'{"definition":' * dice.randrange(1, 5000) + b"1" + b"}" * dice.randrange(5000),
    lambda dice: b'{"label":' + b"9" * dice.randrange(10_000) + b"}",
    lambda dice: b'{"label":"a","label":"b"}',
    lambda dice: b'{"version":' + dice.choice((b"NaN", b"Infinity", b"1e999", b"-0", b"01", b"1.", b"0x1")) + b"}",
    lambda dice: json.dumps({"label": "\ud800"}).encode(),
    lambda dice: b"\xef\xbb\xbf" + json.dumps({"label": "x"}).encode(),
    lambda dice: json.dumps({"label": "x"}).encode("utf-16"),
    lambda dice: b'{"label":"' + b"x" * dice.choice((10, 70_000, 1_100_000)) + b'"}',
    lambda dice: b'"' + b"\\u0000" * 50 + b'"',
    lambda dice: json.dumps({"definition": {f"k{n}": n for n in range(dice.randrange(20_000))}}).encode(),
    lambda dice: dice.choice((b"", b" ", b"null", b"true", b"[]", b'""', b"{}", b"{}{}", b"{", b"\x1f\x8b\x08")),
)
