"""Where a run's dataset goes beside the folder that it is made in: to an address on a storage, to a database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import GoldenThreadError, OutputFault
from pipeline.publish.frames import load_tables
from pipeline.publish.remote import RemoteOut
from pipeline.storage import is_address

if TYPE_CHECKING:
    from pipeline.publish.postgresql import Target


class Elsewhere:
    """The places of a run. `folder` is where the dataset is made: `out` itself, unless that is an address.

    Raises InputFault where a place cannot be meant, or what it needs is not installed.
    """

    def __init__(self, out: str | Path, database: str | None) -> None:
        self._remote = RemoteOut(str(out)) if is_address(out) else None
        self._target = _open_database(database) if database else None
        self.folder = self._remote.folder if self._remote else Path(out)

    def prepare(self) -> None:
        """Ask every place whether it can be written, before hours of work, and fetch what the run follows on.

        Raises OutputFault or StorageError where one cannot.
        """
        if self._target:
            self._target.check()
        if self._remote:
            self._remote.fetch()

    def publish(self, editions: int) -> Iterator[str]:
        """Bring the dataset in the folder to one place after the other; what was done, a sentence each, once it is.

        Raises OutputFault where one refuses. The dataset in the folder stands; the next run tries again.
        """
        tables = load_tables(self.folder) if self._target else {}
        try:
            if self._remote:
                self._remote.publish(editions)
                yield f"At {self._remote.address}: current.json names the edition that holds."
            if self._target:
                self._target.publish(tables)
                yield f"In {self._target.address}: schema goldenthread."
        except (GoldenThreadError, OSError) as e:
            raise OutputFault(f"{e} The dataset is made and stands in {self.folder}; run again to publish it.") from e


def _open_database(address: str) -> Target:
    from pipeline.publish.postgresql import Target  # takes long to import, and few runs need it

    return Target(address)
