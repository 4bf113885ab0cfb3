"""WARC files: each HTTP response a capture, every other record accounted for.

`framing` says where records begin and end, fastwarc parses their headers, `http` the responses in
them. Digests are checked here over the octets themselves; a record that is not what it says is
rejected with a finding, never passed over.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin

from fastwarc.warc import WarcRecord

from microfiche.captures import NO_CAPTURE, PAGE_MEDIA, TEXT_MEDIA, Capture, Fault
from microfiche.captures.framing import (
    HEADER_END,
    RECORD_END,
    Frame,
    Part,
    Place,
    read_frame,
    read_frames,
)
from microfiche.captures.http import BadMessageError, Message, read_message
from microfiche.dates import utc_time
from microfiche.url import read_address

WARC_ENDINGS = (".warc", ".warc.gz", ".warc.zst")
READ_MEDIA = {
    "text/html": PAGE_MEDIA,
    "application/xhtml+xml": PAGE_MEDIA,
    "text/plain": TEXT_MEDIA,
}
ALGORITHMS = frozenset(("md5", "sha1", "sha256", "sha384", "sha512"))
OBSERVED = range(300, 600)
HTTP_STATUS = re.compile(rb"HTTP/[0-9.]{1,5} ([0-9]{3})")
HTTP_MEDIA = re.compile(rb"^content-type:[ \t]*([\w.+/-]{1,200})", re.IGNORECASE | re.MULTILINE)
MAX_HEAD = 1 << 16
MAX_KINDS = 20
# Files that sites keep for programs.
FOR_PROGRAMS = re.compile(r"/(?:robots|ads|app-ads|humans|security|llms)\.txt|/\.well-known/.*")
TARGET = re.compile(rb"^warc-target-uri:[ \t]*(.*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
MINUTE = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})Z")


class Source(NamedTuple):
    """A WARC file being read: where it is, the limit in bytes, what its sidecar says of it."""

    file: Path
    source_file: str
    limit: int
    retrieval: Mapping[str, Any]


class BrokenRecordError(Exception):
    """A record is not what it says."""


class Record(NamedTuple):
    """One record: its headers by lower-case name, its body as it was before transfer.

    `message` is the HTTP response in it; None for other records.
    """

    headers: Mapping[str, str]
    body: bytes
    message: Message | None
    media_type: str
    is_cut: bool

    @property
    def url(self) -> str:
        """The address as stated, without the angle brackets of WARC 1.0; may be empty."""
        return self.headers.get("warc-target-uri", "").strip("<> ")


@dataclass
class Seen:
    """What the file has shown so far, for revisits: where captures stand, what was passed over.

    `unread` are the octets before, of which nothing is known yet.
    """

    unread: int = 0
    places: dict[bytes, Place] = field(default_factory=dict)
    passed: set[bytes] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)

    def keep(self, frame: Frame, record: Record) -> None:
        """Remember where a record stands."""
        self.places |= dict.fromkeys(_names(record), Place(frame.offset, frame.inner))

    def pass_over(self, kind: str, record: Record) -> None:
        """Count a record that is no capture."""
        self.kinds[kind] += 1
        self.passed.update(_names(record))

    def place(self, keys: Iterable[bytes]) -> Place | None:
        """Where a record stands that has one of these names."""
        return next((self.places[key] for key in keys if key in self.places), None)

    def look_back(self, source: Source) -> None:
        """Take in what the file has shown before the part that is read. Raises OSError."""
        before = Seen()
        for _ in _captures(
            source, read_frames(source.file, source.limit, Part(0, self.unread)), before
        ):
            pass
        self.places = before.places | self.places
        self.passed |= before.passed
        self.unread = 0


def _names(record: Record) -> tuple[bytes, bytes]:
    """What a revisit may call a record by: its id, or its address and date."""
    known = record.headers
    return _name(known.get("warc-record-id", "")), _name(record.url, known.get("warc-date", ""))


def _name(*parts: str) -> bytes:
    return hashlib.blake2b(" ".join(parts).encode(), digest_size=12).digest()


def read_warc(source: Source, part: Part | None = None) -> Iterator[Capture]:
    """Captures of a WARC file, in order; last a note of the records that are none.

    Of a `part` of it the last is no note but has the `tally`, of which `last_words` makes one for
    all parts. Raises OSError for a file that can't be read; what is broken in it is a fault of a
    capture.
    """
    seen, n_frames = Seen(part.start if part else 0), 0
    for capture in _captures(source, read_frames(source.file, source.limit, part), seen):
        n_frames += 1
        if capture:
            yield capture
    if part is None:
        yield from last_words(source.source_file, seen.kinds, n_frames)
    else:
        yield Capture(
            source.source_file, None, None, None, None, media_type=NO_CAPTURE, tally=seen.kinds
        )


def _captures(source: Source, frames: Iterable[Frame], seen: Seen) -> Iterator[Capture | None]:
    """The capture of each record; None for one that is none."""
    for frame in frames:
        try:
            yield _capture(source, frame, seen)
        except (BrokenRecordError, BadMessageError) as error:
            yield _rejected(source, frame, Fault("MF313", str(error)))


def last_words(source_file: str, kinds: Counter[str], n_records: int) -> Iterator[Capture]:
    """What is said of a file once it is read: a note of what is no capture, or that it is empty."""
    if kinds:
        listed = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items())[:MAX_KINDS])
        note = Fault("MF315", f"{kinds.total()} records are no captures: {listed}")
        yield Capture(source_file, None, None, None, None, faults=(note,), media_type=NO_CAPTURE)
    if not n_records:
        fault = Fault("MF301", "the file holds no record")
        yield Capture(source_file, None, None, None, None, faults=(fault,))


def _rejected(source: Source, frame: Frame, fault: Fault) -> Capture:
    size = frame.size or (len(frame.octets) if frame.octets else None)
    if frame.inner:
        fault = fault._replace(place=f"decompressed byte {frame.inner}")
    return Capture(source.source_file, frame.offset, None, size, None, faults=(fault,))


def _capture(source: Source, frame: Frame, seen: Seen) -> Capture | None:
    """The capture of a record; None if it holds none. Raises BrokenRecordError, BadMessageError."""
    if frame.octets is None:
        if not frame.too_large:
            raise BrokenRecordError(frame.fault or "not whole")
        fault = Fault("MF304", f"{frame.fault}, the limit is {source.limit:,}")
        return _rejected(source, frame, fault)
    try:
        record = _parsed(frame.octets, source.limit)
    except (BrokenRecordError, BadMessageError):
        if passed := _broken_no_capture(frame.octets):
            seen.kinds[passed] += 1
            return None
        raise
    kind = record.headers.get("warc-type", "untyped").lower()
    if kind == "revisit":
        return _revisit(source, frame, record, seen)
    passed = no_capture(kind, record)
    if passed:
        seen.pass_over(passed, record)
        return None
    seen.keep(frame, record)
    return of_response(source, frame, record, record)


def _broken_no_capture(octets: bytes) -> str | None:
    """What kind of record it is that is broken and would hold no capture; None if it might.

    Raises BrokenRecordError.
    """
    headers = _headers(octets)
    kind = headers.get("warc-type", "untyped").lower()
    if kind not in ("response", "resource", "revisit", "conversion"):
        return f"{kind} records, damaged"
    end = HEADER_END.search(octets)
    head = octets[end.end() : end.end() + MAX_HEAD] if end else b""
    head = head[: head.find(b"\r\n\r\n") if b"\r\n\r\n" in head else len(head)]
    status, media = HTTP_STATUS.match(head), HTTP_MEDIA.search(head)
    if kind != "response" or not status or not media or int(status[1]) in OBSERVED:
        return None
    told = media[1].decode("ascii", "replace").lower()
    return None if told in READ_MEDIA else f"responses of {told[:60]}, damaged"


def no_capture(kind: str, record: Record) -> str | None:
    """What kind of record it is that holds no capture; None if it holds one."""
    media = record.media_type or "no type"
    if kind not in ("response", "resource", "conversion"):
        return f"{kind} records"
    if not record.url.lower().startswith(("http://", "https://")):
        return f"{kind}s of no web address"
    address = read_address(record.url)
    if address and FOR_PROGRAMS.fullmatch(address.path):
        return "files for programs, such as robots.txt"
    if kind == "response" and record.message is None:
        return f"responses of {record.headers.get('content-type', 'no type')[:60]}"
    status = record.message.status if record.message else None
    if status not in OBSERVED and record.media_type not in READ_MEDIA:
        return f"{kind}s of {media[:60]}"
    return None


def of_response(source: Source, frame: Frame, record: Record, observed: Record) -> Capture:
    """The capture of `record`'s bytes as observed by the record `observed`."""
    retrieval, faults = _retrieval(source, record, observed)
    message = record.message
    return Capture(
        source.source_file,
        frame.offset,
        None,
        len(record.body),
        record.body,
        retrieval,
        faults=faults,
        media_type=READ_MEDIA.get(record.media_type, PAGE_MEDIA),
        warc_record_id=observed.headers.get("warc-record-id"),
        payload_digest=observed.headers.get("warc-payload-digest"),
        charset=message.charset if message else None,
    )


def _retrieval(
    source: Source, record: Record, observed: Record
) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """(retrieval record, faults): what the file's sidecar says, then what the record does."""
    known: dict[str, Any] = dict(source.retrieval)
    faults = []
    if observed.url:
        known["url"] = observed.url
    stated = observed.headers.get("warc-date", "")
    if date := _second(stated):
        known["retrieved_at"] = date
    else:
        faults.append(Fault("MF317", f"WARC-Date is no time: {stated[:60]!r}"))
    if record.media_type:
        known["media_type"] = record.media_type
    if record.message is not None:
        known["http_status"] = record.message.status
        location = record.message.headers.get("location")
        target = _target(observed.url, location) if location else None
        if target:
            known["redirected_to"] = target
        elif location:
            faults.append(Fault("MF317", f"Location is no web address: {location[:200]!r}"))
    if record.is_cut or observed.is_cut:
        known["access"] = "cut"
    return known, tuple(faults)


def _target(url: str, location: str) -> str | None:
    """Where a redirect leads; None if it is no address."""
    try:
        target = urljoin(url, location)
    except ValueError:
        return None
    return target if read_address(target) else None


def _second(date: str) -> str | None:
    """A WARC-Date with at most microseconds; None if it is none. WARC 1.1 allows whole minutes."""
    if minute := MINUTE.fullmatch(date):
        date = f"{minute[1]}:00Z"
    stem, dot, fraction = date.removesuffix("Z").partition(".")
    value = f"{stem}.{fraction[:6]}Z" if dot else f"{stem}Z"
    return value if date.endswith("Z") and utc_time(value) else None


def _revisit(source: Source, frame: Frame, record: Record, seen: Seen) -> Capture | None:
    """A record that says: the same as that other one. Its bytes are the other's, if it is here."""
    names = record.headers
    address = names.get("warc-refers-to-target-uri", "").strip("<> ")
    keys = (
        _name(names.get("warc-refers-to", "-")),
        _name(address, names.get("warc-refers-to-date", "-")),
    )
    place = seen.place(keys)
    if place is None and seen.unread and not any(key in seen.passed for key in keys):
        seen.look_back(source)
        place = seen.place(keys)
    if place is not None:
        first = read_frame(source.file, place, source.limit)
        if first.octets:
            return of_response(source, frame, _parsed(first.octets, source.limit), record)
    if any(key in seen.passed for key in keys):
        seen.pass_over("revisits of records that are no captures", record)
        return None
    note = "revisit: the same as a record that is not in this file"
    known, faults = _retrieval(source, record, record)
    known["notes"] = f"{known['notes']}; {note}" if "notes" in known else note
    known |= {"outcome": "other"}
    return Capture(
        source.source_file,
        frame.offset,
        None,
        None,
        None,
        known,
        faults=faults,
        warc_record_id=names.get("warc-record-id"),
        payload_digest=names.get("warc-payload-digest"),
    )


def _parsed(octets: bytes, limit: int) -> Record:
    """A record with its digests checked. Raises BrokenRecordError, BadMessageError."""
    headers = _headers(octets)
    end = HEADER_END.search(octets)
    block = octets[end.end() : -len(RECORD_END)] if end else b""
    _check_digest(headers.get("warc-block-digest"), "block", (block,))
    kind = headers.get("warc-type", "").lower()
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_cut = "warc-truncated" in headers or "warc-segment-number" in headers
    stated = headers.get("warc-payload-digest")
    if kind not in ("response", "revisit") or media != "application/http" or not block:
        bodies = (block, block.partition(b"\r\n\r\n")[2])
        if kind != "revisit":
            _check_digest(stated, "payload", bodies)
        return Record(headers, block, None, media, is_cut)
    message = read_message(block, limit, cut=is_cut or kind == "revisit")
    if len(message.body) > limit:
        raise BrokenRecordError(f"its body is more than {limit:,} bytes once decoded")
    if kind != "revisit":
        candidates = (message.payload, message.entity, message.body)
        _check_digest(stated, "payload", candidates)
    is_cut = is_cut or message.is_part
    return Record(headers, message.body, message, message.media_type, is_cut)


def _headers(octets: bytes) -> Mapping[str, str]:
    """Headers of a record by lower-case name. Raises BrokenRecordError."""
    try:
        record = WarcRecord.from_bytes(octets)
        headers = {name.lower(): value for name, value in record.headers.items()}
    except (OSError, ValueError, UnicodeError) as error:
        raise BrokenRecordError(f"its headers can't be read: {error}") from error
    if "\ufffd" in headers.get("warc-target-uri", "") and (raw := TARGET.search(octets)):
        headers["warc-target-uri"] = quote(raw[1], safe=STATED_AS_IS)
    return headers


STATED_AS_IS = "".join(map(chr, range(0x21, 0x7F)))


def _check_digest(stated: str | None, what: str, candidates: tuple[bytes, ...]) -> None:
    """Raise BrokenRecordError if a digest is that of none of the candidates.

    An algorithm or a writing that is not known proves nothing. Programs digest a payload as sent,
    or once its chunks are joined, or once it is decompressed.
    """
    algorithm, _, value = (stated or "").strip().partition(":")
    algorithm = algorithm.lower().replace("-", "")
    if not stated or algorithm not in ALGORITHMS:
        return
    wanted = _digest_octets(value, hashlib.new(algorithm).digest_size)
    if wanted and not any(hashlib.new(algorithm, data).digest() == wanted for data in candidates):
        raise BrokenRecordError(f"its {what} digest is not the one stated, {stated[:80]}")


def _digest_octets(value: str, size: int) -> bytes | None:
    """A digest in hexadecimal, Base32 or Base64 (RFC 4648); None if it is none of these."""
    bare = value.rstrip("=")
    padded = bare + "=" * (-len(bare) % 8)
    try:
        if len(value) == 2 * size:
            return bytes.fromhex(value)
        if len(bare) == -(-size * 8 // 5):
            return base64.b32decode(padded.upper())
        if len(bare) == -(-size * 8 // 6):
            return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_")
    except (ValueError, binascii.Error):
        return None
    return None
