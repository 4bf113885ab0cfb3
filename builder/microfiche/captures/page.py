"""Saved pages: which files are pages, and what a browser wrote into them when it saved them."""

from __future__ import annotations

import re
from pathlib import Path

PAGE_ENDINGS = frozenset((".html", ".htm", ".xhtml", ".shtml"))
# Browsers put what belongs to a page into a folder of its name beside it.
FOLDER_ENDINGS = ("_files", ".files", "_fichiers", "-Dateien", "_archivos", "_file")
SNIFFED = 1024
OPENING = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,900}?-->\s*){0,3}"
    rb"<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
ARCHIVED = re.compile(
    r"(?:https?://[\w.-]{1,100})?/(?:[\w-]{1,30}/){0,2}[0-9]{14}(?:[a-z]{2}_)?/(?=https?:/)",
    re.IGNORECASE,
)
BANNER = re.compile(
    r"<!--\s*BEGIN WAYBACK TOOLBAR INSERT\s*-->.{0,200000}?<!--\s*END WAYBACK TOOLBAR INSERT\s*-->",
    re.IGNORECASE | re.DOTALL,
)
SINGLE_FILE = re.compile(rb"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)", re.IGNORECASE)
SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d+\)(https?://[^\s>]+)\s*-->", re.IGNORECASE)


def is_page(name: str, body: bytes) -> bool:
    """Whether a capture is an HTML page, by its file name or by how it begins."""
    return name.lower().endswith(tuple(PAGE_ENDINGS)) or bool(OPENING.match(body[:SNIFFED]))


def saved_from(body: bytes) -> str | None:
    """The address a browser saved a page from, as its comment says; None if there is none."""
    match = SAVED_FROM.search(body[: 2 * SNIFFED]) or SINGLE_FILE.search(body[: 2 * SNIFFED])
    return match[1].decode("ascii", "replace") if match else None


def without_archive(html: str) -> str:
    """A page without what a web archive put into its copy: its banner, and itself before links."""
    return ARCHIVED.sub("", BANNER.sub("", html))


def is_page_folder(folder: str) -> bool:
    """Whether a folder holds what a browser saved with the page of that name beside it."""
    for ending in FOLDER_ENDINGS:
        stem = folder.removesuffix(ending)
        if stem != folder and any(Path(stem + each).is_file() for each in PAGE_ENDINGS):
            return True
    return False
