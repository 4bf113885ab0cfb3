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
    rb"<(?P<tag>!doctype\s+html|html|head|body|script|style|meta|link|title|base|noscript)\b",
    re.IGNORECASE | re.DOTALL,
)
WHOLE_PAGE = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
MAX_BEFORE = 1 << 16  # octets that may stand before a page's doctype
ARCHIVED = re.compile(
    r"(?:https?://[\w.-]{1,100})?/(?:[\w-]{1,30}/){0,2}[0-9]{14}(?:[a-z]{2}_)?/(?=https?:/)",
    re.IGNORECASE,
)
# What web archives put between two comments of theirs.
INSERTS = (
    (re.compile(r"<!--\s{0,9}BEGIN WAYBACK TOOLBAR INSERT\s{0,9}-->", re.IGNORECASE),
     re.compile(r"<!--\s{0,9}END WAYBACK TOOLBAR INSERT\s{0,9}-->", re.IGNORECASE)),
    (re.compile("<!-- WB Insert -->", re.IGNORECASE),
     re.compile("<!-- End WB Insert -->", re.IGNORECASE)),
)  # fmt: skip
MAX_INSERT = 200_000
# How a page says where it was saved from: SingleFile, browsers, pywb, the Wayback Machine.
SINGLE_FILE = re.compile(
    r"<!--\s*Page saved with SingleFile\s+url:\s*(?P<url>\S{1,4000})(?!\S)"
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
    """Whether a capture is an HTML page, by its file name or by how it begins.

    With a tag of a page's head it may begin if its doctype or root follows.
    """
    if name.lower().endswith(tuple(PAGE_ENDINGS)):
        return True
    opens = OPENING.match(body[:SNIFFED])
    return bool(opens and WHOLE_PAGE.search(body, opens.start("tag") - 1, MAX_BEFORE))


def saved_from(body: bytes) -> dict[str, str]:
    """What a saved page says of its retrieval: `url` and `retrieved_at`; neither if it says none.

    The address of a copy of a web archive is that of the copy.
    """
    head = body[: 8 * SNIFFED].decode("utf-8", "replace")
    if match := _whole(SINGLE_FILE.search(head)):
        stated = {"url": match["url"]}
        if (name := (match["month"] or "").title()) in MONTHS:
            day = f"{match['year']}-{MONTHS.index(name) + 1:02}-{match['day']}"
            at = f"{day}T{match['time']}{match['zone'][:3]}:{match['zone'][3:]}"
            stated |= {"retrieved_at": at} if utc_time(at) else {}
        return stated
    if match := _scripted(PYWB.search(head)):
        return {"url": f"{match['prefix']}{match['stamp']}/{match['url']}"}
    if match := _scripted(WAYBACK.search(head)):
        return {"url": f"{match['prefix']}{match['part']}/{match['stamp']}/{match['url']}"}
    match = _whole(SAVED_FROM.search(head))
    return {"url": match["url"]} if match else {}


def _whole(match: re.Match[str] | None) -> re.Match[str] | None:
    """A match whose address is one: in a charset that is not UTF-8 it may be another."""
    return None if match is None or "\ufffd" in match["url"] else match


def _scripted(match: re.Match[str] | None) -> re.Match[str] | None:
    """A match that stands in a script, not in what a page says."""
    if match is None or "\ufffd" in match["url"]:
        return None
    before = match.string[: match.start()].lower()
    return match if before.rfind("<script") > before.rfind("</script") else None


def without_archive(html: str) -> str:
    """A page without what a web archive put into its copy: its banner, and itself before links."""
    for start, end in INSERTS:
        html = _without_inserts(html, start, end)
    return ARCHIVED.sub("", html)


def _without_inserts(html: str, start: re.Pattern[str], end: re.Pattern[str]) -> str:
    """A page without what stands between two comments, each looked at once."""
    kept, place = [], 0
    closing = end.search(html)
    for opening in start.finditer(html):
        while closing and closing.start() < opening.end():
            closing = end.search(html, closing.end())
        if closing is None:
            break
        if opening.start() >= place and closing.end() - opening.start() <= MAX_INSERT:
            kept.append(html[place : opening.start()])
            place = closing.end()
    return "".join([*kept, html[place:]])


def is_page_folder(folder: str) -> bool:
    """Whether a folder holds what a browser saved with the page of that name beside it."""
    for ending in FOLDER_ENDINGS:
        stem = folder.removesuffix(ending)
        if stem != folder and any(Path(stem + each).is_file() for each in PAGE_ENDINGS):
            return True
    return False
