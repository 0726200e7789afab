"""The only reader of `models/`: every file there is validated against a strict schema when it is loaded.

Steps state the schema of their own file next to the code that uses it and ask for it here by name. Whatever does
not fit (an unknown key, a rule without examples, two rules with one id) is a `RuleFault` that names file and line.
"""

from __future__ import annotations

import functools
import hashlib
import json
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import RuleFault

Schema = TypeVar("Schema", bound="RuleModel")


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


def _describe(name: str, where: str, e: ValidationError) -> RuleFault:
    first = e.errors()[0]
    path = ".".join(str(p) for p in first["loc"]) or "top level"
    return RuleFault(f"models/{name}{where}: {path}: {first['msg']}")


def read_yaml(name: str, schema: type[Schema]) -> Schema:
    """`models/<name>` (YAML) as an instance of `schema`.

    Raises RuleFault where the file is missing, is not YAML, or does not fit the schema.
    """
    try:
        data = yaml.load(read_bytes(name), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return schema.model_validate(data)
    except yaml.YAMLError as e:
        raise RuleFault(f"models/{name} is not YAML: {e}") from e
    except ValidationError as e:
        raise _describe(name, "", e) from e


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
            row = schema.model_validate(json.loads(line))
        except json.JSONDecodeError as e:
            raise RuleFault(f"models/{name}, line {number}: not JSON: {e}") from e
        except ValidationError as e:
            raise _describe(name, f", line {number}", e) from e
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
    """Hex sha256 over the names and bytes of everything in `models/`: changes when any rule or weight does."""
    h = hashlib.sha256()
    for name, node in _walk(models_folder()):
        data = node.read_bytes()
        h.update(f"{len(name)}:{name}{len(data)}:".encode())
        h.update(data)
    return h.hexdigest()
