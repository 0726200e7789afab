"""The settings of a watch: which sources are asked when, where the dataset lies, and who is told (a YAML file)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import yaml
from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, Field, ValidationError, model_validator

from pipeline.collect.sources import Source, name_sources, read_sources
from pipeline.errors import InputFault
from pipeline.identify.councils import load_councils
from pipeline.places import KEEP
from pipeline.rules import RuleModel
from pipeline.themes.codebook import load_codebook


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as e:
        raise ValueError(f"{name} is no time zone; write UTC or Europe/London") from e
    return name


def _check_cron(text: str) -> str:
    try:
        CronSim(text, dt.datetime.now(dt.UTC))
    except CronSimError as e:
        raise ValueError(f"{text} is no cron expression ({e}); 15 6 * * 1-5 means 6:15 on weekdays") from e
    return text


class Schedule(RuleModel):
    """When: a cron expression, read in a time zone."""

    cron: Annotated[str, AfterValidator(_check_cron)]
    timezone: Annotated[str, AfterValidator(_check_zone)] = "Europe/London"


class Tell(RuleModel):
    """Whom to tell of which new findings: of councils by name and themes by code, all where none is named; by a POST to
    an address, or a command that gets the same JSON on its standard input."""

    councils: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    webhook: str | None = Field(default=None, pattern=r"^https?://")
    command: tuple[str, ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Tell:
        if (self.webhook is None) == (self.command is None):
            raise ValueError("name either a webhook or a command")
        unknown = [c for c in self.councils if c not in load_councils()]
        unknown += sorted(set(self.themes) - {t.code for t in load_codebook().themes})
        if unknown:
            raise ValueError(f"{unknown[0]} is no council of local_authorities.csv and no theme of themes.yml")
        return self


class Watch(RuleModel):
    """What `goldenthread watch` is asked to do. Paths count from the folder of the settings file."""

    sources: tuple[str, ...] = Field(min_length=1)
    own_sources: Path | None = None
    into: Path = Path("collected")
    out: Path
    schedule: Schedule
    editions: int = Field(default=KEEP, ge=1)
    workers: int = Field(default=1, ge=1)
    tell: dict[str, Tell] = Field(default_factory=dict)

    def list_sources(self) -> dict[str, Source]:
        """The sources by name.

        Raises InputFault where one is not known.
        """
        return name_sources(list(self.sources), read_sources(self.own_sources) if self.own_sources else {})


def read_watch(path: Path) -> Watch:
    """The settings in the file, with absolute paths.

    Raises InputFault where it cannot be read or understood.
    """
    folder = path.resolve().parent
    try:
        found = Watch.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeError, yaml.YAMLError) as e:
        raise InputFault(f"{path} cannot be read: {e}") from e
    except ValidationError as e:
        first = e.errors()[0]
        raise InputFault(f"{path}: {'.'.join(map(str, first['loc'])) or 'top level'}: {first['msg']}.") from e
    return found.model_copy(
        update={
            "into": folder / found.into,
            "out": folder / found.out,
            "own_sources": folder / found.own_sources if found.own_sources else None,
            "sources": tuple(str(folder / s) if (folder / s).exists() else s for s in found.sources),
        }
    )
