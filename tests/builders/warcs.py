"""Pages of the base outlet as WARC records, whole and broken in known ways."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator

import brotli
from fastwarc.stream_io import ZstdWriter
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

BREAKS = ("digest", "member", "length", "chunking")


def page(number: int) -> str:
    """A page with a headline and three paragraphs that no other number has."""
    paragraphs = "".join(
        f"<p>Paragraph {part} of report {number} says that shelf {number * 7 + part} of the depot "
        f"was counted on the morning of its day, and that nothing was missing from it.</p>"
        for part in range(3)
    )
    return (
        f"<!doctype html><html lang=en><head><title>Report {number}</title>"
        f'<meta property="article:published_time" content="2024-05-{number % 28 + 1:02}T08:00:00Z">'
        f"</head><body><nav><a href=/>Home</a></nav><main><h1>Report {number}</h1>{paragraphs}"
        f"</main><footer>All rights reserved</footer></body></html>"
    )


def url(number: int) -> str:
    """The address of a page."""
    return f"https://courier.example/reports/{number}"


def response(number: int, kind: str = "plain") -> tuple[list[tuple[str, str]], bytes]:
    """(HTTP headers, body as sent) of a page: plain, gzip, br or chunked."""
    body = page(number).encode()
    headers = [("Content-Type", "text/html; charset=utf-8")]
    if kind == "gzip":
        return [*headers, ("Content-Encoding", "gzip")], gzip.compress(body, mtime=0)
    if kind == "br":
        return [*headers, ("Content-Encoding", "br")], brotli.compress(body)
    if kind == "chunked":
        parts = [body[at : at + 300] for at in range(0, len(body), 300)]
        joined = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
        return [*headers, ("Transfer-Encoding", "chunked")], joined + b"0\r\n\r\n"
    return headers, body


def record(number: int, kind: str = "plain", status: str = "200 OK") -> bytes:
    """One response record, uncompressed, as warcio writes it."""
    headers, body = response(number, kind)
    return written(url(number), headers, body, status)


def written(address: str, headers: list[tuple[str, str]], body: bytes, status: str) -> bytes:
    """A response record of an address."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="1.1")
    http = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
    dated = {"WARC-Date": "2024-06-01T10:00:00Z"}
    writer.write_record(
        writer.create_warc_record(
            address,
            "response",
            payload=io.BytesIO(body),
            http_headers=http,
            warc_headers_dict=dated,
        )
    )
    return out.getvalue()


def broken(number: int, how: str) -> bytes:
    """A record that is broken: its digest, its HTTP chunks, or the length it claims."""
    if how == "digest":
        return record(number).replace(b"was counted", b"was countet")
    if how == "chunking":
        headers, body = response(number, "chunked")
        return written(url(number), headers, body.replace(b"12c\r\n", b"zz\r\n", 1), "200 OK")
    if how == "length":
        octets = record(number)
        length = octets.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]
        return octets.replace(b"Content-Length: " + length, b"Content-Length: 99999999", 1)
    return record(number)


def member(octets: bytes, *, cut: bool = False) -> bytes:
    """A gzip member of a record; `cut`: without its last third."""
    squeezed = zlib.compressobj(wbits=31)
    data = squeezed.compress(octets) + squeezed.flush()
    return data[: len(data) * 2 // 3] if cut else data


def zstd(octets: bytes) -> bytes:
    """A zstd frame of a record."""
    out = io.BytesIO()
    writer = ZstdWriter(out)
    writer.write(octets)
    writer.close()
    return out.getvalue()


def records(count: int, every: int) -> Iterator[tuple[int, bytes, str | None]]:
    """(number, record, how it is broken) of `count` records, every so-manieth broken."""
    kinds = ("plain", "gzip", "br", "chunked")
    for number in range(count):
        if number % every == every // 2:
            how = BREAKS[number // every % len(BREAKS)]
            yield number, broken(number, how), how
        else:
            yield number, record(number, kinds[number % len(kinds)]), None
