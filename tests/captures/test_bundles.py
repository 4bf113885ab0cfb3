"""One page in each container that people hold: one article, whatever it came in."""

from __future__ import annotations

import base64
import gzip
import json
import plistlib
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from microfiche.library import open_archive
from small import build, outlet, write

URL, AT = "https://courier.example/2024/05/17", "2025-02-01T00:00:00Z"
PAGE = (Path(__file__).parents[1] / "pages" / "html" / "01-semantic-jsonld.html").read_bytes()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
RECORD = f'url = "{URL}"\nretrieved_at = 2025-02-01T00:00:00Z\n'


def warc(
    body: bytes = PAGE, media: str = "text/html", end: bytes = b"\r\n\r\n", head: bytes = b""
) -> bytes:
    """A WARC record of a response."""
    block = (head or HEAD.replace(b"text/html", media.encode())) + body
    lines = ["WARC/1.0", "WARC-Type: response", f"WARC-Target-URI: {URL}", f"WARC-Date: {AT}"]
    lines += ["Content-Type: application/http; msgtype=response", f"Content-Length: {len(block)}"]
    return "\r\n".join([*lines, "", ""]).encode() + block + end


def arc(body: bytes = PAGE, media: str = "text/html", url: str = URL) -> bytes:
    """An ARC record of a response."""
    block = HEAD.replace(b"text/html", media.encode()) + body
    line = f"{url} 10.0.0.1 20250201000000 {media} {len(block)}\n"
    return line.encode() + block + b"\n"


ARC_HEAD = (
    b"filedesc://x.arc 0.0.0.0 20250201000000 text/plain 76\n1 0 Internet Archive\n"
    b"URL IP-address Archive-date Content-type Archive-length\n\n"
)


def mhtml() -> bytes:
    """The page as a browser saves it in one file, with a style beside it."""
    message = EmailMessage()
    message["From"], message["Snapshot-Content-Location"] = "<Saved by Blink>", URL
    message["Date"] = "Sat, 1 Feb 2025 00:00:00 -0000"
    message.set_content(PAGE.decode(), subtype="html", cte="quoted-printable")
    message.add_related(b"p { color: black }", "text", "css", cid="style")
    message.get_payload(0)["Content-Location"] = URL
    return message.as_bytes()


def webarchive() -> bytes:
    """The page as Safari saves it."""
    main = {"WebResourceMIMEType": "text/html", "WebResourceData": PAGE, "WebResourceURL": URL}
    return plistlib.dumps({"WebMainResource": main}, fmt=plistlib.FMT_BINARY)


def entry(text: str, media: str, **content: str) -> dict[str, Any]:
    """One answer of a HAR file."""
    held = {"mimeType": media, "text": text, **content}
    response = {"status": 200, "content": held}
    return {"startedDateTime": AT, "request": {"url": URL}, "response": response}


def har(encode: bool = False) -> bytes:
    """The page in what a browser's tools export, with an answer that is no page."""
    page = entry(PAGE.decode(), "text/html; charset=utf-8")
    if encode:
        page = entry(base64.b64encode(PAGE).decode(), "text/html", encoding="base64")
    return json.dumps({"log": {"entries": [entry("x", "text/css"), page]}}).encode()


def wayback() -> bytes:
    """A copy of a web archive, with its banner and itself before every link."""
    banner = "<!-- BEGIN WAYBACK TOOLBAR INSERT --><div><p>12 captures</p></div><!-- END WAYBACK TOOLBAR INSERT -->"
    page = PAGE.decode().replace("<body>", f"<body>{banner}", 1)
    return page.replace(
        'href="https://', 'href="https://web.archive.org/web/20250201000000/https://'
    ).encode()


def single_file() -> bytes:
    """The page as SingleFile saves it."""
    comment = f"<!--\n Page saved with SingleFile \n url: {URL} \n saved date: Sat Feb 01 2025\n-->"
    return PAGE.replace(b"<html", comment.encode() + b"<html", 1)


MEMENTO = f"https://web.archive.org/web/20250201000000/{URL}"
FILES: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "page.html": (lambda: PAGE, RECORD),
    "PAGE.HTM": (lambda: PAGE, RECORD),
    "page.mhtml": (mhtml, None),
    "page.webarchive": (webarchive, "retrieved_at = 2025-02-01T00:00:00Z\n"),
    "page.har": (har, None),
    "base64.har": (lambda: har(True), None),
    "page.warc": (warc, None),
    "page.warc.gz": (lambda: gzip.compress(warc()), None),
    "BARE.WARC": (lambda: warc(end=b"") * 2, None),
    "page.arc": (lambda: ARC_HEAD + arc(), None),
    "page.arc.gz": (lambda: gzip.compress(ARC_HEAD) + gzip.compress(arc()), None),
    "wayback.html": (wayback, f'url = "{MEMENTO}"\n'),
    "single.html": (single_file, "retrieved_at = 2025-02-01T00:00:00Z\n"),
}


def archive_of(root: Path, *names: str) -> Path:
    """An archive of some of these files."""
    write(root, [], outlet())
    (root / "raw" / "captures" / "records.jsonl").unlink()
    for name in names:
        make, record = FILES[name]
        (root / "raw" / "captures" / name).write_bytes(make())
        if record:
            (root / "raw" / "captures" / f"{name}.toml").write_text(record)
    return root


def article(root: Path) -> dict[str, Any]:
    """The one article of an archive, without where it comes from."""
    release = build(root)
    (row,) = release.rows("articles")
    (capture,) = release.rows("captures")
    assert capture["retrieved_at"] == "2025-02-01T00:00:00.000000Z"
    assert capture["url"] == URL
    return {key: value for key, value in row.items() if key not in ("provenance", "record_sha256")}


@pytest.mark.parametrize("name", list(FILES))
def test_a_page_is_read_alike_from_every_container(tmp_path: Path, name: str) -> None:
    """In every column but provenance."""
    expected = article(archive_of(tmp_path / "a", "page.html"))
    assert article(archive_of(tmp_path / "b", name)) == expected


def test_all_of_them_are_one_article(tmp_path: Path) -> None:
    """With as many captures as there are different bytes or times."""
    release = build(archive_of(tmp_path / "a", *FILES))
    assert len(release.rows("articles")) == 1
    assert len(release.rows("revisions")) == 1
    assert {row["memento_url"] for row in release.rows("captures")} == {None, MEMENTO}


@pytest.mark.parametrize("name", ["page.mhtml", "page.har", "page.webarchive", "page.arc"])
def test_add_takes_them(tmp_path: Path, run: Run, name: str) -> None:
    """By the address that they state."""
    root = archive_of(tmp_path / "a")
    (tmp_path / name).write_bytes(FILES[name][0]())
    added = run("add", tmp_path / name, "--archive", root)
    assert added.returncode == 0, added.stderr
    assert "outlet courier, recognised by host courier.example" in added.stdout
    assert len(build(root).rows("articles")) == 1


@pytest.mark.parametrize(
    ("name", "octets", "code"),
    [
        ("a.mhtml", b"From: x\n\nno page", "MF301"),
        ("a.har", b"{}", "MF313"),
        ("a.har", b"{" * 100_000, "MF313"),
        ("a.webarchive", b"bplist00 nothing", "MF313"),
        ("a.webarchive", b"<?xml version='1.0'?><!DOCTYPE p [<!ENTITY a 'b'>]><plist>&a;", "MF313"),
        ("a.arc", b"no line of an archive\n", "MF313"),
        ("a.arc", ARC_HEAD + arc()[:-300], "MF313"),
        ("a.arc.gz", gzip.compress(ARC_HEAD + arc())[:-200], "MF313"),
        ("a.arc", b"", "MF301"),
        ("a.warc", warc()[:-300], "MF313"),
    ],
)
def test_broken_ones_are_findings(tmp_path: Path, name: str, octets: bytes, code: str) -> None:
    """With the file's name; nothing else is lost."""
    root = archive_of(tmp_path / "a", "page.html")
    (root / "raw" / "captures" / name).write_bytes(octets)
    found = open_archive(root).validate().findings
    assert code in {each.code for each in found if each.where == f"raw/captures/{name}"}
    assert len(build(root).rows("articles")) == 1


def test_faults_in_what_is_no_capture_reject_nothing(tmp_path: Path) -> None:
    """A style sheet whose chunks are wrong, a picture cut short: counted in the note."""
    broken = b"HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nTransfer-Encoding: chunked\r\n\r\n"
    root = archive_of(tmp_path / "a", "page.html")
    octets = warc(b"p { color: black }", head=broken) + warc() + warc(b"zz\r\nx", head=broken)
    (root / "raw" / "captures" / "crawl.warc").write_bytes(octets)
    release = build(root)
    assert release.rows("rejected") == []
    notes = [each for each in open_archive(root).validate().findings if each.code == "MF315"]
    assert "2 responses of text/css, damaged" in notes[0].message


def test_a_folder_of_all_kinds(tmp_path: Path, run: Run) -> None:
    """Each file by its kind, with its sidecar; what is none is named and the others are added."""
    root, folder = archive_of(tmp_path / "a"), tmp_path / "held" / "inner"
    folder.mkdir(parents=True)
    for name in ("page.mhtml", "page.warc", "page.html"):
        (folder / name).write_bytes(FILES[name][0]())
    (folder / "page.html.toml").write_text(RECORD)
    (folder / "t.csv").write_text(f'url,text,title\n{URL}9,"{"A table of the quay. " * 9}",Nine\n')
    (folder / "odd.bin").write_bytes(b"x")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "Thumbs.db").write_bytes(b"x")
    added = run("add", tmp_path / "held", "--archive", root)
    assert added.returncode == 0, added.stderr
    assert "5 files: .bin 1, .csv 1, .html 1, .mhtml 1, .warc 1" in added.stderr
    assert "odd.bin: files named *.bin are not read" in added.stderr
    assert "3 files of 3 captures, 1 refused" in added.stderr
    assert len(build(root).rows("articles")) == 2
    (tmp_path / "none").mkdir()
    assert run("add", tmp_path / "none", "--archive", root).returncode == 3
