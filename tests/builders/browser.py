"""A real browser over pages, and a release that has something to show in every part of a page."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from microfiche.library import Release
from small import build, outlet, prose, record, write

HOSTILE = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>"
SIZES = ((390, 844), (1280, 900))
SCHEMES = ("light", "dark")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium, as the system has it; without one a test is skipped, in CI it fails."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed")
        pytest.skip("needs chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield opened
        opened.close()


class Opened:
    """A page with everything that it said and asked for."""

    def __init__(self, page: Page, file: Path) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda each: self.said.append(each.text))
        page.on("pageerror", lambda each: self.said.append(str(each)))
        page.on("request", lambda each: self.asked.append(each.url))
        page.goto(file.as_uri())
        self.page = page


def shown(root: Path) -> Release:
    """The second release of an archive with edits, mirrors, notices, reprints and refusals."""
    texts = [f"{prose(n, 120)}\n\n{prose(n + 50, 60)}" for n in range(40)]
    records = [
        record(1, title=HOSTILE, text=texts[1], byline=[HOSTILE], subtitle=f"“{HOSTILE}”"),
        record(2, title="روزنامه‌های کهنه", text=texts[2], language="fa"),
        record(3, text=texts[3]),
        _later(
            record(3, title="Piece 3, corrected", text=texts[3].replace("the", "a", 3) + " End.")
        ),
        record(4, text=texts[4]),
        record(4, host="courier-mirror.example", text=texts[4]),
        record(7, text=texts[4], host="ledger.example", outlet_id="ledger"),
        record(8, text=texts[8], published="2019"),
        record(9, text=None, published="2024-09-10"),
        *(record(n, text=texts[n]) for n in range(20, 30)),
        _notice(record(3), "not_found", "2026-01-02T00:00:00Z"),
        _notice(record(5), "seizure_notice", "2026-02-03T00:00:00Z"),
    ]
    outlets = (outlet() + EVENT, outlet("ledger", "withheld", None))
    write(root, records, *outlets)
    build(root, date="2026-03-01")
    gone = {"article_id": "courier:n-20", "reason": "publisher-request", "date": "2026-03-02"}
    line = json.dumps(gone | {"authority": HOSTILE})
    write(root, [*records, record(11, text=texts[11])], *outlets)
    (root / "raw" / "withdrawals.jsonl").write_text(f"{line}\n")
    return build(root, date="2026-03-03")


EVENT = """
[[events]]
date = "2026-02"
type = "seizure"
note = "The domain shows a notice."
stated_by = "a court"
source = "tests"
"""


def _later(held: dict[str, object]) -> dict[str, object]:
    held["retrieval"] = {"retrieved_at": "2025-06-01T00:00:00Z", "method": "crawler"}
    return held


def _notice(held: dict[str, object], outcome: str, time: str) -> dict[str, object]:
    """A capture that found no article."""
    retrieval = {"retrieved_at": time, "method": "crawler", "outcome": outcome}
    return {"url": held["url"], "html": "<p>Nothing is here.</p>", "retrieval": retrieval}
