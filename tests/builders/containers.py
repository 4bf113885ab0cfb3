"""Makes the files of tests/containers/ anew, each by the tool that people use.

python containers.py TOOL... with tools among wget, wacz, chromium, printed, single-file, pywb, trafilatura,
newspaper, news-please, fundus. Each must be installed, and its Python package in the environment
that runs this: chromium needs playwright and /usr/bin/chromium, single-file that of npm. The page
is served on loopback, and the tools take it for one of courier.example.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

FOLDER = Path(__file__).parents[1] / "containers"
PAGE = (FOLDER / "page.html").read_bytes()
URL = "http://courier.example/2024/05/17/14-ferry-timetable"
FILES = {
    "/2024/05/17/14-ferry-timetable": ("text/html; charset=utf-8", PAGE),
    "/style.css": ("text/css", b"body { font: 16px serif }\n"),
}
BROWSER = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


class Site(BaseHTTPRequestHandler):
    """The outlet's site; as a proxy too."""

    def do_GET(self) -> None:
        """The page and its style."""
        path = "/" + self.path.split("/", 3)[3] if self.path.startswith("http://") else self.path
        media, body = FILES.get(path, ("text/plain", b"nothing"))
        self.send_response(200 if path in FILES else 404)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def wget(port: int) -> None:
    """A WARC file."""
    proxy = ["-e", "use_proxy=yes", "-e", f"http_proxy=127.0.0.1:{port}"]
    command = ["wget", "-q", *proxy, f"--warc-file={FOLDER / 'wget'}", "-O", "/dev/null", URL]
    subprocess.run(command, check=True)


def wacz(_port: int) -> None:
    """The WARC file of wget in a WACZ."""
    command = ["wacz", "create", "-o", FOLDER / "crawl.wacz", "--detect-pages"]
    subprocess.run([*command, FOLDER / "wget.warc.gz"], check=True)


def chromium(port: int) -> None:
    """What the browser saves in one file, and what its tools export."""
    from playwright.sync_api import sync_playwright

    options = {"executable_path": "/usr/bin/chromium", "args": [*BROWSER, _rules(port)]}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(**options)
        har = {"record_har_path": FOLDER / "chromium.har", "record_har_content": "embed"}
        context = browser.new_context(**har)
        page = context.new_page()
        page.goto(URL)
        session = context.new_cdp_session(page)
        saved = session.send("Page.captureSnapshot", {"format": "mhtml"})["data"]
        (FOLDER / "chromium.mhtml").write_text(saved, newline="")
        context.close()
        browser.close()


def _rules(port: int) -> str:
    return f"--host-resolver-rules=MAP courier.example 127.0.0.1:{port}"


def printed(port: int) -> None:
    """The page as the browser prints it."""
    command = ["chromium", "--headless", *BROWSER, _rules(port), "--no-pdf-header-footer"]
    subprocess.run([*command, f"--print-to-pdf={FOLDER / 'chromium.pdf'}", URL], check=True)


def single_file(port: int) -> None:
    """The page in one file, as the add-on of browsers saves it."""
    arguments = json.dumps([*BROWSER, _rules(port)])
    command = ["single-file", "--browser-executable-path=/usr/bin/chromium"]
    command += [f"--browser-args={arguments}", URL, str(FOLDER / "single-file.html")]
    subprocess.run(command, check=True)


def pywb(_port: int) -> None:
    """What a web archive of one's own shows of the WARC file of wget."""
    with tempfile.TemporaryDirectory() as folder:
        for words in (["init", "c"], ["add", "c", str(FOLDER / "wget.warc.gz")]):
            subprocess.run(["wb-manager", *words], cwd=folder, check=True)
        with subprocess.Popen(["wayback", "-p", "8098"], cwd=folder) as server:
            time.sleep(8)
            with urlopen(f"http://127.0.0.1:8098/c/2026mp_/{URL}") as answer:
                (FOLDER / "pywb.html").write_bytes(answer.read())
            server.terminate()


def trafilatura(_port: int) -> None:
    """A line of trafilatura's JSON."""
    from trafilatura import extract

    line = extract(PAGE.decode(), url=URL, output_format="json", with_metadata=True)
    (FOLDER / "trafilatura.jsonl").write_text(f"{line}\n")


def newspaper(_port: int) -> None:
    """A line of newspaper4k's JSON."""
    from newspaper import Article

    article = Article(URL, fetch_images=False)
    article.download(input_html=PAGE.decode())
    article.parse()
    line = json.dumps(json.loads(article.to_json()))
    (FOLDER / "newspaper.jsonl").write_text(f"{line}\n")


def news_please(_port: int) -> None:
    """A line of news-please's JSON."""
    from newsplease import NewsPlease

    held = NewsPlease.from_html(PAGE.decode(), url=URL).get_serializable_dict()
    (FOLDER / "news-please.jsonl").write_text(json.dumps(held, default=str) + "\n")


def fundus(_port: int) -> None:
    """A crawl as fundus saves it, with a parser of this outlet."""
    from fundus.parser import ArticleBody, BaseParser, ParserProxy, attribute
    from fundus.parser.utility import (
        extract_article_body_with_selector,
        generic_author_parsing,
        generic_date_parsing,
    )
    from fundus.scraping.article import Article
    from fundus.scraping.html import HTML, SourceInfo
    from lxml.cssselect import CSSSelector

    class Parser(ParserProxy):
        class V1(BaseParser):
            @attribute
            def body(self) -> ArticleBody | None:
                return extract_article_body_with_selector(
                    self.precomputed.doc,
                    paragraph_selector=CSSSelector("article > p:not([class])"),
                    subheadline_selector=CSSSelector("article > h2"),
                )

            @attribute
            def authors(self) -> list[str]:
                return generic_author_parsing(self.precomputed.meta.get("author"))

            @attribute
            def publishing_date(self) -> datetime | None:
                return generic_date_parsing(self.precomputed.meta.get("article:published_time"))

            @attribute
            def title(self) -> str | None:
                return self.precomputed.meta.get("og:title")

    now = datetime.now(UTC)
    held = HTML(URL, URL, PAGE.decode(), now, SourceInfo("The Harbour Courier"))
    article = Article(html=held, **Parser()(now).parse(PAGE.decode()))
    crawled = {article.publisher: [article]}
    text = json.dumps(crawled, default=lambda each: each.to_json(), ensure_ascii=False, indent=4)
    (FOLDER / "fundus.json").write_text(text)


TOOLS: dict[str, Callable[[int], Any]] = {
    "wget": wget,
    "wacz": wacz,
    "chromium": chromium,
    "printed": printed,
    "single-file": single_file,
    "pywb": pywb,
    "trafilatura": trafilatura,
    "newspaper": newspaper,
    "news-please": news_please,
    "fundus": fundus,
}

if __name__ == "__main__":
    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    for tool in sys.argv[1:]:
        TOOLS[tool](site.server_port)
