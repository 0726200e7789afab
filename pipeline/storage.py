"""Files on any storage that fsspec knows, by address: s3://bucket/letters. What has no :// is a path of this machine.

Endpoint and credentials come from where the storage's own library looks for them: for S3 the environment variables and
files of AWS (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_PROFILE, …), for all of them fsspec's configuration
(FSSPEC_S3_ENDPOINT_URL, ~/.config/fsspec).
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import GoldenThreadError, InputFault
from pipeline.extras import need

_VERSIONS = ("ETag", "etag", "mtime", "LastModified", "last_modified")
"""What storages call that which changes with a file's content."""


class StorageError(GoldenThreadError, OSError):
    """A storage refuses or does not answer; the message says which and why. It may pass."""


def is_address(place: object) -> bool:
    """Whether the text is the address of a file or folder on a storage rather than a path."""
    return "://" in str(place)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file on a storage. `size` is in bytes; two equal `version`s mean the same bytes, None that nobody knows."""

    address: str
    size: int
    version: str | None


class Storage:
    """The files at and under an address.

    Raises InputFault where no library is installed for the address, FileNotFoundError or StorageError where the storage
    fails.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        protocol = address.partition("://")[0]
        if protocol in ("http", "https"):
            raise InputFault(f"Collect {address} first: goldenthread collect {address} --into FOLDER.")
        if protocol in ("s3", "s3a"):
            need("s3", address)
        import fsspec  # takes long, and few runs need it

        options = {"use_listings_cache": False} if protocol in ("s3", "s3a") else {"auto_mkdir": True}
        try:
            self._fs, self._path = fsspec.core.url_to_fs(self.address, **options)
        except (ImportError, ValueError) as e:
            raise InputFault(f"{address} cannot be opened: {e}") from e

    def list_files(self) -> list[Stored]:
        """The files under the address, or the one that is there, by address."""
        with _told(self.address):
            found = self._fs.find(self._path, detail=True)
        if not found:
            raise FileNotFoundError(f"There is no file or folder {self.address}.")
        files = [info for info in found.values() if info["size"] or not info["name"].endswith("/")]
        return sorted((self._describe(info) for info in files), key=lambda f: f.address)

    def _describe(self, info: Mapping[str, Any]) -> Stored:
        version = next((f"{info['size']} {info[name]}" for name in _VERSIONS if info.get(name)), None)
        return Stored(self._fs.unstrip_protocol(info["name"]), info["size"], version)

    def exists(self) -> bool:
        """Whether there is anything at the address."""
        with _told(self.address):
            return bool(self._fs.exists(self._path))

    def read(self, name: str) -> bytes | None:
        """The bytes of a file under the address, None where there is none."""
        try:
            with _told(self.address):
                return bytes(self._fs.cat_file(f"{self._path}/{name}"))
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes, **condition: Any) -> None:
        """Write a small file under the address in one step."""
        with _told(self.address):
            self._fs.pipe_file(f"{self._path}/{name}", data, **condition)

    def get(self, files: Mapping[str, Path]) -> None:
        """Fetch files by their names under the address ("" for the address itself)."""
        for path in files.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        if files:
            with _told(self.address):
                self._fs.get([self._join(name) for name in files], [str(path) for path in files.values()])

    def put(self, files: Mapping[str, Path]) -> None:
        """Write files by their names under the address."""
        if files:
            with _told(self.address):
                self._fs.put([str(path) for path in files.values()], [self._join(name) for name in files])

    def remove(self, names: list[str]) -> None:
        """Delete files and folders under the address."""
        if names:
            with _told(self.address):
                self._fs.rm([self._join(name) for name in names], recursive=True)

    def _join(self, name: str) -> str:
        return f"{self._path}/{name}" if name else self._path


@contextlib.contextmanager
def _told(address: str) -> Iterator[None]:
    """Whatever the libraries of the storages raise, as an error of the storage with a sentence for a person."""
    try:
        yield
    except FileNotFoundError as e:
        raise FileNotFoundError(f"There is no file or folder {address}.") from e
    except PermissionError as e:
        raise StorageError(f"{address} is refused ({e}); check the key and its rights.") from e
    except Exception as e:
        raise StorageError(f"{address} cannot be reached: {e or type(e).__name__}") from e


@contextlib.contextmanager
def local_copy(place: str) -> Iterator[Path]:
    """The file as a path of this machine: itself where it is one, else a copy that goes when the context ends.

    Raises FileNotFoundError or StorageError where it cannot be had.
    """
    if not is_address(place):
        yield Path(place)
        return
    with tempfile.TemporaryDirectory(prefix="goldenthread-") as folder:
        path = Path(folder, place.rsplit("/", 1)[-1])
        Storage(place).get({"": path})
        yield path
