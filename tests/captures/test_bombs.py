"""Captures that claim or become far more than they are: refused soon, in little memory."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest

from warcs import member, record, url, written

HTML = [("Content-Type", "text/html")]
MAX_SECONDS, MAX_GROWTH = 10, 512 << 20
BUILD = """
import json, resource, sys, time
from pathlib import Path
from microfiche.library import open_archive
from microfiche.pipeline import BuildOptions
import microfiche.pipeline.build
idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.monotonic()
built = open_archive(sys.argv[1]).build(BuildOptions(workers=1))
seconds = time.monotonic() - start
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle
rejected = sorted({code for row in built.release.rows("rejected") for code in row["codes"]})
urls = [row["url"] for row in built.release.rows("articles")]
print(json.dumps({"seconds": seconds, "grown": grown << 10, "rejected": rejected, "urls": urls}))
"""


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


def deep_page(folder: Path) -> None:
    """A page nested 100,000 deep: nothing in it can be read."""
    (folder / "deep.html").write_text("<div>" * 100_000 + "<p>Deep down.</p>")
    (folder / "deep.html.toml").write_text('url = "https://courier.example/deep"\n')


def huge_page(folder: Path) -> None:
    """A page of 500 MB, most of it a hole in the disk."""
    with (folder / "huge.html").open("wb") as out:
        out.write(b"<html><body><p>Huge.</p>")
        out.truncate(500_000_000)


def lying_warc(folder: Path) -> None:
    """Records that claim more than there is."""
    head = b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 999999999999\r\n\r\n"
    octets = head + record(94).replace(b"Content-Length: ", b"Content-Length: 99999999", 1)
    (folder / "a.warc").write_bytes(octets)
    (folder / "b.warc.gz").write_bytes(member(octets))


BOMBS: dict[Callable[[Path], None], set[str]] = {
    gzip_bomb: {"MF313"},
    zip_bomb: {"MF316"},
    brotli_bomb: {"MF313"},
    deep_page: {"MF404"},
    huge_page: {"MF304"},
    lying_warc: {"MF313"},
}


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
def test_bombs_are_rejected_and_the_rest_is_built(
    bomb: Callable[[Path], None], archive: Path
) -> None:
    """Within 10 seconds and 512 MiB above idle; the good capture beside is published."""
    bomb(archive / "raw" / "captures")
    (archive / "raw" / "captures" / "good.warc").write_bytes(record(1))
    done = subprocess.run(
        [sys.executable, "-c", BUILD, archive], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report = json.load(io.StringIO(done.stdout))
    assert url(1) in report["urls"]
    assert BOMBS[bomb] <= set(report["rejected"])
    assert report["grown"] < MAX_GROWTH
    assert report["seconds"] < MAX_SECONDS
