"""WARC files read in parts: the same captures as read as a whole, or no parts."""

from __future__ import annotations

import gzip
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from warcio.warcwriter import WARCWriter

from microfiche.captures import Capture
from microfiche.captures.files import FileSpan
from microfiche.captures.framing import Part, part_of
from microfiche.captures.warc import Source, read_warc
from warcs import member, record, records, url, written, zstd

LIMIT = 1 << 20
PNG = [("Content-Type", "image/png")]


def revisit(number: int, of: int) -> bytes:
    """A record that says: the same as that of another page, by address and date."""
    out = io.BytesIO()
    made = WARCWriter(out, gzip=False).create_revisit_record(
        url(number), "sha1:" + "A" * 32, url(of), "2024-06-01T10:00:00Z"
    )
    WARCWriter(out, gzip=False).write_record(made)
    return out.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "a.warc": bytes,
    "a.warc.gz": member,
    "a.warc.zst": zstd,
}


def parted(file: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> list[Part] | None:
    """The parts of a file, none empty; None if they do not follow on one another."""
    monkeypatch.setattr("microfiche.captures.files.PART_BYTES", size)
    spans = FileSpan(file.name, 0, file.stat().st_size).parts
    parts = [part_of(file, span.start, span.end, LIMIT) for span in spans]
    ends = [0, *(part.end for part in parts)]
    if ends != [*(part.start for part in parts), file.stat().st_size]:
        return None
    return [part for part in parts if part.start < part.end]


def same(whole: list[Capture], parts: list[list[Capture]]) -> None:
    """Capture by capture, and in what is said of the records that are none."""
    told = [capture for part in parts for capture in part if capture.tally is None]
    assert told == [capture for capture in whole if capture.media_type]
    tally = sum((each.tally for part in parts for each in part if each.tally), Counter[str]())
    notes = [each.faults[0].message for each in whole if not each.media_type]
    assert notes == ([f"{tally.total()} records are no captures: "
                      + ", ".join(f"{n} {kind}" for kind, n in sorted(tally.items()))]
                     if tally else [])  # fmt: skip


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("size", [700, 3000, 20_000])
def test_parts_give_what_the_whole_gives(
    tmp_path: Path, name: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With revisits of records in other parts, records that are no captures, and damaged ones."""
    file = tmp_path / name
    with file.open("wb") as out:
        for number, octets, how in records(120, 11):
            if how == "member":
                continue
            out.write(PACKED[name](octets))
            if number % 7 == 3:
                out.write(PACKED[name](written(f"{url(number)}.png", PNG, b"x", "200 OK")))
            if number % 9 == 8:
                out.write(PACKED[name](revisit(1000 + number, number - 8)))
                out.write(PACKED[name](revisit(2000 + number, number)))
                out.write(PACKED[name](revisit(3000 + number, 999_999)))
    source = Source(file, file.name, LIMIT, {})
    parts = parted(file, size, monkeypatch)
    assert parts
    assert len(parts) > 4
    whole = list(read_warc(source))
    same(whole, [list(read_warc(source, part)) for part in parts])
    assert sum(capture.body is not None for capture in whole) > 100


def test_a_file_that_holds_another_is_read_as_a_whole_or_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page whose bytes are a WARC file: what begins within it is no record of this one."""
    inner = b"".join(record(number) for number in range(40))
    for name, pack in PACKED.items():
        file = tmp_path / name
        held = written("https://courier.example/a.warc", [], pack(inner), "200 OK")
        stored = gzip.compress(held, 0, mtime=0) if name.endswith("gz") else pack(held)
        file.write_bytes(pack(record(900)) + stored + pack(record(901)))
        source = Source(file, file.name, LIMIT, {})
        parts = parted(file, 2000, monkeypatch)
        if parts is not None:
            same(list(read_warc(source)), [list(read_warc(source, part)) for part in parts])


def test_one_gzip_member_has_no_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many records are in it."""
    file = tmp_path / "a.warc.gz"
    file.write_bytes(gzip.compress(b"".join(record(n) for n in range(300)), mtime=0))
    parts = parted(file, 1000, monkeypatch)
    assert parts == [Part(0, file.stat().st_size)]
