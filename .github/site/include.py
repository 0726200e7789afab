"""A hook of MkDocs: the project's own READMEs are pages of the site, so that nothing is told twice."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[2]
INCLUDED = {
    "index.md": "README.md",
    "dictionary.md": "outputs/README.md",
    "flows.md": "flows/README.md",
    "models.md": "models/README.md",
    "corpus.md": "corpus/README.md",
    "papers.md": "tests/papers/README.md",
    "card_findings.md": "models/findings/README.md",
    "card_themes.md": "models/themes/README.md",
    "card_threads.md": "models/threads/README.md",
    "decisions.md": ".github/decisions.md",
    "contributing.md": ".github/CONTRIBUTING.md",
}
"""Pages of the site by the file of the project that they show."""
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Any, config: Any) -> Any:
    """Add the included pages, and every picture."""
    for page, source in INCLUDED.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    for picture in sorted((ROOT / ".github" / "pictures").iterdir()):
        files.append(File.generated(config, f"pictures/{picture.name}", abs_src_path=str(picture)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Point the links of an included page at pages of the site; what the site does not hold is named, not linked."""
    source = INCLUDED.get(page.file.src_uri)
    return markdown if source is None else _LINK.sub(lambda link: _point(link, posixpath.dirname(source)), markdown)


def _point(link: re.Match[str], folder: str) -> str:
    mark, words, target, anchor = link.groups(default="")
    path = posixpath.normpath(posixpath.join(folder, target))
    if path.startswith(".github/pictures/"):
        return f"{mark}[{words}](pictures/{posixpath.basename(path)})"
    if not (ROOT / path).exists():
        return link.group()  # the build says that it leads nowhere
    pages = {known: name for name, known in INCLUDED.items()}
    name = pages.get(path) or pages.get(f"{path}/README.md")
    return f"[{words}]({name}{anchor})" if name else words if words.strip("`") == path else f"{words} (`{path}`)"
