"""Whom to ask: the entries of `models/sources.yml`, of a file of one's own, and what is named on the command line."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError

from pipeline.errors import InputFault
from pipeline.rules import RuleModel, read_yaml

_NAME = r"^[a-z0-9][a-z0-9._-]*$"


class FolderSource(RuleModel):
    """A folder (or file) that is read where it lies."""

    kind: Literal["folder"]
    path: Path


class _Remote(RuleModel):
    """What every source that is asked over the network has. `recheck` is in days."""

    licence: str = "Copyright of the publisher; read its terms before passing the file on"
    council: str | None = None
    recheck: float = Field(default=7, ge=0)


class AddressSource(_Remote):
    """A list of addresses, given here or one a line in a file."""

    kind: Literal["addresses"]
    addresses: tuple[str, ...] = ()
    file: Path | None = None

    def list_addresses(self) -> list[str]:
        """The addresses; blank lines and lines that begin with # are left out.

        Raises InputFault where the file cannot be read.
        """
        try:
            lines = self.file.read_text(encoding="utf-8").splitlines() if self.file else []
        except (OSError, UnicodeError) as e:
            raise InputFault(f"The list of addresses {self.file} cannot be read: {e}.") from e
        found = [*self.addresses, *(line.strip() for line in lines)]
        return [a for a in dict.fromkeys(found) if a and not a.startswith("#")]


class SiteSource(_Remote):
    """A site of a kind whose pages are understood."""

    kind: Literal["ofsted", "moderngov", "cmis"]
    address: str = Field(pattern=r"^https?://[^/]+")


Source = Annotated[FolderSource | AddressSource | SiteSource, Field(discriminator="kind")]


class Sources(RuleModel):
    """Schema of `models/sources.yml`."""

    sources: dict[Annotated[str, Field(pattern=_NAME)], Source]


@functools.cache
def known_sources() -> dict[str, Source]:
    """The sources of `models/sources.yml` by name."""
    return read_yaml("sources.yml", Sources).sources


def read_sources(path: Path) -> dict[str, Source]:
    """The sources of a file of one's own, by name.

    Raises InputFault where it cannot be read or understood.
    """
    try:
        return Sources.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).sources
    except (OSError, UnicodeError, yaml.YAMLError) as e:
        raise InputFault(f"{path} cannot be read: {e}") from e
    except ValidationError as e:
        first = e.errors()[0]
        raise InputFault(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from e


def name_sources(words: list[str], own: dict[str, Source]) -> dict[str, Source]:
    """The sources that the words of a command mean, by name.

    A word is the name of a source, an address, a folder, or a text file with an address a line.

    Raises InputFault where a word is none of these.
    """
    known = {**known_sources(), **own}
    found: dict[str, Source] = {}
    addresses = tuple(w for w in words if re.match(r"https?://", w))
    if addresses:
        found["addresses"] = AddressSource(kind="addresses", addresses=addresses)
    for word in words:
        path = Path(word)
        if word in addresses:
            continue
        if word in known:
            found[word] = known[word]
        elif path.is_dir():
            found[f"folder {path}"] = FolderSource(kind="folder", path=path)
        elif path.is_file() and path.suffix in (".txt", ".list"):
            found[re.sub(r"[^a-z0-9._-]+", "-", path.stem.lower())] = AddressSource(kind="addresses", file=path)
        else:
            raise InputFault(
                f"There is no source {word}: name one of models/sources.yml, an address, a folder, "
                "or a .txt file with an address a line."
            )
    return found
