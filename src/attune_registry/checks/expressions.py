"""A template's text -> what it reads and calls, or why it does not parse; never rendered."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateError, TemplateSyntaxError

from attune_registry.checks.scopes import Names, inner
from attune_registry.checks.shapes import shape_of
from attune_registry.checks.words import Kind, Word, offsets

_ENVIRONMENT = Environment(autoescape=True)
_MARKS = ("{{", "{%", "{#")
# What most people write: `{{ a.b['c'][0] | filter('text', 1) }}`; anything else goes to Jinja2 itself.
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_PATH = rf"{_NAME}(?:\.{_NAME}|\[{_NUMBER}\]|\['[^'\\{{}}]*'\])*+"
_LITERAL = rf"(?:'[^'\\{{}}]*'|{_NUMBER})"
_FILTER = rf"[ \t\n]*\|[ \t\n]*{_NAME}(?:\([ ]*(?:{_LITERAL}(?:[ ]*,[ ]*{_LITERAL})*+)?[ ]*\))?+"
_PLAIN = re.compile(rf"(?<!\{{)\{{\{{-?[ \t\n]*({_PATH})((?:{_FILTER})*+)[ \t\n]*-?\}}\}}")
_DOTTED = re.compile(rf"\{{\{{ ({_NAME}(?:\.{_NAME})*+) \}}\}}")
_STEP = re.compile(rf"\.({_NAME})|\[([0-9]+)\]|\['([^']*)'\]")
_BEFORE_PATH = re.compile(r"[.\[]")
_QUOTED = re.compile(r"'[^']*'")
_FILTER_NAME = re.compile(rf"\|[ \t\n]*({_NAME})")
_RESERVED = frozenset(("and", "else", "elif", "if", "in", "is", "not", "or", "true", "false", "none"))
_LONGEST_KEPT = 4096
_GUARDS = ("default", "d")
_OPENING = re.compile(r"\{\{|\{%|\{#")


class Read(NamedTuple):
    """A name that a template reads, what it takes from it (`a.b[0].c`: a, then b, 0, c), and where.

    `guarded` says that the template minds that it may not be there (`default`, `is defined`).
    """

    name: str
    path: tuple[str | int, ...]
    offset: int
    called: bool = False
    guarded: bool = False


class Use(NamedTuple):
    """A filter or a test by name, and where."""

    name: str
    offset: int


class Fault(NamedTuple):
    """Why a template does not parse, what to do about it, and where."""

    message: str
    hint: str
    offset: int


class Template(NamedTuple):
    """What is to be known about a template.

    Where it has `words`, an offset is the number of one of those until `located` has looked for them in the text.
    """

    reads: tuple[Read, ...] = ()
    filters: tuple[Use, ...] = ()
    tests: tuple[Use, ...] = ()
    fault: Fault | None = None
    words: tuple[Word, ...] = ()


def is_template(text: str) -> bool:
    """True for text that Jinja2 would not leave as it is."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


def analysed(text: str) -> Template:
    """What the template `text` reads and uses."""
    if len(text) > _LONGEST_KEPT:
        return _plainly(text) or _parsed(text)
    return _dotted(text) or _kept(text)


@lru_cache(maxsize=4096)
def _kept(text: str) -> Template:
    return _plainly(text) or _by_shape(text) or _parsed(text)


def _dotted(text: str) -> Template | None:
    """The answer where there is nothing but texts and `{{ a.b.c }}`, None where there is more."""
    parts = _DOTTED.split(text)
    if len(parts) == 1:
        return None
    reads = []
    offset = 0
    for at in range(1, len(parts), 2):
        before, written = parts[at - 1], parts[at]
        known = _named(written)
        if known is None or "{" in before:
            return None
        offset += len(before) + 3
        reads.append(Read(known[0], known[1], offset))
        offset += len(written) + 3
    return None if "{" in parts[-1] else Template(tuple(reads))


@lru_cache(maxsize=8192)
def _named(written: str) -> tuple[str, tuple[str, ...]] | None:
    """The name and the steps of a path with dots, None where the name is a word of Jinja2's."""
    name, *steps = written.split(".")
    return None if name.lower() in _RESERVED else (name, tuple(steps))


def _by_shape(text: str) -> Template | None:
    """What Jinja2 said of a template that differs from this one in nothing but names and texts, None without one."""
    shape = shape_of(text)
    if shape is None:
        return None
    said = _shaped(shape.text)
    return said and _renamed(said, shape.names)


@lru_cache(maxsize=4096)
def _shaped(shape: str) -> Template | None:
    try:
        return _Reading().of(_ENVIRONMENT.parse(shape))
    except (TemplateError, ValueError, OverflowError, RecursionError):
        return None


def _plainly(text: str) -> Template | None:
    """The answer where all of it is plain, None where it takes Jinja2 to tell."""
    if "{%" in text:
        return None
    rest = _PLAIN.sub(" ", text)
    if any(mark in rest for mark in _MARKS):
        return None
    reads: list[Read] = []
    filters: list[Use] = []
    for match in _PLAIN.finditer(text):
        written, piped = match.group(1, 2)
        name = _BEFORE_PATH.split(written, 1)[0]
        if name.lower() in _RESERVED:
            return None
        used = _filters(piped, match.start(2)) if piped else []
        filters += used
        guarded = any(use.name in _GUARDS for use in used[:1])
        reads.append(Read(name, _path(written, len(name)), match.start(1), guarded=guarded))
    return Template(tuple(reads), tuple(filters))


def _filters(piped: str, start: int) -> list[Use]:
    without_texts = _QUOTED.sub(lambda text: " " * len(text[0]), piped)
    return [Use(use[1], start + use.start(1)) for use in _FILTER_NAME.finditer(without_texts)]


def _path(written: str, start: int) -> tuple[str | int, ...]:
    if len(written) == start:
        return ()
    steps = _STEP.finditer(written, start)
    return tuple(int(step[2]) if step[2] else step[1] or step[3] for step in steps)


def _parsed(text: str) -> Template:
    try:
        tree = _ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        return Template(fault=_fault(text, error))
    except (TemplateError, ValueError, OverflowError) as error:
        return Template(fault=Fault(str(error) or "it cannot be read", "", 0))
    except (RecursionError, MemoryError):
        return Template(fault=Fault("it is nested too deep", "break it into smaller expressions", 0))
    return _Reading().of(tree)


def _fault(text: str, error: TemplateSyntaxError) -> Fault:
    offset = _culprit(text, error.lineno)
    return Fault((error.message or "it does not parse").rstrip("."), _hint(error.message or ""), offset)


def _hint(message: str) -> str:
    for part, hint in _HINTS:
        if part in message:
            return hint
    return ""


_HINTS = (
    ("expected token 'end of print statement', got", "an operator is missing, or the }} that ends the expression"),
    ("got 'end of print statement'", "something is missing before the }}"),
    ("unexpected 'end of print statement'", "something is missing before the }}"),
    ("end of print statement", "an expression ends with }}"),
    ("unexpected '}', expected", "close the bracket before the }}"),
    ("unexpected '}'", "an expression ends with }}"),
    ("Missing end of comment tag", "{# starts a comment in Jinja2; as text it is written {{ '{#' }}"),
    ("Unexpected end of template", "close the block with its {% end... %}"),
    ("unknown tag 'end", "nothing that it could end is open"),
    ("unknown tag", "Jinja2 knows for, if, set, macro, filter, with, raw and a few more"),
    ("unexpected char '\"'", "a quote is not closed"),
    ('unexpected char "\'"', "a quote is not closed"),
    ("unexpected char", "Jinja2 has no such character in an expression"),
)


def _culprit(text: str, lineno: int) -> int:
    """Where the expression or block starts that the parser stumbled over in a line, counted from 1."""
    lines = text.splitlines(keepends=True)
    start = sum(map(len, lines[: lineno - 1]))
    end = start + len(lines[lineno - 1]) if lineno <= len(lines) else len(text)
    openings = [match.start() for match in _OPENING.finditer(text, start, end)]
    if not openings:
        before = [match.start() for match in _OPENING.finditer(text, 0, start)]
        return before[-1] if before else start
    for here, after in zip(openings, [*openings[1:], end], strict=True):
        if text.startswith("{{", here) and _fails(text[here:after]):
            return here
    return openings[0]


def _fails(piece: str) -> bool:
    try:
        _ENVIRONMENT.parse(piece)
    except (TemplateError, ValueError, OverflowError, RecursionError):
        return True
    return False


def _renamed(said: Template, names: Mapping[str, str]) -> Template:
    """The same with other names for those that stand in for them; what is a name here is one there, too."""
    reads = []
    for read in said.reads:
        path = tuple(names.get(step, step) if isinstance(step, str) else step for step in read.path)
        reads.append(read._replace(name=names.get(read.name, read.name), path=path))
    filters = tuple(use._replace(name=names.get(use.name, use.name)) for use in said.filters)
    tests = tuple(use._replace(name=names.get(use.name, use.name)) for use in said.tests)
    words = tuple((kind, names.get(name, name), line) for kind, name, line in said.words)
    return Template(tuple(reads), filters, tests, words=words)


def located(template: Template, text: str) -> Template:
    """The template `text` with the characters at which things stand: only what is told to somebody has to know."""
    if not template.words:
        return template
    at = offsets(template.words, text, _ENVIRONMENT)
    return Template(
        tuple(read._replace(offset=at[read.offset]) for read in template.reads),
        tuple(use._replace(offset=at[use.offset]) for use in template.filters),
        tuple(use._replace(offset=at[use.offset]) for use in template.tests),
    )


class _Reading:
    """Collects reads, filters and tests of one syntax tree; names that the template sets itself are its own."""

    def __init__(self) -> None:
        self._words: list[Word] = []
        self._reads: list[Read] = []
        self._filters: list[Use] = []
        self._tests: list[Use] = []
        self._guarded: set[str] = set()

    def of(self, tree: nodes.Template) -> Template:
        """What `tree` reads and uses."""
        pending: list[tuple[nodes.Node, Names]] = [(tree, frozenset())]
        while pending:
            pending.extend(reversed(self._look(*pending.pop())))
        reads = tuple(read._replace(guarded=read.name in self._guarded) for read in self._reads)
        return Template(reads, tuple(self._filters), tuple(self._tests), words=tuple(self._words))

    def _look(self, node: nodes.Node, own: Names) -> list[tuple[nodes.Node, Names]]:
        """Note what a node says where the template's `own` names are known; what is still to be looked at."""
        if isinstance(node, nodes.Name):
            at = self._word(node.name, node.lineno)
            if node.ctx == "load" and node.name not in own:
                self._reads.append(Read(node.name, (), at))
        elif isinstance(node, (nodes.Getattr, nodes.Getitem)):
            return [(below, own) for below in self._chain(node, own)]
        elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
            name = node.node.name
            at = self._word(name, node.lineno)
            if name not in own:
                self._reads.append(Read(name, (), at, called=True))
            return [(child, own) for child in node.iter_child_nodes() if child is not node.node]
        elif isinstance(node, nodes.Filter):
            self._guard(node.node, node.name in _GUARDS)
            self._filters.append(Use(node.name, self._word(node.name, node.lineno, "filter")))
        elif isinstance(node, nodes.Test):
            self._guard(node.node, node.name in ("defined", "undefined", "none"))
            self._tests.append(Use(node.name, self._word(node.name, node.lineno, "test")))
        return list(inner(node, own))

    def _word(self, name: str, line: int, kind: Kind = "name") -> int:
        """The number of a word that is come across. Those that are not read are counted too: all have their turns."""
        self._words.append((kind, name, line))
        return len(self._words) - 1

    def _guard(self, node: nodes.Node | None, guards: bool) -> None:
        while guards and isinstance(node, (nodes.Getattr, nodes.Getitem)):
            node = node.node
        if guards and isinstance(node, nodes.Name):
            self._guarded.add(node.name)

    def _chain(self, node: nodes.Expr, own: Names) -> list[nodes.Node]:
        """`a.b[0].c` as one read; what an index reads is looked at too."""
        path: list[str | int] = []
        below: list[nodes.Node] = []
        while isinstance(node, (nodes.Getattr, nodes.Getitem)):
            if isinstance(node, nodes.Getattr):
                path.append(node.attr)
            elif isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, (str, int)):
                path.append(node.arg.value)
            else:
                path.clear()
                below.append(node.arg)
            node = node.node
        if not isinstance(node, nodes.Name):
            return [node, *below]
        at = self._word(node.name, node.lineno)
        if node.name not in own:
            self._reads.append(Read(node.name, tuple(reversed(path)), at))
        return below
