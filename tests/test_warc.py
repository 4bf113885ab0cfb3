"""WARC and WACZ files: every good record is read, every other is accounted for."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from pathlib import Path

import brotli
import pytest

from microfiche import open_archive
from microfiche.capture import Capture
from microfiche.capture.wacz import read_wacz
from microfiche.capture.warc import Source, read_warc
from warcs import member, page, record, records, response, url, written

LIMIT = 1 << 20


def read(file: Path, limit: int = LIMIT) -> list[Capture]:
    """Captures of a file."""
    source = Source(file, file.name, limit, {})
    return list(read_wacz(source) if file.suffix == ".wacz" else read_warc(source))


def codes(captures: list[Capture]) -> list[str]:
    """Codes of all faults, in order."""
    return [fault.code for capture in captures for fault in capture.faults]


@pytest.mark.parametrize("compressed", [False, True])
def test_every_good_record_is_read_and_every_broken_one_is_named(
    tmp_path: Path, compressed: bool
) -> None:
    """One record in twenty is broken, each kind of damage in turn: the others are all there."""
    file = tmp_path / ("a.warc.gz" if compressed else "a.warc")
    good, bad = set(), 0
    with file.open("wb") as out:
        for number, octets, how in records(400, 20):
            cut = how == "member"
            whole = octets[: len(octets) * 2 // 3] if cut and not compressed else octets
            out.write(member(octets, cut=cut) if compressed else whole)
            if how is None:
                good.add(url(number))
            bad += how is not None
    captures = read(file)
    read_pages = {capture.retrieval["url"]: capture.body for capture in captures if capture.body}
    assert read_pages.keys() == good
    assert codes(captures) == ["MF313"] * bad
    assert bad == 20
    number = int(sorted(good)[3].rpartition("/")[2])
    assert read_pages[url(number)] == page(number).encode()


@pytest.mark.parametrize("kind", ["plain", "gzip", "br", "chunked"])
def test_bodies_come_as_they_were_before_transfer(tmp_path: Path, kind: str) -> None:
    """Chunks are joined and compression undone; address, time and status are the record's."""
    file = tmp_path / "a.warc"
    file.write_bytes(record(7, kind))
    (capture,) = read(file)
    assert capture.body == page(7).encode()
    assert capture.retrieval["url"] == url(7)
    assert capture.retrieval["retrieved_at"] == "2024-06-01T10:00:00Z"
    assert capture.retrieval["http_status"] == 200
    assert capture.warc_record_id
    assert capture.payload_digest


def test_records_without_captures_are_counted(tmp_path: Path) -> None:
    """Requests, pictures and what is no HTTP are one note, not silence."""
    file = tmp_path / "a.warc"
    picture = written(
        "https://courier.example/a.png", [("Content-Type", "image/png")], b"x", "200 OK"
    )
    request = record(1).replace(b"WARC-Type: response", b"WARC-Type: request")
    file.write_bytes(picture + request + record(2))
    captures = read(file)
    assert codes(captures) == ["MF315"]
    assert captures[-1].faults[0].message == (
        "2 records are no captures: 1 request records, 1 responses of image/png"
    )


def test_a_revisit_has_the_bytes_of_what_it_refers_to(tmp_path: Path) -> None:
    """A second look that found the same is a second capture with the same bytes."""
    first = record(3)
    identifier = first.partition(b"WARC-Record-ID: ")[2].partition(b"\r\n")[0]
    head = (
        b"WARC/1.1\r\nWARC-Type: revisit\r\nWARC-Record-ID: <urn:uuid:2>\r\n"
        b"WARC-Date: 2024-07-01T10:00:00Z\r\nWARC-Target-URI: " + url(3).encode() + b"\r\n"
        b"WARC-Refers-To: " + identifier + b"\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    )
    lost = head.replace(identifier, b"<urn:uuid:elsewhere>").replace(b"uuid:2>", b"uuid:3>")
    for name, pack in (("a.warc", bytes), ("a.warc.gz", member)):
        file = tmp_path / name
        file.write_bytes(pack(first) + pack(head) + pack(lost))
        one, two, three = read(file)
        assert (one.body, two.body) == (page(3).encode(),) * 2
        assert two.retrieval["retrieved_at"] == "2024-07-01T10:00:00Z"
        assert three.body is None
        assert three.retrieval["outcome"] == "other"


def test_redirects_and_errors_are_observations(archive: Path) -> None:
    """A moved page and a missing one are captures with an outcome, under their article's address."""
    moved = written(url(1), [("Location", "/new/1")], b"", "301 Moved Permanently")
    gone = written(url(2), [("Content-Type", "text/html")], b"<p>Gone</p>", "410 Gone")
    warc = archive / "raw" / "captures" / "a.warc"
    warc.write_bytes(record(2) + moved + gone)
    release = open_archive(archive).build().release
    seen = {(row["url"], row["outcome"]): row for row in release.rows("captures") if row["url"]}
    assert seen[url(1), "redirect"]["redirected_to"] == "https://courier.example/new/1"
    assert seen[url(2), "gone"]["article_id"] == seen[url(2), "article"]["article_id"]
    assert seen[url(2), "gone"]["http_status"] == 410


def test_the_same_pages_give_the_same_articles_whatever_holds_them(
    archive: Path, tmp_path: Path
) -> None:
    """As files, as JSONL, in a WARC and in a WACZ: equal in every column but provenance."""
    captures = archive / "raw" / "captures"
    warc = b"".join(member(record(number, "br")) for number in range(6))

    def files() -> None:
        lines = []
        for number in range(6):
            (captures / f"{number}.html").write_text(page(number))
            known = {"path": f"{number}.html", "url": url(number)}
            lines.append(json.dumps(known | {"retrieved_at": "2024-06-01T10:00:00Z"}))
        (captures / "retrievals.jsonl").write_text("\n".join(lines))

    def jsonl() -> None:
        retrieval = {"retrieved_at": "2024-06-01T10:00:00Z"}
        lines = [
            json.dumps({"url": url(n), "html": page(n), "retrieval": retrieval}) for n in range(6)
        ]
        (captures / "pages.jsonl").write_text("\n".join(lines))

    def wacz() -> None:
        with zipfile.ZipFile(captures / "a.wacz", "w") as package:
            package.writestr("archive/data.warc.gz", warc)

    makers = (files, jsonl, lambda: (captures / "a.warc.gz").write_bytes(warc), wacz)
    seen = []
    for make in makers:
        for old in captures.iterdir():
            if old.is_file():
                old.unlink()
        make()
        release = open_archive(archive).build(options(tmp_path / f"out{len(seen)}")).release
        rows = release.rows("articles")
        seen.append([{**r, "provenance": None, "record_sha256": None} for r in rows])
    assert len(seen[0]) >= 6
    assert all(rows == seen[0] for rows in seen)


def options(out: Path):  # type: ignore[no-untyped-def]
    """Build into a folder of its own."""
    from microfiche.build import BuildOptions

    return BuildOptions(out=out, date="2024-06-02")


def test_bombs_and_lies_are_rejected_and_the_rest_is_read(tmp_path: Path) -> None:
    """What inflates without end or claims a huge length costs itself alone."""
    zeros = bytes(64 << 20)
    headers = [("Content-Type", "text/html")]
    bombs = (
        written(url(1), [*headers, ("Content-Encoding", "gzip")], gzip.compress(zeros), "200 OK"),
        written(url(2), [*headers, ("Content-Encoding", "br")], brotli.compress(zeros), "200 OK"),
        record(3).replace(b"Content-Length: ", b"Content-Length: 9999999", 1),
        b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 999999999999\r\n\r\n",
        written(url(4), headers, zeros, "200 OK"),
    )
    plain, packed = tmp_path / "a.warc", tmp_path / "a.warc.gz"
    plain.write_bytes(b"".join(bombs) + record(9))
    packed.write_bytes(b"".join(map(member, bombs)) + member(record(9)))
    for file in (plain, packed):
        captures = read(file)
        assert [c.retrieval["url"] for c in captures if c.body] == [url(9)]
        assert set(codes(captures)) == {"MF313", "MF304"}
        assert len(codes(captures)) >= len(bombs) - 1


def test_a_wacz_is_held_to_its_data_package(tmp_path: Path) -> None:
    """A digest that is not the member's is an error; its records are read all the same."""
    warc = member(record(5))
    file = tmp_path / "a.wacz"
    for digest, expected in ((hashlib.sha256(warc).hexdigest(), []), ("0" * 64, ["MF316"])):
        with zipfile.ZipFile(file, "w") as package:
            package.writestr("archive/data.warc.gz", warc)
            resources = [{"path": "archive/data.warc.gz", "hash": f"sha256:{digest}"}]
            package.writestr("datapackage.json", json.dumps({"resources": resources}))
        captures = read(file)
        assert codes(captures) == expected
        assert [capture.body for capture in captures if capture.body] == [page(5).encode()]
        assert captures[-1].source_file == "a.wacz/archive/data.warc.gz"


def test_a_zip_bomb_and_no_zip_are_rejected(tmp_path: Path) -> None:
    """A member that claims far more than it holds is not unpacked."""
    file = tmp_path / "a.wacz"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("archive/data.warc", bytes(512 << 20))
    assert codes(read(file)) == ["MF316"]
    file.write_bytes(b"PK\3\4 not really")
    assert codes(read(file)) == ["MF316"]


def test_responses_keep_what_the_record_says(tmp_path: Path) -> None:
    """A truncated record is a cut capture; a lower-case header is a header."""
    octets = record(8).replace(b"WARC-Type:", b"WARC-Truncated: length\r\nwarc-type:", 1)
    file = tmp_path / "a.warc"
    file.write_bytes(octets)
    (capture,) = read(file)
    assert capture.retrieval["access"] == "cut"
    assert response(8)[1] == capture.body
