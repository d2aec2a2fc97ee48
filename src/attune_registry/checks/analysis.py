"""A template's text -> what it reads and calls, or why it does not parse: the quickest way that can tell."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from attune_registry.checks.expressions import Template
from attune_registry.checks.plain_templates import dotted, plainly
from attune_registry.checks.shapes import essentials, shape_of
from attune_registry.checks.trees import parsed
from attune_registry.checks.vocabulary import JINJA
from attune_registry.checks.words import offsets

_LONGEST_KEPT = 4096


def analysed(text: str) -> Template:
    """What the template `text` reads and uses."""
    if len(text) > _LONGEST_KEPT:
        return plainly(text) or parsed(text)
    return dotted(text) or _kept(text)


def glances(text: str) -> Iterable[Template]:
    """What the parts of a template read and use; a part does not know what others guard, nor where it is in the text.

    Where one of them has a fault, the text may have none.
    """
    parts = essentials(text) if len(text) <= _LONGEST_KEPT else None
    return (analysed(text),) if parts is None else map(_glance, parts)


@lru_cache(maxsize=8192)
def _glance(expression: str) -> Template:
    return dotted(expression) or _told(expression)


@lru_cache(maxsize=4096)
def _kept(text: str) -> Template:
    return _told(text)


def _told(text: str) -> Template:
    return plainly(text) or by_shape(text) or parsed(text)


def by_shape(text: str) -> Template | None:
    """What Jinja2 said of a template that differs from this one in nothing but names and texts, None without one."""
    shape = shape_of(text)
    if shape is None:
        return None
    said = _shaped(shape.text)
    return said and _renamed(said, shape.names)


@lru_cache(maxsize=4096)
def _shaped(shape: str) -> Template | None:
    said = parsed(shape)
    return None if said.fault else said


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
    at = offsets(template.words, text, JINJA)
    return Template(
        tuple(read._replace(offset=at[read.offset]) for read in template.reads),
        tuple(use._replace(offset=at[use.offset]) for use in template.filters),
        tuple(use._replace(offset=at[use.offset]) for use in template.tests),
    )
