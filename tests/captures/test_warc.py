"""WARC and WACZ files: every good record is read, every other is accounted for."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
import zlib
from pathlib import Path

import brotli
import pytest

from microfiche import open_archive
from microfiche.captures import Capture
from microfiche.captures.wacz import read_wacz
from microfiche.captures.warc import Source, read_warc
from warcs import member, page, record, records, response, url, written, zstd

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
    from microfiche.pipeline import BuildOptions

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


@pytest.mark.parametrize("name", ["archive/DATA.WARC", "archive/data.warc.gz/", "Data.Warc"])
def test_no_warc_of_a_wacz_is_lost(tmp_path: Path, name: str) -> None:
    """In whatever letters it is named, and with a slash at the end."""
    octets = member(record(5)) if "gz" in name else record(5)
    file = tmp_path / "a.wacz"
    with zipfile.ZipFile(file, "w") as package:
        package.writestr(zipfile.ZipInfo(name), octets)
    captures = read(file)
    assert codes(captures) == []
    assert [capture.body for capture in captures] == [page(5).encode()]


def test_what_is_no_warc_in_a_wacz_is_named(tmp_path: Path) -> None:
    """Octets in archive/ under another name are told; an empty folder is not."""
    file = tmp_path / "a.wacz"
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("archive/data.warc.gz", member(record(5)))
        package.writestr("archive/more.arc", b"octets")
        package.writestr("archive/empty.warc/", b"")
    captures = read(file)
    assert codes(captures) == ["MF316"]
    assert "more.arc" in str(captures[-1].faults)


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


def first_of(
    body: bytes, *headers: tuple[str, str], status: str = "200 OK", **lies: bytes
) -> bytes:
    """A record of an HTML body with these HTTP headers; `lies` replace octets of it."""
    octets = written(url(1), [("Content-Type", "text/html"), *headers], body, status)
    for old, new in zip(
        lies.get("old", b"").split(b"|"), lies.get("new", b"").split(b"|"), strict=True
    ):
        octets = octets.replace(old, new, 1) if old else octets
    return octets


PAGE = page(1).encode()
HARMLESS = {
    "gzip on a plain body": first_of(PAGE, ("Content-Encoding", "gzip")),
    "br on a plain body": first_of(PAGE, ("Content-Encoding", "br")),
    "chunked on a joined body": first_of(PAGE, ("Transfer-Encoding", "chunked")),
    "an encoding that is a charset": first_of(PAGE, ("Content-Encoding", "utf-8")),
    "raw deflate": first_of(zlib.compress(PAGE)[2:-4], ("Content-Encoding", "deflate")),
    "two gzip members": first_of(
        gzip.compress(PAGE[:300]) + gzip.compress(PAGE[300:]), ("Content-Encoding", "x-gzip")
    ),
    "a chunk extension": first_of(
        b"%x;name=value\r\n%b\r\n0\r\nTrailer: x\r\n\r\n" % (len(PAGE), PAGE),
        ("Transfer-Encoding", "chunked"),
    ),
    "another spelling of the media type": first_of(
        PAGE, old=b"application/http", new=b"Application/HTTP"
    ),
    "whole minutes": first_of(PAGE, old=b"10:00:00Z", new=b"10:00Z"),
}
CUT = {
    "gzip": first_of(gzip.compress(PAGE)[:-60], ("Content-Encoding", "gzip")),
    "br": first_of(brotli.compress(PAGE)[:-20], ("Content-Encoding", "br")),
    "chunks": first_of(b"%x\r\n%b\r\n" % (len(PAGE), PAGE), ("Transfer-Encoding", "chunked")),
}


@pytest.mark.parametrize("how", HARMLESS)
def test_what_headers_say_of_a_body_is_taken_as_far_as_it_is_so(tmp_path: Path, how: str) -> None:
    """Archives keep bodies decoded under headers that say otherwise: the page is read all the same."""
    file = tmp_path / "a.warc"
    file.write_bytes(HARMLESS[how])
    (capture,) = read(file)
    assert capture.body == PAGE
    assert codes([capture]) == []
    assert capture.retrieval["retrieved_at"] == "2024-06-01T10:00:00Z"


@pytest.mark.parametrize("how", CUT)
def test_a_body_that_breaks_off_is_rejected_unless_the_record_says_so(
    tmp_path: Path, how: str
) -> None:
    """A cut body is MF313; in a record that is marked as truncated it is a capture that is cut."""
    file = tmp_path / "a.warc"
    file.write_bytes(CUT[how])
    assert codes(read(file)) == ["MF313"]
    file.write_bytes(CUT[how].replace(b"WARC-Type:", b"WARC-Truncated: length\r\nWARC-Type:", 1))
    (capture,) = read(file)
    assert capture.retrieval["access"] == "cut"


@pytest.mark.parametrize(
    "header", [("Content-Length", "99999"), ("Content-Range", "bytes 0-99/5000")]
)
def test_a_part_of_a_body_is_a_cut_capture(tmp_path: Path, header: tuple[str, str]) -> None:
    """The response itself says that there was more of it."""
    file = tmp_path / "a.warc"
    file.write_bytes(first_of(PAGE, header))
    (capture,) = read(file)
    assert capture.retrieval["access"] == "cut"


def test_what_stands_between_records_costs_no_good_one(tmp_path: Path) -> None:
    """Garbage and padding are named or passed over; the records around them are read."""
    file = tmp_path / "a.warc"
    file.write_bytes(record(1) + b"GARBAGE" + record(2) + bytes(512))
    captures = read(file)
    assert [c.retrieval["url"] for c in captures if c.body] == [url(1), url(2)]
    assert codes(captures) == ["MF313"]


@pytest.mark.parametrize("pack", ["gzip", "zstd"])
def test_one_stream_of_many_records_loses_only_the_broken_ones(tmp_path: Path, pack: str) -> None:
    """A wrong length and a record over the limit in the midst of a stream cost themselves alone."""
    big = first_of(b"<p>" + b"word " * 60_000 + b"</p>")
    wrong = record(2).replace(b"Content-Length: ", b"Content-Length: 9", 1)
    octets = b"".join([record(0), wrong, record(3), big, *(record(n) for n in range(4, 60))])
    file = tmp_path / ("a.warc.gz" if pack == "gzip" else "a.warc.zst")
    file.write_bytes(member(octets) if pack == "gzip" else zstd(octets))
    captures = read(file, limit=50_000)
    assert [c.retrieval["url"] for c in captures if c.body] == [
        url(n) for n in (0, 3, *range(4, 60))
    ]
    assert sorted(codes(captures)) == ["MF304", "MF313"]


def test_a_damaged_zstd_frame_costs_no_other(tmp_path: Path) -> None:
    """Frames are read one by one."""
    frames = [zstd(record(number)) for number in range(9)]
    frames[4] = frames[4][: len(frames[4]) // 2]
    file = tmp_path / "a.warc.zst"
    file.write_bytes(b"".join(frames))
    captures = read(file)
    assert [c.retrieval["url"] for c in captures if c.body] == [url(n) for n in range(9) if n != 4]
    assert codes(captures) == ["MF313"]


def test_a_revisit_finds_its_record_in_a_stream_and_by_address(tmp_path: Path) -> None:
    """Inside one gzip member, and where only address and date are named."""
    head = (
        b"WARC/1.1\r\nWARC-Type: revisit\r\nWARC-Record-ID: <urn:uuid:2>\r\n"
        b"WARC-Date: 2024-07-01T10:00:00Z\r\nWARC-Target-URI: " + url(3).encode() + b"\r\n"
        b"WARC-Refers-To-Target-URI: " + url(3).encode() + b"\r\n"
        b"WARC-Refers-To-Date: 2024-06-01T10:00:00Z\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    )
    for pack in (member, zstd):
        file = tmp_path / ("a.warc.gz" if pack is member else "a.warc.zst")
        file.write_bytes(pack(record(1) + record(3) + head))
        assert [capture.body for capture in read(file)] == [page(n).encode() for n in (1, 3, 3)]


def test_files_for_programs_and_records_of_no_web_address_are_counted(tmp_path: Path) -> None:
    """robots.txt is no article, and what crawlers write about themselves no fault."""
    robots = written(
        "https://courier.example/robots.txt",
        [("Content-Type", "text/plain")],
        b"User-agent: *",
        "200 OK",
    )
    log = record(1).replace(url(1).encode(), b"metadata://courier.example/log")
    log = log.replace(b"WARC-Type: response", b"WARC-Type: resource")
    file = tmp_path / "a.warc"
    file.write_bytes(robots + log + record(2))
    captures = read(file)
    assert [c.retrieval["url"] for c in captures if c.body] == [url(2)]
    assert codes(captures) == ["MF315"]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_a_file_without_records_is_a_fault(tmp_path: Path, name: str) -> None:
    """An empty file is a finding, and so is nothing, compressed."""
    file = tmp_path / name
    file.write_bytes(b"" if name == "a.warc" else gzip.compress(b""))
    assert codes(read(file)) == ["MF301"]


def test_a_damaged_member_of_a_wacz_costs_no_other(tmp_path: Path) -> None:
    """Deflate that breaks off is a fault of its member; names lead nowhere."""
    file = tmp_path / "a.wacz"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("../../etc/a.warc", b"".join(record(n) for n in range(5)))
        package.writestr("b.warc", record(7))
        broken = package.infolist()[0]
    octets = bytearray(file.read_bytes())
    start = broken.header_offset + 30 + len(broken.filename)
    octets[start + 200 : start + 230] = bytes(30)
    file.write_bytes(octets)
    captures = read(file)
    assert "MF316" in codes(captures)
    assert captures[0].source_file == "a.wacz/etc/a.warc"
    assert [c.retrieval["url"] for c in captures if c.body][-1] == url(7)


def test_rejected_records_at_one_place_are_rows_of_their_own(archive: Path) -> None:
    """Two broken records in one gzip member have one offset, and both stand in `rejected`."""
    wrong = [record(n).replace(b"was counted", b"was countet") for n in (1, 2)]
    file = archive / "raw" / "captures" / "a.warc.gz"
    file.write_bytes(member(b"".join([*wrong, record(3)])))
    release = open_archive(archive).build().release
    assert len({row["rejected_id"] for row in release.rows("rejected")}) == 2
