"""Draws the pictures of the documentation: the page of a release, and the terminal.

python docs/pictures.py     writes docs/pictures/; needs chromium
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
RELEASE = HERE.parent / "dist" / "gazette" / "2.0.0"
PICTURES = HERE / "pictures"
PROGRAM = Path(sys.executable).parent / "microfiche"
WIDTH = 80
VIEWS = {"report-desk": (1280, 900, "light"), "report-phone": (390, 844, "dark")}


def pages() -> None:
    """The page of the Gazette's newest release, at a desk and on a phone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, (width, height, scheme) in VIEWS.items():
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page.goto((RELEASE / "report.html").as_uri())
            page.screenshot(path=PICTURES / f"{name}.png")
        browser.close()


def terminal() -> None:
    """What `validate` says of an archive with faults, as a terminal shows it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "press"
        cases = HERE.parent / "tests" / "cases"
        shutil.copytree(cases / "base", root)
        for case in (
            "invalid/MF309_unknown_key",
            "invalid/MF307_broken_line",
            "warning/MF104_draft",
        ):
            shutil.copytree(cases / case, root, dirs_exist_ok=True)
        command = ["script", "-qc", f"{PROGRAM} validate press --quiet", "/dev/null"]
        env = {**os.environ, "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
        done = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, check=False
        )
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    console.print("$ microfiche validate press")
    console.print(Text.from_ansi(done.stdout.replace("\r\n", "\n")))
    console.save_svg(str(PICTURES / "terminal.svg"), title="microfiche", unique_id="terminal")


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    pages()
    terminal()
