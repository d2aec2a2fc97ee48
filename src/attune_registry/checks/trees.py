"""A template's text -> what it reads and uses, by Jinja2's syntax tree; never rendered."""

from jinja2 import nodes
from jinja2.exceptions import TemplateError, TemplateSyntaxError

from attune_registry.checks.expressions import GUARDS, METHODS, NAMING, Fault, Read, Template, Use
from attune_registry.checks.scopes import Names, inner
from attune_registry.checks.template_faults import fault_of
from attune_registry.checks.vocabulary import JINJA
from attune_registry.checks.words import Kind, Word


def parsed(text: str) -> Template:
    """What a template says, or why it does not parse."""
    try:
        tree = JINJA.parse(text)
    except TemplateSyntaxError as error:
        return Template(fault=fault_of(text, error))
    except (TemplateError, ValueError, OverflowError) as error:
        return Template(fault=Fault(str(error) or "it cannot be read", "", 0))
    except (RecursionError, MemoryError):
        return Template(fault=Fault("it is nested too deep", "break it into smaller expressions", 0))
    return _Reading().of(tree)


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
        elif isinstance(node, nodes.Call):
            return [(below, own) for below in self._call(node, own)]
        elif isinstance(node, nodes.Filter):
            self._filter(node)
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

    def _filter(self, node: nodes.Filter) -> None:
        self._guard(node.node, node.name in GUARDS)
        at = self._word(node.name, node.lineno, "filter")
        self._filters.append(Use(node.name, at))
        if node.name in NAMING:
            kind, index = NAMING[node.name]
            named = _text(node.args, index)
            if named:
                (self._filters if kind == "filter" else self._tests).append(Use(named, at))

    def _call(self, node: nodes.Call, own: Names) -> list[nodes.Node]:
        """`f(x)`, `a.b.items()` or `a.b.get('c')` as one read; what is given to it is looked at too."""
        called, *given = node.iter_child_nodes()
        if isinstance(called, nodes.Name):
            at = self._word(called.name, node.lineno)
            if called.name not in own:
                self._reads.append(Read(called.name, (), at, called=True))
            return given
        if isinstance(called, nodes.Getattr) and called.attr in METHODS:
            return [*self._chain(called.node, own, _text(node.args, 0) if called.attr == "get" else ""), *given]
        return [called, *given]

    def _chain(self, node: nodes.Expr, own: Names, got: str = "") -> list[nodes.Node]:
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
                got = ""
                below.append(node.arg)
            node = node.node
        if not isinstance(node, nodes.Name):
            return [node, *below]
        at = self._word(node.name, node.lineno)
        if node.name not in own:
            self._reads.append(Read(node.name, tuple(reversed(path)), at, got=got))
        return below


def _text(given: list[nodes.Expr], index: int) -> str:
    """The text that stands there among what is given, "" where there is none or it is worked out."""
    one = given[index] if index < len(given) else None
    return one.value if isinstance(one, nodes.Const) and isinstance(one.value, str) else ""
