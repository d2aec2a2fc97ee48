"""Writes as somebody would ask for them, for tests that hand them to a registry themselves."""

from attune_registry.access.principals import Principal
from attune_registry.writing.creation import Creation
from attune_registry.writing.requests import Caller

ANN = Caller(lambda _: Principal("ann", "ann@example.com", "editor", ("*",)), "request-1")


def creation(ref: str, kind: type[Creation] = Creation) -> Creation:
    """A POST of a small workflow in the pack `demo`."""
    tasks = [{"name": "only", "action": "core.noop"}]
    body = {"ref": ref, "pack_ref": "demo", "label": "New", "version": "1.0.0", "definition": {"tasks": tasks}}
    return kind("workflow", body, ANN)
