"""Save the pages of a folder as whole-page text, in three ways, for learning and measuring.

`inscriptis` keeps the layout, `soup` puts each run of text on a line, `lynx` wraps at 100 columns.

    uv run --with inscriptis --with beautifulsoup4 python benchmarks/dumps.py PAGES OUT

PAGES is a folder as `make score` takes it; `lynx` must be installed.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

from score import load_pages

LYNX = (
    *("lynx", "-dump", "-nolist", "-width=100", "-stdin", "-force_html"),
    *("-display_charset=utf-8", "-assume_charset=utf-8"),
)


def saved(html: str) -> dict[str, str]:
    """The page as text, by the way it is saved."""
    from bs4 import BeautifulSoup
    from inscriptis import get_text

    soup = BeautifulSoup(html, "lxml")
    for element in soup(["script", "style", "noscript", "template"]):
        element.decompose()
    shown = subprocess.run(LYNX, input=html.encode(), capture_output=True, timeout=60, check=True)
    return {
        "inscriptis": get_text(html),
        "soup": soup.get_text("\n", strip=True),
        "lynx": shown.stdout.decode("utf-8", "replace"),
    }


def main() -> None:
    """Read the command line and save every page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    for page in load_pages(given.pages):
        for way, text in saved(page.html).items():
            folder = given.out / way
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{page.expected['id']}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
