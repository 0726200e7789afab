"""The only reader of `models/`: every file there is validated against a strict schema when it is loaded.

Steps state the schema of their own file next to the code that uses it and ask for it here by name. Whatever does
not fit (an unknown key, a rule without examples, two rules with one id) is a `RuleFault` that names file and line.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import RuleFault

Schema = TypeVar("Schema", bound="RuleModel")


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _check_regex(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as e:
        raise ValueError(f"is no pattern: {e}; write \\ before a bracket, ?, *, + or | that is printed so") from e
    return pattern


Regex = Annotated[str, AfterValidator(_check_regex)]
"""A regular expression in a rule: one that cannot be understood is a fault of its line, not of the first document."""


class RuleModel(BaseModel):
    """Base of the schemas: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PatternRule(RuleModel):
    """One line of a `models/*.jsonl` pattern file.

    `pattern` is a list of spaCy Matcher token specifications, or a plain phrase that is matched on lower-case
    words. `hit` are sentences in which the rule must fire, `miss` sentences in which it must not.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")
    label: str
    pattern: list[dict[str, Any]] | str
    note: str = Field(min_length=1)
    hit: list[str] = Field(min_length=1)
    miss: list[str] = Field(min_length=1)


def models_folder() -> Traversable:
    """The folder `models/`, in a checkout and in an installed package alike."""
    return resources.files("models")


def read_bytes(name: str) -> bytes:
    """The bytes of `models/<name>`.

    Raises RuleFault where there is no such file.
    """
    node = models_folder()
    for part in name.split("/"):
        node = node / part
    try:
        return node.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as e:
        raise RuleFault(f"models/{name} is missing") from e


_MESSAGES = {
    "missing": "is missing",
    "extra_forbidden": "is no key that is known here; is it misspelt?",
    "too_short": "needs at least one entry",
}


def _describe(name: str, data: Any, e: ValidationError, line: int) -> RuleFault:
    """The first error as a sentence: file, line, the rule by its id, the key, and what is wrong with it."""
    first = e.errors()[0]
    loc, rule = list(first["loc"]), ""
    for depth in range(len(loc)):
        if isinstance(data, dict) and "id" in data:
            rule, loc = f", rule {data['id']}", loc[depth:]
            break
        try:
            data = data[loc[depth]]
        except (KeyError, IndexError, TypeError):
            break
    path = ".".join(map(str, loc)) or "top level"
    said = first["msg"].removeprefix("Value error, ").replace("Input should", "must")
    said = _MESSAGES.get(first["type"], said)
    return RuleFault(f"models/{name}, line {line}{rule}: {path} {said}")


def _find_line(data: bytes, loc: Sequence[int | str]) -> int:
    """The line of a YAML text, from 1, on which the value at `loc` stands, or as far down as there is one."""
    node = yaml.compose(data, Loader=_LOADER)
    line = 0
    for step in loc:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(step)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line
        else:
            break
    return line + 1


def read_yaml(name: str, schema: type[Schema]) -> Schema:
    """`models/<name>` (YAML) as an instance of `schema`.

    Raises RuleFault where the file is missing, is not YAML, or does not fit the schema.
    """
    text = read_bytes(name)
    try:
        data = yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as e:
        raise _describe_yaml(name, e) from e
    try:
        return schema.model_validate(data)
    except ValidationError as e:
        raise _describe(name, data, e, _find_line(text, e.errors()[0]["loc"])) from e


def _describe_yaml(name: str, e: yaml.YAMLError) -> RuleFault:
    mark, problem = getattr(e, "problem_mark", None), getattr(e, "problem", None)
    where = f", line {mark.line + 1}," if mark else ""
    return RuleFault(
        f"models/{name}{where} is not YAML: {problem or e}. "
        "Look there and just above for a missing quotation mark, comma or bracket, or for another indentation."
    )


def read_jsonl(name: str, schema: type[Schema]) -> tuple[Schema, ...]:
    """The lines of `models/<name>` (JSON lines; blank lines and lines that start with # are comments).

    Raises RuleFault where a line does not fit the schema or repeats an `id`.
    """
    rows: list[Schema] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(read_bytes(name).decode().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            data = json.loads(line)
        except json.JSONDecodeError as e:
            raise RuleFault(f"models/{name}, line {number}: not JSON: {e}") from e
        try:
            row = schema.model_validate(data)
        except ValidationError as e:
            raise _describe(name, data, e, number) from e
        rule_id = getattr(row, "id", None)
        if rule_id in seen:
            raise RuleFault(f"models/{name}, line {number}: id {rule_id} stands on line {seen[rule_id]} already")
        if rule_id is not None:
            seen[rule_id] = number
        rows.append(row)
    return tuple(rows)


def _walk(node: Traversable, path: str = "") -> list[tuple[str, Traversable]]:
    found = []
    for child in node.iterdir():
        if child.name.startswith((".", "__")) or child.name.endswith((".md", ".py")):
            continue
        name = f"{path}{child.name}"
        found.extend(_walk(child, name + "/") if child.is_dir() else [(name, child)])
    return sorted(found)


@functools.cache
def rules_digest() -> str:
    """Hex sha256 over the names and bytes of everything in `models/` that decides what a file yields: changes when
    any rule or weight does. Where files are collected from, and how, decides nothing of that."""
    h = hashlib.sha256()
    for name, node in _walk(models_folder()):
        if name in ("sources.yml", "collecting.yml"):
            continue
        data = node.read_bytes()
        h.update(f"{len(name)}:{name}{len(data)}:".encode())
        h.update(data)
    return h.hexdigest()
