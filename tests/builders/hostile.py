"""An archive in which every capture that can be made to hurt lies beside good ones.

    python tests/builders/hostile.py FOLDER

Each attack writes into a folder of its own under raw/captures/. What it is told for, by file, and
which addresses in it are good all the same, stands beside it.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import brotli
import pyarrow as pa

from small import outlet, prose, write
from small import record as ready
from warcs import member, record, url, written

HTML = [("Content-Type", "text/html")]
# What means something to YAML, TOML, Markdown, HTML, BibTeX, CSV, a shell, and to those who read.
EVIL = (
    '=HYPERLINK("https://x.example") \' " --- ``` | # : % & <script>alert(1)</script> \\ {braces} '
    "[x](javascript:1) ![y](https://x.example/p.png) ${HOME} `id` @everyone \u202etxt\u2066 "
    "a\u200bb\u2060c \x1b[31m \u2028 </table>\u0085]]>"
)


class Attack(NamedTuple):
    """What writes it, the code by which each file is told of, the addresses that are good in it."""

    make: Callable[[Path], object]
    told: Mapping[str, str] = {}
    good: tuple[str, ...] = ()


def courier(name: str) -> str:
    """An address of the outlet."""
    return f"https://courier.example/attacks/{name}"


def sidecar(folder: Path, file: str, **more: str) -> None:
    """A retrieval record that is in order."""
    stated = {"url": courier(f"{folder.name}-{file}"), "retrieved_at": "2024-06-01T00:00:00Z"}
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in (stated | more).items()]
    (folder / f"{file}.toml").write_text("".join(lines))


def whole(name: str, text: str | bytes, code: str) -> Attack:
    """A file that is one capture, with a sidecar."""

    def make(folder: Path) -> None:
        octets = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        (folder / name).write_bytes(octets)
        sidecar(folder, name)

    return Attack(make, {name: code})


def records(name: str, *bad: object, code: str) -> Attack:
    """A record file with bad lines around a good one."""
    good = courier(f"records-{name}")

    def make(folder: Path) -> None:
        # bad lines are made when they are written: some are long
        lines = [each() if callable(each) else each for each in bad]
        octets = [each if isinstance(each, bytes) else str(each).encode() for each in lines]
        middle = json.dumps(ready(1, url=good, text=prose(zlib.crc32(name.encode())))).encode()
        (folder / "r.jsonl").write_bytes(b"\n".join([*octets, middle, b""]))

    return Attack(make, {"r.jsonl": code}, (good,))


def line(**fields: Any) -> str:
    """A record as JSON."""
    return json.dumps({"url": courier("line"), "title": "A", "text": "b c", **fields})


# Bombs


def gzip_bomb(folder: Path) -> None:
    """A gzip member, and a body, of a gigabyte of zeros; each inside another."""
    squeeze = zlib.compressobj(9, wbits=31)
    zeros = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(1024)) + squeeze.flush()
    (folder / "member.warc.gz").write_bytes(zeros)
    twice = [*HTML, ("Content-Encoding", "gzip, gzip")]
    bodies = (
        written(url(90), [*HTML, ("Content-Encoding", "gzip")], zeros, "200 OK"),
        written(url(91), twice, gzip.compress(zeros), "200 OK"),
    )
    (folder / "body.warc").write_bytes(b"".join(bodies))


def many_gzips(folder: Path) -> None:
    """A body of 100 MB that was gzipped twenty times."""
    body = bytes(100 << 20)
    for _ in range(20):
        body = gzip.compress(body, mtime=0)
    encodings = ", ".join(["gzip"] * 20)
    octets = written(url(96), [*HTML, ("Content-Encoding", encodings)], body, "200 OK")
    (folder / "a.warc").write_bytes(octets + record(97))


def zip_bomb(folder: Path) -> None:
    """A WACZ whose WARC claims a gigabyte."""
    with zipfile.ZipFile(folder / "a.wacz", "w", zipfile.ZIP_DEFLATED) as package:
        with package.open("archive/a.warc", "w") as out:
            for _ in range(1024):
                out.write(bytes(1 << 20))
        package.writestr("archive/b.warc", record(92))


def brotli_bomb(folder: Path) -> None:
    """A brotli body of half a gigabyte."""
    squeeze = brotli.Compressor(quality=5)
    body = b"".join(squeeze.process(bytes(1 << 20)) for _ in range(512)) + squeeze.finish()
    octets = written(url(93), [*HTML, ("Content-Encoding", "br")], body, "200 OK")
    (folder / "a.warc").write_bytes(octets)


def zstd_bomb(folder: Path) -> None:
    """A zstd frame of a gigabyte, and a body of one."""
    squeezed = io.BytesIO()
    with pa.CompressedOutputStream(squeezed, "zstd") as out:
        for _ in range(1024):
            out.write(bytes(1 << 20))
        out.flush()
        zeros = squeezed.getvalue()
    (folder / "a.warc.zst").write_bytes(zeros)
    octets = written(url(98), [*HTML, ("Content-Encoding", "zstd")], zeros, "200 OK")
    (folder / "b.warc").write_bytes(octets + record(99))


def deep_page(folder: Path) -> None:
    """A page nested 100,000 deep: nothing in it can be read."""
    (folder / "deep.html").write_text("<div>" * 100_000 + "<p>Deep down.</p>")
    (folder / "deep.html.toml").write_text('url = "https://courier.example/deep"\n')


def huge_page(folder: Path) -> None:
    """A page of 500 MB, most of it a hole in the disk."""
    with (folder / "huge.html").open("wb") as out:
        out.write(b"<html><body><p>Huge.</p>")
        out.truncate(500_000_000)


def huge_line(folder: Path) -> None:
    """A line of 200 MB."""
    with (folder / "r.jsonl").open("wb") as out:
        out.write(b'{"text": "')
        out.truncate(200_000_000)


def lying_warc(folder: Path) -> None:
    """Records that claim more than there is."""
    head = b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 999999999999\r\n\r\n"
    octets = head + record(94).replace(b"Content-Length: ", b"Content-Length: 99999999", 1)
    (folder / "a.warc").write_bytes(octets)
    (folder / "b.warc.gz").write_bytes(member(octets))


def many_headers(folder: Path) -> None:
    """A million headers of one name, in the message and in the record."""
    octets = record(100)
    head, _, rest = octets.partition(b"HTTP/1.1 200 OK\r\n")
    more = b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1_000_000 + rest
    length = str(len(more) - 4).encode()
    lines = [b"Content-Length: " + length if each.startswith(b"Content-Length") else each
             for each in head.split(b"\r\n") if b"Digest" not in each]  # fmt: skip
    (folder / "a.warc").write_bytes(b"\r\n".join(lines) + more)


def pdf_bomb(folder: Path) -> None:
    """A page of 300 MB of spaces, and a tree of pages that is its own child."""
    for name, kids, content in (
        ("stream", b"3 0 R", zlib.compress(b" " * 300_000_000, 9)),
        ("loop", b"2 0 R", zlib.compress(b" ")),
    ):
        (folder / f"{name}.pdf").write_bytes(
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
            b"2 0 obj<</Type/Pages/Kids[" + kids + b"]/Count 1>>endobj\n"
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
            b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n"
            % len(content)
            + content
            + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n"
        )
        sidecar(folder, f"{name}.pdf")


def bundles(folder: Path) -> None:
    """Files of browsers, nested as deep as their forms let them be."""
    parts = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (number, number)
        for number in range(3000)
    )
    (folder / "a.mhtml").write_bytes(b"MIME-Version: 1.0\r\n" + parts)
    (folder / "b.har").write_bytes(b'{"log": ' * 100_000)
    (folder / "c.webarchive").write_bytes(
        b'<?xml version="1.0"?><plist version="1.0">' + b"<dict><key>a</key>" * 20_000
    )
    (folder / "d.arc").write_bytes(
        b"filedesc://a.arc 0.0.0.0 20240101000000 text/plain 999999999999\n1 0 Holm\n"
    )


# Names and links


def climbing_names(folder: Path) -> None:
    """Members of a package that would lie outside of it, and one that would not."""
    with zipfile.ZipFile(folder / "a.wacz", "w") as package:
        for name in ("../../../evil.warc", "/tmp/evil.warc", "archive/../../evil.warc"):  # noqa: S108
            package.writestr(name, record(110))
        package.writestr("archive/b.warc", record(111))
    (folder / "retrievals.jsonl").write_text(
        '{"path": "../../dataset.toml", "url": "https://courier.example/x"}\n'
        '{"path": "/etc/passwd", "url": "https://courier.example/y"}\n'
    )


def links(folder: Path) -> None:
    """Links that lead out, to themselves, to a device; pipes and sockets, also as sidecars."""
    (folder / "out.txt").symlink_to("/etc/passwd")
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    (folder / "zero.txt").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(folder)  # a socket's name may have 107 octets
        listening.bind("socket.txt")
        os.chdir(here)
    for name in ("a", "b", "c", "d"):
        (folder / f"{name}.txt").write_text(f"Lamps of {name}\n\n{prose(ord(name))}.\n")
    (folder / "a.txt.toml").symlink_to("/etc/passwd")
    os.mkfifo(folder / "b.txt.toml")
    (folder / "c.txt.toml").mkdir()
    (folder / "d.txt.toml").symlink_to("/dev/zero")


def names(folder: Path) -> None:
    """Names with line feeds, marks of direction, no UTF-8, of 255 octets."""
    for name in (
        b"a\nraw captures forged.txt: error MF301.txt", "b\u202etxt.exe.txt".encode(), b"c\xff.txt",
        b"d" * 251 + b".txt", b"-rf ;id.txt", b"$(id)`id`.txt",
    ):  # fmt: skip
        Path(os.fsdecode(bytes(folder) + b"/" + name)).write_text("")


# Hosts and words


def hosts(folder: Path) -> None:
    """Addresses that look like the outlet's, and some whose hosts say another thing to others."""
    lines = [
        line(url=f"https://{host}/1")
        for host in (
            "c\u043eurier.example", "xn--curier-4of.example", "courier.example.evil.example",
            "courier\u3002example.evil.example", "courier.example@evil.example", "fa\u00df.example",
            "a\u200db.example", "xn--zz-.example", "\U0001fae8.example", "courier.example\\evil",
            "[::ffff:127.0.0.1]", "0x7f.1", "cou\u00adrier.evil.example",
        )
    ]  # fmt: skip
    (folder / "r.jsonl").write_text("".join(f"{each}\n" for each in lines))


def words(folder: Path) -> None:
    """Markup and marks in every field that a record has; it is published, as words."""
    stated = ready(120, url=courier("words"))
    for key in ("title", "subtitle", "dateline", "rights_evidence"):
        stated[key] = f"{key} {EVIL}"
    for key in ("section_path", "byline", "captions", "keywords"):
        stated[key] = [f"{key} {EVIL}", f"more {key}"]
    stated["text"] = f"{prose(120)}\n\n{EVIL}"
    stated["rights_basis"] = "license"
    stated["annotations"] = [{"name": "frame", "value": f"value {EVIL}", "by": f"by {EVIL}"}]
    stated["retrieval"] = {
        "retrieved_at": "2025-01-01T00:00:00Z",
        "retrieved_by": f"by {EVIL}",
        "method": f"method {EVIL}",
        "notes": f"notes {EVIL}",
        "original_name": f"name {EVIL}",
    }
    (folder / "r.jsonl").write_text(json.dumps(stated) + "\n")


def slow(folder: Path) -> None:
    """Text and markup at which patterns of a careless kind never end."""
    texts = ("a" * 100_000 + "!", "." * 100_000, "1/" * 30_000, " ".join(["Jan"] * 20_000),
             "(" * 50_000, "http://" * 20_000, "\u0301" * 100_000, "-\n" * 40_000)  # fmt: skip
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(f"Lamps {number}\n\n{prose(200 + number)}.\n\n{text}")
        sidecar(folder, f"{number}.txt")
    opened = ("<!--" * 30_000, "<a href='" * 30_000, "<table><tr><td>" * 2_000, "&amp" * 50_000,
              "<script>" * 30_000, "<p class='" + "a " * 100_000 + "'>", "<![CDATA[" * 30_000)  # fmt: skip
    for number, html in enumerate(opened):
        title = f"<html><head><title>Lamps at sea {number}</title></head><body><h1>Lamps at sea {number}</h1>"
        (folder / f"{number}.html").write_text(f"{title}<p>{prose(300 + number)}.</p>{html}")
        sidecar(folder, f"{number}.html")


def nested(opening: str, closing: str, depth: int) -> Callable[[], str]:
    """A record with a value nested so deep."""
    return lambda: '{"url": ' + opening * depth + closing * depth + "}"


SIDECAR_TOML = {
    "deep.txt": "a = " + "[" * 50_000,
    "tables.txt": "[" + ".".join("a" * 20_000) + "]\n",
    "number.txt": f"http_status = {'9' * 50_000}\n",
    "float.txt": "http_status = 1e999999\n",
    "year.txt": "retrieved_at = 99999-01-01T00:00:00Z\n",
    "twice.txt": 'url = "https://courier.example/1"\nurl = "https://courier.example/2"\n',
    "latin.txt": b'notes = "\xe9"\n',
    "nul.txt": 'notes = "a\0b"\n',
    "key.txt": '"' + "k" * 100_000 + '" = 1\n',
}


def tomls(folder: Path) -> None:
    """Retrieval records at the limits of TOML."""
    for name, text in SIDECAR_TOML.items():
        (folder / name).write_text(f"Lamps of {name}\n\n{prose(zlib.crc32(name.encode()))}.\n")
        octets = text if isinstance(text, bytes) else text.encode()
        (folder / f"{name}.toml").write_bytes(octets)


SEED = courier("seed")
ATTACKS: dict[str, Attack] = {
    "gzip": Attack(gzip_bomb, {"member.warc.gz": "MF313", "body.warc": "MF313"}),
    "gzips": Attack(many_gzips, {"a.warc": "MF313"}, (url(97),)),
    "zip": Attack(zip_bomb, {"a.wacz": "MF316"}, (url(92),)),
    "brotli": Attack(brotli_bomb, {"a.warc": "MF313"}),
    "zstd": Attack(zstd_bomb, {"a.warc.zst": "MF313", "b.warc": "MF313"}, (url(99),)),
    "deep-page": Attack(deep_page, {"deep.html": "MF404"}),
    "huge-page": Attack(huge_page, {"huge.html": "MF304"}),
    "huge-line": Attack(huge_line, {"r.jsonl": "MF304"}),
    "lies": Attack(lying_warc, {"a.warc": "MF313", "b.warc.gz": "MF313"}),
    "headers": Attack(many_headers, {}, (url(100),)),
    "pdf": Attack(pdf_bomb, {"stream.pdf": "MF319", "loop.pdf": "MF319"}),
    "bundles": Attack(
        bundles,
        {"a.mhtml": "MF313", "b.har": "MF313", "c.webarchive": "MF313", "d.arc": "MF313"},
    ),
    "attributes": whole("a.html", "<p " + "".join(map(" a{}=1".format, range(300_000))), "MF318"),
    "tags": whole("a.html", "<br>" * 600_000, "MF318"),
    "lines": whole("a.txt", "Lamps\n\n" + "a b\n" * 1_000_000, "MF318"),
    "letters": whole("a.txt", "Lamps\n\n" + "a b " * 10_000_000, "MF318"),
    "nuls": whole("a.txt", f"Lamps\0\n\n{prose(3)}\n", "MF303"),
    "noise": whole("a.txt", bytes(range(1, 256)) * 400, "MF302"),
    "empty": whole("a.html", " \n" * 1000, "MF301"),
    "json-deep": records("deep", nested("[", "]", 100_000), nested('{"a":', "}", 50_000), code="MF307"),
    "json-numbers": records(
        "numbers",
        line(free_access=True)[:-1] + ', "http_status": ' + "9" * 100_000 + "}",
        '{"a": 1e999999}', '{"a": NaN}', '{"a": -Infinity}', code="MF307",
    ),
    "json-octets": records(
        "octets",
        b'{"title": "\xff"}', b'{"title": "\xed\xa0\x80"}', b"\0" * 5000, b'{"a": "\x01"}',
        '{"title": "\\ud800"}', code="MF307",
    ),
    "json-kinds": records(
        "kinds",
        line(title=["A"]), line(text={"a": 1}), line(retrieval=[1]), line(published=20240101),
        line(byline="A"), line(title="x" * 1_000_000), line(keywords=[str(n) for n in range(50_000)]),
        line(**{"\x1b[31m": 1}), line(url="javascript:alert(1)"), line(published="9" * 60),
        code="MF401",
    ),
    "json-large": records(
        "large",
        lambda: line(text="ab cd " * 8_000_000),
        lambda: line(paragraphs=["ab"] * 2_000_000),
        lambda: line(annotations=[{"name": "a", "value": "b"}] * 1_000_000),
        lambda: '{"a": [' + ",".join(["{}"] * 15_000_000) + "]}",
        '{"title": "A", "title": "B"}',
        code="MF318",
    ),
    "climbing": Attack(climbing_names, {"retrievals.jsonl": "MF310"}, (url(110), url(111))),
    "links": Attack(
        links,
        {
            **dict.fromkeys(("out.txt", "loop.txt", "zero.txt"), "MF105"),
            **dict.fromkeys(("pipe.txt", "socket.txt"), "MF305"),
            "a.txt": "MF105", "b.txt": "MF309", "c.txt": "MF309", "d.txt": "MF105",
        },
    ),
    "names": Attack(names, {"-rf ;id.txt": "MF301", "$(id)`id`.txt": "MF301"}),
    "hosts": Attack(hosts, {"r.jsonl": "MF402"}),
    "words": Attack(words, {}, (courier("words"),)),
    "slow": Attack(
        slow,
        {},
        tuple(
            courier(f"slow-{number}.{ending}")
            for number, ending in chain(((n, "txt") for n in range(8)), ((n, "html") for n in range(7)))
        ),
    ),
    "tomls": Attack(tomls, dict.fromkeys(SIDECAR_TOML, "MF309")),
}  # fmt: skip

# Patterns at which backtracking would never end, and rules that match everything.
RULES = r"""
[[boilerplate]]
pattern = '^(a+)+$'
kind = "promotion"
[[boilerplate]]
pattern = '^(?:.*){20}x$'
kind = "promotion"
[[boilerplate]]
pattern = '^((\.|\d|/)*)*=$'
kind = "promotion"
[article]
ends_before = ['^(x+x+)+y$']
[dates]
forms = ['^(?:(?P<day>[0-9]+)+ )+(?P<month>[0-9]+) (?P<year>[0-9]{4})$']
"""
LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12)
)  # fmt: skip


def expected(folder: Path) -> dict[str, str]:
    """Lists of expected addresses that are bombs, and the codes by which they are told of."""
    folder.mkdir()
    (folder / "laughs.xml").write_text(
        f"<!DOCTYPE u [{LAUGHS}]><urlset><url><loc>&l11;</loc></url></urlset>"
    )
    (folder / "file.xml").write_text(
        '<!DOCTYPE u [<!ENTITY f SYSTEM "file:///etc/passwd">]><urlset><url><loc>&f;</loc></url></urlset>'
    )
    squeezed = io.BytesIO()
    with gzip.GzipFile(fileobj=squeezed, mode="wb", mtime=0) as out:
        for _ in range(1024):
            out.write(bytes(1 << 20))
    (folder / "zeros.txt.gz").write_bytes(squeezed.getvalue())
    return {"laughs.xml": "MF107", "file.xml": "MF108", "zeros.txt.gz": "MF107"}


def hostile(root: Path) -> tuple[dict[str, str], set[str]]:
    """Write the archive: (the code that each bad file is told by, the good addresses)."""
    good = [ready(number) for number in range(1, 51)]
    write(root, good, outlet() + RULES)
    told: dict[str, str] = {}
    addresses = {each["url"] for each in good}
    for name, attack in ATTACKS.items():
        folder = root / "raw" / "captures" / name
        folder.mkdir()
        attack.make(folder)
        told |= {f"raw/captures/{name}/{file}": code for file, code in attack.told.items()}
        addresses |= set(attack.good)
    return told, addresses


if __name__ == "__main__":
    hostile(Path(sys.argv[1]))
