"""Templates of a definition: do they parse, and is there what they read."""

import re
from collections.abc import Iterator
from itertools import repeat
from typing import Any

from attune_registry.checks.analysis import analysed, glances, located
from attune_registry.checks.expressions import Template, Use
from attune_registry.checks.foreign import names_in
from attune_registry.checks.graph import Graph
from attune_registry.checks.nearest import Guesses
from attune_registry.checks.places import Place, When, places
from attune_registry.checks.reads import OF_ALL, ReadCheck
from attune_registry.checks.surroundings import Extras, Surroundings
from attune_registry.checks.texts import Texts
from attune_registry.checks.vocabulary import FILTERS, PLATFORMS_FILTERS, TESTS, declarations
from attune_registry.problems import Finding

_WORD = re.compile(r"\w+")


class Check:
    """The check of one definition's templates."""

    def __init__(self, form: dict[str, Any], graph: Graph, extras: Extras, *, is_flat: bool = False) -> None:
        self._definition = form["definition"]
        self._param_schema = form["param_schema"]
        self._graph = graph
        self._around = Surroundings(form, graph, extras)
        self._reads = ReadCheck(self._around, is_flat=is_flat)
        self._guesses = Guesses()
        self._broken: set[str] = set()
        self._filters = FILTERS | extras.filters if extras.filters else FILTERS
        self._tests = TESTS | extras.tests if extras.tests else TESTS

    def findings(self, texts: Texts) -> Iterator[Finding]:
        """What is wrong with the templates, which are among these texts."""
        if self._around.dashed_names or self._is_doubtful(texts):
            yield from self._wrong()
        yield from self._unused(texts)

    def _is_doubtful(self, texts: Texts) -> bool:
        """False where nothing is wrong, as nearly always: told without asking where anything stands."""
        doubtful = [
            (when, part)
            for when, templates in texts.templates
            for text in templates
            for part in glances(text)
            if not self._is_right(part, when)
        ]
        return any(next(self._in(Place("", "", (), when), part), None) for when, part in doubtful)

    def _is_right(self, template: Template, when: When) -> bool:
        if template.filters or template.tests or template.fault:
            return False
        return all(map(self._around.is_right, template.reads, repeat(when)))

    def _wrong(self) -> Iterator[Finding]:
        # What is said of a text with a fault in it is that alone: what else it reads does not count.
        self._around.used.clear()
        first_parameter = None
        for place in places(self._definition, self._graph):
            for finding in self._found(place):
                if finding.rule != OF_ALL:
                    yield finding
                else:
                    first_parameter = first_parameter or finding
        if first_parameter:
            yield first_parameter

    def _found(self, place: Place) -> list[Finding]:
        """What is wrong with one template, whose words are looked for in its text only if something is."""
        template = analysed(place.text)
        if template.fault:
            self._broken.update(_WORD.findall(place.text))
        if self._around.dashed_names:
            template = located(template, place.text)
        found = list(self._in(place, template))
        return list(self._in(place, located(template, place.text))) if found and template.words else found

    def _in(self, place: Place, template: Template) -> Iterator[Finding]:
        if template.fault:
            message = f"The template does not parse: {template.fault.message}"
            yield Finding("template-syntax", place.at, message, template.fault.hint, offset=template.fault.offset)
        yield from self._uses(place, "filter", template.filters, self._filters)
        yield from self._uses(place, "test", template.tests, self._tests)
        for read in template.reads:
            yield from self._reads.findings(place, read)

    def _uses(self, place: Place, kind: str, uses: tuple[Use, ...], known: frozenset[str]) -> Iterator[Finding]:
        for use in uses:
            if use.name not in known:
                message = f"Jinja2 has no {kind} {use.name!r}"
                setting = f"templates: {{{kind}s: [{use.name}]}}"
                guess = "" if use.name in PLATFORMS_FILTERS else self._guesses.did_you_mean(use.name, known)
                hint = guess or f"declare it in registry/config.yaml: {setting}"
                yield Finding(f"template-{kind}", place.at, message, hint, offset=use.offset)

    def _unused(self, texts: Texts) -> Iterator[Finding]:
        parameters = self._around.parameters
        unread = parameters.names - self._around.used if parameters else frozenset()
        unused = unread - names_in(texts.said) if unread else unread
        # What a text with a fault in it reads nobody knows: it may be each of the words in it.
        told = sorted(name for name in unused if not self._broken.issuperset(_WORD.findall(name)))
        places = declarations(self._param_schema) if told else {}
        for name in told:
            at = "/param_schema" + places[name]
            message = f"No template reads the parameter {name!r}"
            yield Finding("parameter-unused", at, message, "use it, or leave it out", at_key=True)
