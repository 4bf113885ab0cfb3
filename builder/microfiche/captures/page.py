"""Saved pages: which files are pages, and what a browser wrote into them when it saved them."""

from __future__ import annotations

import re
from pathlib import Path

from microfiche.dates import utc_time

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
INSERT = re.compile(
    r"<!-- WB Insert -->.{0,20000}?<!-- End WB Insert -->", re.IGNORECASE | re.DOTALL
)
# How a page says where it was saved from: SingleFile, browsers, pywb, the Wayback Machine.
SINGLE_FILE = re.compile(
    r"<!--\s*Page saved with SingleFile\s+url:\s*(?P<url>\S{1,4000})"
    r"(?:\s+saved date: \w{3} (?P<month>\w{3}) (?P<day>\d\d) (?P<year>\d{4}) "
    r"(?P<time>\d\d:\d\d:\d\d) GMT(?P<zone>[+-]\d{4}))?",
    re.IGNORECASE,
)
SAVED_FROM = re.compile(
    r"<!--\s*saved from url=\(\d+\)(?P<url>https?://[^\s>]{1,4000})\s*-->", re.IGNORECASE
)
PYWB = re.compile(
    r"wbinfo\.url = \"(?P<url>https?://[^\s\"]{1,4000})\";\s+"
    r"wbinfo\.timestamp = \"(?P<stamp>[0-9]{14})\";.{0,500}?"
    r"wbinfo\.prefix = decodeURI\(\"(?P<prefix>https?://[^\s\"]{1,300}/)\"\)",
    re.DOTALL,
)
WAYBACK = re.compile(
    r"__wm\.wombat\(\"(?P<url>https?://[^\s\"]{1,4000})\",\"(?P<stamp>[0-9]{14})\","
    r"\"(?P<prefix>https?://[^\s\"]{1,200}/)\",\"(?P<part>\w{1,20})\""
)
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def is_page(name: str, body: bytes) -> bool:
    """Whether a capture is an HTML page, by its file name or by how it begins."""
    return name.lower().endswith(tuple(PAGE_ENDINGS)) or bool(OPENING.match(body[:SNIFFED]))


def saved_from(body: bytes) -> dict[str, str]:
    """What a saved page says of its retrieval: `url` and `retrieved_at`; neither if it says none.

    The address of a copy of a web archive is that of the copy.
    """
    head = body[: 8 * SNIFFED].decode("ascii", "replace")
    if match := SINGLE_FILE.search(head):
        stated = {"url": match["url"]}
        if (name := (match["month"] or "").title()) in MONTHS:
            day = f"{match['year']}-{MONTHS.index(name) + 1:02}-{match['day']}"
            at = f"{day}T{match['time']}{match['zone'][:3]}:{match['zone'][3:]}"
            stated |= {"retrieved_at": at} if utc_time(at) else {}
        return stated
    if match := PYWB.search(head):
        return {"url": f"{match['prefix']}{match['stamp']}/{match['url']}"}
    if match := WAYBACK.search(head):
        return {"url": f"{match['prefix']}{match['part']}/{match['stamp']}/{match['url']}"}
    match = SAVED_FROM.search(head)
    return {"url": match["url"]} if match else {}


def without_archive(html: str) -> str:
    """A page without what a web archive put into its copy: its banner, and itself before links."""
    return ARCHIVED.sub("", INSERT.sub("", BANNER.sub("", html)))


def is_page_folder(folder: str) -> bool:
    """Whether a folder holds what a browser saved with the page of that name beside it."""
    for ending in FOLDER_ENDINGS:
        stem = folder.removesuffix(ending)
        if stem != folder and any(Path(stem + each).is_file() for each in PAGE_ENDINGS):
            return True
    return False
