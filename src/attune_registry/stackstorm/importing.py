"""A StackStorm pack -> the files that it becomes here, and what could not be carried over."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema_rs import meta

from .. import errors
from ..checks.contract import Contract
from ..checks.rules import RULES
from ..checks.wording import TRUTH
from ..forms.parameters import misquoted, to_schema
from ..layout import Place, is_pack_ref, is_workflow_ref, pack_path, workflow_path
from ..records import make_record
from ..yamldoc.emit import emit
from . import chains
from .dependencies import dependencies_of
from .notes import Note, expressions
from .orquesta import Orquesta
from .reading import Unreadable, action_files, has_config_schema, others, pack_folder, read_mapping

_RUNNERS = ("orquesta", "action-chain")
# Engines that StackStorm no longer has: what they ran cannot be read here.
_GONE = ("mistral-v2", "mistral-v1", "cloudslang")
_VERSION = re.compile(r"v?(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*))?(?:\.(0|[1-9][0-9]*))?((?:-[0-9A-Za-z.-]+)?)\Z")
_KEPT_OF_PACK = ("author", "email")
_OF_PACK = frozenset({"ref", "name", "description", "version", "keywords", "dependencies", *_KEPT_OF_PACK})
# What an action says that is carried over, told by the path of its file, or StackStorm's own record of it.
_OF_ACTION = frozenset(
    (
        *("name", "ref", "pack", "description", "runner_type", "entry_point", "enabled", "tags", "parameters"),
        *("output_schema", "metadata_file", "uid", "id"),
    )
)
# What a parameter says to StackStorm's own forms and command line.
_OF_FORMS = frozenset({"position", "immutable"})


class Imported(NamedTuple):
    """The files of a pack by their paths here, and the notes."""

    pack: str
    files: dict[str, str]
    notes: tuple[Note, ...]


def import_pack(path: Path, name: str | None, contract: Contract) -> Imported:
    """The pack in a folder, as `name` where one is given. Raises NotFound or Invalid; nothing is written."""
    folder = pack_folder(path)
    try:
        said = read_mapping(folder, "pack.yaml")
    except Unreadable as error:
        raise errors.Invalid(f"The pack.yaml in '{path}' cannot be read: {error}.") from error
    pack = name or str(said.get("ref") or said.get("name") or folder.name)
    if not is_pack_ref(pack):
        raise errors.Invalid(f"'{pack}' is no pack's ref, which is of letters, digits, '_' and '-'; give --pack.")
    made = _Import(folder, said, pack, contract)
    made.workflows()
    try:
        made.manifest()
    except Unreadable as error:
        raise errors.Invalid(f"The pack.yaml in '{path}' makes no pack: {error}.") from error
    return Imported(pack, made.files, tuple(made.notes))


class _Import:
    def __init__(self, folder: Path, said: dict[str, Any], pack: str, contract: Contract) -> None:
        self.files: dict[str, str] = {}
        self.notes: list[Note] = []
        self._folder = folder
        self._said = said
        self._pack = pack
        self._old_pack = str(said.get("ref") or said.get("name") or folder.name)
        self._contract = contract
        self._used: set[str] = set()
        self._version = _version(said.get("version"))

    def workflows(self) -> None:
        """Every action that is a workflow becomes one; the others are counted."""
        count = 0
        for source in action_files(self._folder):
            try:
                action = read_mapping(self._folder, source)
                if action.get("runner_type") in _GONE:
                    self._leave(source, action)
                elif action.get("runner_type") not in _RUNNERS:
                    count += 1
                else:
                    self._workflow(source, action)
            except Unreadable as error:
                self.notes.append(Note(source, "left-out", "", f"the file was left out: {error}"))
        rest = [("actions that are no workflows", count), *others(self._folder)]
        for what, number in rest:
            if number:
                self.notes.append(
                    Note("pack.yaml", "left-out", "", f"{what} ({number}) stay behind: nothing here runs")
                )

    def _leave(self, source: str, action: dict[str, Any]) -> None:
        name, engine = action.get("name") or Path(source).stem, action["runner_type"]
        message = f"the workflow {name} was left out: its engine is {engine}; make it one of Orquesta first"
        self.notes.append(Note(source, "left-out", "", message))

    def manifest(self) -> None:
        """The pack.yaml."""
        said = self._said
        data: dict[str, Any] = {"ref": self._pack, "label": str(said.get("name") or self._pack)}
        if said.get("description"):
            data["description"] = str(said["description"])
        data["version"] = self._version
        tags = _listed(said.get("keywords"))
        if tags:
            data["tags"] = list(dict.fromkeys(tags))
        listed = _listed(said.get("dependencies"))
        if listed:
            data["dependencies"] = dependencies_of(self._pack, listed, self._used, self.notes)
        data.update((key, str(said[key])) for key in _KEPT_OF_PACK if said.get(key))
        for key in sorted(map(str, said.keys() - _OF_PACK)):
            message = f"'{key}' of the pack was left out: there is nothing like it here"
            self.notes.append(Note("pack.yaml", "left-out", "", message))
        if has_config_schema(self._folder):
            message = "what the pack's configuration may say stays behind: there is no such configuration here"
            self.notes.append(Note("config.schema.yaml", "left-out", "", message))
        self._write(Place("pack", self._pack), pack_path(self._pack), "pack.yaml", data)

    def _workflow(self, source: str, action: dict[str, Any]) -> None:
        name = str(action.get("name") or Path(source).stem)
        ref = f"{self._pack}.{name}"
        if not is_workflow_ref(ref):
            raise Unreadable(f"{name!r} is no name of letters, digits, '_' and '-', with dots between them at most")
        if workflow_path(ref).casefold() in map(str.casefold, self.files):
            raise Unreadable(f"another action is called {name!r}, too, but for capitals at most")
        entry = f"actions/{action.get('entry_point')}"
        content = read_mapping(self._folder, entry)
        data: dict[str, Any] = {"ref": ref, "label": re.sub(r"[_.-]+", " ", name).strip().capitalize()}
        description = self._description(entry, action, content)
        if description:
            data["description"] = description
        data["version"] = self._version
        tags = self._tags(source, action.get("tags"))
        if tags:
            data["tags"] = tags
        if action.get("enabled") is False:
            data["enabled"] = False
        said = action.get("parameters")
        own = said if isinstance(said, dict) else {}
        definition, defaults = self._definition(action["runner_type"], entry, content, own)
        self._renamed(definition)
        self._note_others(source, name, action)
        parameters = self._parameters(source, said, defaults)
        if parameters:
            data["param_schema"] = parameters
        output = to_schema(action.get("output_schema"))
        if isinstance(output, dict) and output.get("properties"):
            data["out_schema"] = output
        data["definition"] = definition
        names = {*(task["name"] for task in definition["tasks"]), *definition.get("variables", ()), *own}
        self.notes.extend(expressions(entry, {"definition": definition}, names))
        self.notes.extend(expressions(source, {"param_schema": parameters}, names))
        self._write(Place("workflow", ref), workflow_path(ref), entry, data)

    def _description(self, entry: str, action: dict[str, Any], content: dict[str, Any]) -> str:
        """The action's, or else that of what it runs."""
        said, inner = action.get("description"), content.get("description")
        if said and inner and said != inner:
            message = f"the description {inner!r} was left out: that of the action stands for both"
            self.notes.append(Note(entry, "left-out", "/description", message))
        return str(said or inner or "")

    def _note_others(self, source: str, name: str, action: dict[str, Any]) -> None:
        for key in sorted(map(str, action.keys() - _OF_ACTION)):
            message = f"'{key}' of the action {name} was left out: there is nothing like it here"
            self.notes.append(Note(source, "left-out", "", message))

    def _tags(self, source: str, said: Any) -> list[str]:
        """The words among the tags; a pair's value has no place here."""
        tags: list[str] = []
        for tag in said if isinstance(said, list) else []:
            name = str(tag.get("name")) if isinstance(tag, dict) else str(tag)
            if isinstance(tag, dict) and tag.get("value") is not None:
                message = f"the value {tag['value']!r} of the tag {name} was left out: a tag is a word here"
                self.notes.append(Note(source, "left-out", f"/tags/{len(tags)}", message))
            tags.append(name)
        return tags

    def _definition(
        self, runner: str, entry: str, content: dict[str, Any], parameters: Collection[str]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        if runner == "action-chain":
            return chains.definition_of(entry, content, self.notes), {}
        workflow = Orquesta(entry, content)
        definition = workflow.definition(parameters)
        self.notes.extend(workflow.notes)
        return definition, workflow.defaults()

    def _renamed(self, definition: dict[str, Any]) -> None:
        """Actions of the pack itself go by the name that it has here."""
        for task in definition["tasks"]:
            pack, dot, rest = task["action"].partition(".")
            if dot and pack == self._old_pack:
                task["action"] = f"{self._pack}.{rest}"
            elif dot and is_pack_ref(pack):
                self._used.add(pack)

    def _parameters(self, source: str, said: Any, defaults: dict[str, Any]) -> dict[str, Any] | None:
        if not isinstance(said, dict) or not said:
            if said:
                self.notes.append(Note(source, "left-out", "/param_schema", "the parameters are no mapping by name"))
            return None
        plain: dict[str, Any] = {}
        for name, part in said.items():
            spec = dict(part) if isinstance(part, dict) else {}
            for key in sorted(spec.keys() & _OF_FORMS):
                self.notes.append(Note(source, "left-out", f"/param_schema/properties/{name}", f"'{key}' of {name}"))
                del spec[key]
            if spec.get("default", name) is None:
                del spec["default"]
            if "default" not in spec and defaults.get(name) is not None:
                spec["default"] = defaults[name]
            plain[name] = spec
        self._note_misquoted(source, plain)
        plain = {name: self._sound(source, name, spec) for name, spec in plain.items()}
        schema: dict[str, Any] = to_schema(plain)
        return schema

    def _note_misquoted(self, source: str, plain: dict[str, Any]) -> None:
        """Texts that say whether a parameter is required become what they say."""
        for steps in [*misquoted(plain)]:
            holder = plain
            for step in steps[:-1]:
                holder = holder[step]
            said = holder["required"]
            holder["required"] = TRUTH[said.lower()] == "true"
            message = f"'required' of {steps[-2]} is a text ({said!r}) and was taken for {TRUTH[said.lower()]}"
            self.notes.append(Note(source, "changed", f"/param_schema/properties/{steps[0]}", message))

    def _sound(self, source: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
        """What is said of a parameter, as far as it is JSON Schema; among types StackStorm takes YAML's own null."""
        if isinstance(spec.get("type"), list):
            spec["type"] = ["null" if kind is None else kind for kind in spec["type"]]
        if meta.is_valid(to_schema({name: spec})):
            return spec
        at = f"/param_schema/properties/{name}"
        self.notes.append(Note(source, "left-out", at, f"what is said of {name} is no JSON Schema: {spec!r}"))
        return {key: spec[key] for key in ("description", "required", "secret") if key in spec}

    def _write(self, place: Place, path: str, source: str, data: dict[str, Any]) -> None:
        """The file's text; rules that what came along breaks are waved off in it, and noted."""
        try:
            text = emit(data)
        except errors.PatchRefused as error:
            raise Unreadable(error.message) from error
        found = [problem for problem in self._problems(text, place) if problem.severity == "error"]
        rules = sorted({problem.rule for problem in found if problem.rule in RULES and not RULES[problem.rule].fixed})
        left = [problem for problem in found if problem.rule not in rules]
        if left:
            raise Unreadable(f"{left[0].message} ({left[0].pointer}), and nothing can be served with that")
        comment = f"# registry: ignore[{', '.join(rules)}]\n" if rules else ""
        self.notes.extend(Note(source, "problem", problem.pointer, problem.message) for problem in found)
        self.files[path] = f"# From the StackStorm pack '{self._old_pack}', {source}.\n{comment}{text}"

    def _problems(self, text: str, place: Place) -> Any:
        return make_record(text.encode(), place, self._contract).problems


def _version(said: Any) -> str:
    match = _VERSION.match(str(said))
    return f"{match[1]}.{match[2] or 0}.{match[3] or 0}{match[4]}" if match else "1.0.0"


def _listed(said: Any) -> list[str]:
    """The texts of a list, or the one that stands alone."""
    return [str(part) for part in (said if isinstance(said, list) else [said] if said else [])]
