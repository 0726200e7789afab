"""Draws the README's pictures of the sample's pages: `make pictures`.

Each is a piece of a page as Chromium shows it, kept in 64 colours, so that the files stay small.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

WIDTH, HEIGHT, COLOURS = 1100, 760, 64
PICTURES = {
    "overview": ("index.html", "h1"),
    "council": ("councils/aldermere.html", "#asked"),
    "thread": ("councils/thornshire.html", "article:has(> .gt-step:nth-child(3))"),
}
"""Name of the picture: its page, and the part at which it begins."""


def draw_pictures(report: Path, folder: Path) -> None:
    """Write every picture of the report's pages into the folder."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-GB")
        for name, (address, part) in PICTURES.items():
            page.goto((report / address).resolve().as_uri())
            page.evaluate("for (const d of document.querySelectorAll('details:has(article)')) d.open = true")
            page.locator(part).first.evaluate("e => scrollTo(0, e.getBoundingClientRect().top + scrollY - 16)")
            shot = Image.open(io.BytesIO(page.screenshot()))
            shot.convert("RGB").quantize(COLOURS).save(folder / f"{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    draw_pictures(Path(sys.argv[1]), Path(sys.argv[2]))
