"""Files for the fuzz: YAML that is damaged or hostile, under names and in kinds that nobody expects."""

import json
import os
import random
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import yaml

from . import odd_values
from .clone import workflow_text
from .odd_requests import PACK, WORKFLOW

_TAGS = (
    *("!!python/object/apply:os.system ['touch /tmp/proof-forged']", "!!python/name:os.system", "!!binary aGVsbG8="),
    *(
        "!!python/object/new:type [x, [], {}]",
        "!!set {a, b}",
        "!!timestamp 2001-01-01",
        "!custom x",
        "!<tag:x> y",
        "!!omap [a: 1]",
    ),
)
_REFERENCES = (
    "file:///etc/passwd",
    "http://127.0.0.1:9/x",
    "#",
    "#/properties/x",
    "../../registry/config.yaml",
    "x" * 999,
)
_PATTERNS = ("(a+)+$", "(?P<x", "[", "a{1,99999}", "(?!x)", "\\p{L}", "(.*)*(.*)*(.*)*x")
_NAMES = (
    *(
        b"a b.yaml",
        b"\xff\xfe.yaml",
        "caf\u00e9.yaml".encode(),
        "cafe\u0301.yaml".encode(),
        b"-rf.yaml",
        b"--help.yaml",
        b"...yaml",
    ),
    *(
        b".hidden.yaml",
        b"new\nline.yaml",
        b'quo"te.yaml',
        b"back\\slash.yaml",
        b"FIRST.yaml",
        b"first.yml",
        b"x.YAML",
        b"x.yaml.yaml",
    ),
    *(
        b"n" * 250 + b".yml",
        b"tab\t.yaml",
        b"$(id).yaml",
        b"%2e%2e.yaml",
        b"a.b..c.yaml",
        b"folder/deep.yaml",
        b"~",
        b"#x#.yaml",
    ),
)
_LINKS = (
    "/etc/passwd",
    "../../../../sibling/secret.yaml",
    "first.yaml",
    "self.yaml",
    "..",
    "/dev/zero",
    "nowhere",
    "/proc/self/mem",
)


class OddFile(NamedTuple):
    """Where it goes (below packs/) and how it is made there."""

    path: bytes
    make: Callable[[Path], None]


def odd_file(number: int, dice: random.Random) -> OddFile:
    """One of them; files of the same number get the same name, most often."""
    folder = dice.choice((b"demo/workflows", b"demo/workflows", b"demo/workflows", b"other/workflows", b"demo/actions"))
    path = folder + b"/f%d.yaml" % number
    kind = dice.random()
    if kind < 0.08:
        path = folder + b"/" + dice.choice(_NAMES)
    elif kind < 0.13:
        path = dice.choice(
            (b"demo%d/pack.yaml" % number, b"o dd/pack.yaml", b"UP/pack.yaml", b"nopack/workflows/x.yaml")
        )
    if dice.random() < 0.06:
        return OddFile(path, dice.choice((_link, _link, _folder, _fifo, _socket))(dice))
    text = content(dice, is_pack=path.endswith(b"pack.yaml"))
    return OddFile(path, lambda file: _write(file, text))


def content(dice: random.Random, *, is_pack: bool = False) -> bytes:
    """The bytes of one file."""
    good = PACK if is_pack else WORKFLOW
    kind = dice.random()
    if kind < 0.3:
        return _dumped(odd_values.damaged(good, dice), dice)
    if kind < 0.6:
        return odd_values.damaged_bytes(workflow_text("Fuzzed").encode(), dice)
    if kind < 0.7:
        return _dumped(odd_values.value(dice), dice)
    if kind < 0.75:
        return dice.randbytes(dice.randrange(2000))
    return dice.choice(_HOSTILE)(dice)


def _dumped(value: object, dice: random.Random) -> bytes:
    if dice.random() < 0.3:
        return json.dumps(value, indent=dice.choice((None, 2))).encode()
    style = dice.choice((None, True, False))
    return yaml.safe_dump(value, default_flow_style=style, allow_unicode=dice.random() < 0.5).encode(
        "utf-8", "surrogatepass"
    )


def _with(line: str) -> bytes:
    return (workflow_text("Hostile") + line + "\n").encode()


def _bomb(dice: random.Random) -> bytes:
    levels = dice.randrange(2, 40)
    lines = ["a0: &a0 [x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return _with("param_schema:\n  " + "\n  ".join(lines))


def _merge_bomb(dice: random.Random) -> bytes:
    lines = ["m0: &m0 {a: 1, b: 2}"]
    lines += [
        f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}], k{n}: 1}}" for n in range(1, dice.randrange(2, 30))
    ]
    return _with("out_schema:\n  " + "\n  ".join(lines))


def _deep(dice: random.Random) -> bytes:
    depth = dice.choice((50, 500, 5000, 60_000))
    if dice.random() < 0.5:
        return _with("out_schema: " + dice.choice(("[", "{a: ", "- ", "? ")) * depth)
    depth = min(depth, 1500)
    return _with("out_schema:\n" + "\n".join(" " * n + "a:" for n in range(1, depth)))


def _wide(dice: random.Random) -> bytes:
    size = dice.choice((1000, 20_000, 60_000))
    kinds = (
        "".join(f"\n  k{n}: {n}" for n in range(size)),
        " >\n  " + "long " * size * 5,
        " [" + "a," * size + "]",
        " &a x\n" * 3,
    )
    return _with("out_schema:" + dice.choice(kinds))


def _schema(dice: random.Random) -> bytes:
    schema = {
        "type": "object",
        "properties": {"x": {"$ref": dice.choice(_REFERENCES), "pattern": dice.choice(_PATTERNS)}},
    }
    return _with(yaml.safe_dump({"param_schema": schema}))


def _template(dice: random.Random) -> bytes:
    expression = dice.choice(
        (
            "{{ ''.__class__ }}",
            "{{ " + "(" * 3000 + " }}",
            "{% for a in b %}" * 200,
            "{{ x" + "|x" * 2000 + " }}",
            "{{ 9**9**9 }}",
        )
    )
    task = {"name": "t", "action": "core.noop", "timeout": 5, "input": {"x": expression}, "on_success": ["t", "t"]}
    return yaml.safe_dump(
        {"label": "T", "version": "1.0.0", "definition": {"tasks": [task] * dice.choice((1, 50))}}
    ).encode()


def _encoding(dice: random.Random) -> bytes:
    text = workflow_text("Encoded \u00e9 \U0001f4a5")
    return dice.choice((b"", b"\xef\xbb\xbf", b"\0", b"%YAML 9.9\n---\n", b"--- x\n--- y\n")) + text.encode(
        dice.choice(("utf-16", "utf-16-be", "utf-32", "utf-8", "utf-7")), "replace"
    ).replace(b"\n", dice.choice((b"\n", b"\r", b"\r\n", b"\n\t", b"\n\0", "\x85".encode())))


_HOSTILE: tuple[Callable[[random.Random], bytes], ...] = (
    *(_bomb, _merge_bomb, _deep, _wide, _schema, _schema, _template, _template, _encoding, _encoding),
    lambda dice: _with(f"description: {dice.choice(_TAGS)}"),
    lambda dice: _with(f"{dice.choice(_TAGS)}: x"),
    lambda dice: dice.choice(
        (b"", b"\n", b"---", b"...", b"*a", b"&a *a", b"&a [*a]", b"? ? ?", b"- - -", b"<<: *x", b"%", b"\t")
    ),
    lambda dice: b"x" * dice.choice((10, 3_000_000)),
)


def _write(file: Path, text: bytes) -> None:
    if file.is_symlink():
        # Writing would follow it, and some lead to files of the system's.
        file.unlink()
    file.write_bytes(text)


def _link(dice: random.Random) -> Callable[[Path], None]:
    target = dice.choice(_LINKS)
    return lambda file: file.symlink_to(target)


def _folder(dice: random.Random) -> Callable[[Path], None]:
    return lambda file: (file / "inside.yaml").mkdir(parents=True)


def _fifo(dice: random.Random) -> Callable[[Path], None]:
    return os.mkfifo


def _socket(dice: random.Random) -> Callable[[Path], None]:
    def make(file: Path) -> None:
        # The name of a socket may have 107 bytes; it is bound by a short one.
        short = Path(f"/proc/self/fd/{os.open(file.parent, os.O_RDONLY | os.O_CLOEXEC)}")
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(short / "s.yaml"))
        (short / "s.yaml").rename(file)
        os.close(int(short.name))

    return make
