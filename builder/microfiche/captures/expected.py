"""What should have been captured: lists of addresses under raw/expected/.

Reads plain lists, tables (CSV, TSV), sitemaps, RSS and Atom feeds and CDX files, each also
compressed with gzip. An expected address is a claim of its list, no capture: it only tells what is
missing.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from microfiche.archive.files import is_left
from microfiche.dates import is_day
from microfiche.errors import in_words, printable
from microfiche.finding import Finding
from microfiche.url import read_address

FOLDER = "expected"
LIMIT = 256 << 20  # bytes of one list once unpacked
MAX_CELL = 1 << 17  # characters of a cell of a table
FINDINGS_PER_FILE = 20
CDXJ = re.compile(r"\S+ [0-9]{4,17} (?=\{)")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ENTRIES, ADDRESSES = ("url", "item", "entry"), ("loc", "link", "guid", "id")
URLS, DAYS = ("url", "address", "link"), ("day", "date", "published")  # columns of tables
PARENTS = ("urlset", "channel", "RDF", "feed")
DATES = ("publication_date", "pubDate", "published", "date")


class Expected(NamedTuple):
    """One expected address: as listed, the day it was published if the list says so, its file."""

    url: str
    day: str | None
    file: str


class Unreadable(Exception):  # noqa: N818 - caught here, and named for what it means
    """Why a list cannot be read."""


def read_expected(raw: Path, findings: list[Finding]) -> Iterator[Expected]:
    """Every expected address of an archive, in the order of files and lines.

    What cannot be read is a finding: MF107 for a file, MF108 for an address.
    """
    for file in sorted((raw / FOLDER).rglob("*")):
        name = file.relative_to(raw).as_posix()
        if file.is_dir() or file.name.startswith(".") or is_left(file.name):
            continue
        where, bad = f"raw/{printable(name)}", 0
        try:
            for place, url, stated in _addresses(raw, file):
                day = _day(stated)
                if read_address(url):
                    yield Expected(url, day, name)
                    if day or not stated:
                        continue
                bad += 1
                if bad <= FINDINGS_PER_FILE:
                    fault = repr(url[:200]) if day or not stated else f"no day: {stated[:80]!r}"
                    findings.append(Finding(where, place, "MF108", fault))
        except Unreadable as error:
            findings.append(Finding(where, "", "MF107", str(error)))
        except OSError as error:
            findings.append(Finding(where, "", "MF107", error.strerror or str(error)))
        if bad > FINDINGS_PER_FILE:
            message = f"and {bad - FINDINGS_PER_FILE:,} more addresses"
            findings.append(Finding(where, "", "MF108", message))


def _addresses(raw: Path, file: Path) -> Iterator[tuple[str, str, str | None]]:
    """(place, address, day as stated or None) of each entry. Raises Unreadable, OSError."""
    try:
        inside = file.resolve().is_relative_to(raw.resolve()) and file.is_file()
        str(file).encode()
    except (RuntimeError, UnicodeEncodeError) as error:
        raise Unreadable("a link to itself, or a name that is no UTF-8") from error
    if not inside:
        raise Unreadable("no regular file under raw/")
    data = _unpacked(file)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("UTF-16; save it as UTF-8")
    ending = Path(file.name.removesuffix(".gz")).suffix
    if ending in (".xml", ".rss", ".atom"):
        return _xml(data)
    if ending in (".cdx", ".cdxj"):
        return _cdx(data)
    if ending in (".csv", ".tsv"):
        return _table(data)
    if ending in (".txt", ""):
        return _lines(data)
    raise Unreadable(f"files named *{ending} are no lists of addresses")


def _unpacked(file: Path) -> bytes:
    try:
        with gzip.open(file) if file.name.endswith(".gz") else file.open("rb") as stream:
            data = stream.read(LIMIT + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unreadable(f"broken gzip: {in_words(error)}") from error
    if len(data) > LIMIT:
        raise Unreadable(f"larger than {LIMIT:,} bytes; split it")
    return data


def _text_lines(data: bytes) -> Iterator[tuple[int, str]]:
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    for number, line in enumerate(lines, 1):
        yield number, line.decode("utf-8-sig", "replace").strip()


def _lines(data: bytes) -> Iterator[tuple[str, str, str | None]]:
    """A list: an address a line, after it, if known, a tab and the day; # begins a comment."""
    for number, line in _text_lines(data):
        if line and not line.startswith("#"):
            url, _, day = line.partition("\t")
            yield f"line {number}", url.strip(), day.strip() or None


def _table(data: bytes) -> Iterator[tuple[str, str, str | None]]:
    """A table with a header: its column of addresses and, if it has one, of days, by their names.

    Raises Unreadable for one without.
    """
    csv.field_size_limit(MAX_CELL)  # of the whole program: whoever read a table before set its own
    text = data.decode("utf-8-sig", "replace")
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=first.count))
    header = [name.strip().casefold() for name in next(rows, [])]
    at, when = (next((n for n in names if n in header), None) for names in (URLS, DAYS))
    if at is None:
        raise Unreadable(f"its first line names no column {' or '.join(URLS)}")
    while True:
        line = rows.line_num + 1
        try:
            row = dict(zip(header, map(str.strip, next(rows)), strict=False))
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(f"line {line}: {in_words(error)}") from error
        if row.get(at):
            yield f"line {line}", row[at], (row.get(when) if when else None) or None


def _day(value: str | None) -> str | None:
    """The day of an ISO or RFC 822 date; None for anything else."""
    value = (value or "").strip()
    if DAY.match(value):
        return value[:10] if is_day(value[:10]) else None
    try:
        return parsedate_to_datetime(value).date().isoformat()
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


def _cdx(data: bytes) -> Iterator[tuple[str, str, str | None]]:
    """CDX by its header line (` CDX N b a …`; 11 columns without one), CDXJ by its JSON.

    Rows of other than pages, or of statuses other than 200, are no articles to be expected.
    """
    names = "N b a m s k r M S V g".split()
    for number, line in _text_lines(data):
        if line.startswith("CDX "):
            names = line.split()[1:]
            if "a" not in names:
                raise Unreadable("its header names no column a, the original address")
        elif line and not line.startswith("!"):
            match = CDXJ.match(line)
            row = _json(line[match.end() :]) if match else _columns(line, names)
            status, media = str(row.get("status", "-")), str(row.get("mime", "-"))
            if status in ("200", "-") and ("html" in media or media in ("-", "warc/revisit")):
                yield f"line {number}", str(row.get("url", line)), None


def _columns(line: str, names: list[str]) -> dict[str, Any]:
    """The address, media type and status of a row by the letters of the header."""
    known = {"a": "url", "m": "mime", "s": "status"}
    parts = dict(zip(names, line.split(), strict=False))
    return {known[name]: value for name, value in parts.items() if name in known}


def _json(text: str) -> dict[str, Any]:
    try:
        value: Any = orjson.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _xml(data: bytes) -> Iterator[tuple[str, str, str | None]]:
    """Sitemaps, RSS and Atom: the address and date of each entry. Nothing outside is fetched."""
    from lxml import etree

    safe = {"resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False}
    try:
        for _, node in etree.iterparse(io.BytesIO(data), events=("end",), **safe):
            name = _local(node)
            if name == "sitemap":
                raise Unreadable("an index of sitemaps; put the sitemaps it names here instead")
            if name in ENTRIES and _local(node.getparent()) in PARENTS:
                url = _entry_address(node)
                place = f"line {node.sourceline}"
                yield place, url, next(_parts(node, DATES), None)
                node.clear()
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"no XML: {in_words(error)}") from error


def _local(node: Any) -> str:
    if node is None or not isinstance(node.tag, str):
        return ""
    return str(node.tag.rpartition("}")[2])


def _parts(node: Any, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        for part in node.iterdescendants():
            if _local(part) == name and part.text:
                yield part.text.strip()


def _entry_address(node: Any) -> str:
    """The address of an entry: what it holds directly and in its own vocabulary.

    An Atom link without a relation or as the alternate; else loc, link, guid or id as text.
    """
    own = [part for part in node if _space(part) == _space(node)]
    found = [
        part.get("href")
        for part in own
        if _local(part) == "link" and part.get("rel", "alternate") == "alternate"
    ]
    for name in ADDRESSES:
        # An entity that was not resolved is a child: then the text is not the whole address.
        found += [part.text for part in own if _local(part) == name and not len(part)]
    texts = [each.strip() for each in found if each]
    return next((each for each in texts if read_address(each)), texts[0] if texts else "")


def _space(node: Any) -> str:
    return str(node.tag.rpartition("}")[0]) if isinstance(node.tag, str) else "none"


def expected_findings(raw: Path) -> list[Finding]:
    """What is wrong with the lists of an archive."""
    findings: list[Finding] = []
    for _ in read_expected(raw, findings):
        pass
    return findings
