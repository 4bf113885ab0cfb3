"""WARC files: each HTTP response a capture, every other record accounted for.

`framing` says where records begin and end, fastwarc parses them. Digests are checked here over the
octets themselves; a record that is not what it says is rejected with a finding, never passed over.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

from fastwarc.warc import WarcRecord

from microfiche.capture import NO_CAPTURE, PAGE_MEDIA, TEXT_MEDIA, Capture, Fault
from microfiche.capture.framing import Frame, read_frame, read_frames
from microfiche.dates import utc_time

WARC_ENDINGS = (".warc", ".warc.gz", ".warc.zst")
READ_MEDIA = {
    "text/html": PAGE_MEDIA,
    "application/xhtml+xml": PAGE_MEDIA,
    "text/plain": TEXT_MEDIA,
}
ALGORITHMS = frozenset(("md5", "sha1", "sha256", "sha384", "sha512"))
OBSERVED = range(300, 600)
MAX_KINDS = 20


class Source(NamedTuple):
    """A WARC file being read: where it is, the limit in bytes, what its sidecar says of it."""

    file: Path
    source_file: str
    limit: int
    retrieval: Mapping[str, Any]


class BrokenRecordError(Exception):
    """A record is not what it says."""


class Record(NamedTuple):
    """One record: its headers by lower-case name, its block, the payload as stored and as decoded.

    `status`, `media_type` and `location` are those of the HTTP response; None for other records.
    """

    headers: Mapping[str, str]
    block: bytes
    payload: bytes
    body: bytes
    status: int | None
    media_type: str
    location: str | None


def read_warc(source: Source) -> Iterator[Capture]:
    """Captures of a WARC file, in order; last a note of the records that are none.

    Raises OSError for a file that can't be read; what is broken in it is a fault of a capture.
    """
    passed: Counter[str] = Counter()
    places: dict[str, int] = {}
    for frame in read_frames(source.file, source.limit):
        try:
            capture = _capture(source, frame, places)
        except BrokenRecordError as error:
            yield _rejected(source, frame, Fault("MF313", str(error)))
            continue
        if isinstance(capture, str):
            passed[capture] += 1
        else:
            yield capture
    if passed:
        listed = ", ".join(f"{n} {kind}" for kind, n in sorted(passed.items())[:MAX_KINDS])
        note = Fault("MF315", f"{passed.total()} records are no captures: {listed}")
        yield Capture(
            source.source_file, None, None, None, None, faults=(note,), media_type=NO_CAPTURE
        )


def _rejected(source: Source, frame: Frame, fault: Fault) -> Capture:
    size = frame.size or (len(frame.octets) if frame.octets else None)
    return Capture(source.source_file, frame.offset, None, size, None, faults=(fault,))


def _capture(source: Source, frame: Frame, places: dict[str, int]) -> Capture | str:
    """The capture of a record, or what kind of record it is that holds none.

    Raises BrokenRecordError.
    """
    if frame.octets is None:
        if not frame.too_large:
            raise BrokenRecordError(frame.fault or "not whole")
        fault = Fault("MF304", f"{frame.fault}, the limit is {source.limit:,}")
        return _rejected(source, frame, fault)
    record = _parsed(frame.octets, source.limit)
    kind = record.headers.get("warc-type", "untyped").lower()
    if kind == "revisit":
        return _revisit(source, frame, record, places)
    if kind not in ("response", "resource"):
        return f"{kind} records"
    if kind == "response" and record.status is None:
        return f"responses of {record.headers.get('content-type', 'no type')[:60]}"
    if kind == "resource" and record.media_type not in READ_MEDIA:
        return f"resources of {record.media_type or 'no type'}"
    if record.status not in OBSERVED and record.media_type not in READ_MEDIA:
        return f"responses of {record.media_type or 'no type'}"
    if "warc-record-id" in record.headers:
        places[record.headers["warc-record-id"]] = frame.offset
    return _of_response(source, frame, record, record.headers)


def _of_response(
    source: Source, frame: Frame, record: Record, headers: Mapping[str, str]
) -> Capture:
    """The capture of `record` as observed by the record that has `headers`."""
    return Capture(
        source.source_file,
        frame.offset,
        None,
        len(record.body),
        record.body,
        _retrieval(source, record, headers),
        media_type=READ_MEDIA.get(record.media_type, PAGE_MEDIA),
        warc_record_id=headers.get("warc-record-id"),
        payload_digest=headers.get("warc-payload-digest"),
    )


def _retrieval(source: Source, record: Record, headers: Mapping[str, str]) -> dict[str, Any]:
    """Retrieval record: what the file's sidecar says, then what the record itself does."""
    url = headers.get("warc-target-uri", "").strip("<> ")
    known: dict[str, Any] = dict(source.retrieval)
    if url:
        known["url"] = url
    if date := _second(headers.get("warc-date", "")):
        known["retrieved_at"] = date
    if record.status is not None:
        known["http_status"] = record.status
    if record.media_type:
        known["media_type"] = record.media_type
    if record.location and url.startswith("http"):
        target = urljoin(url, record.location)
        if target.startswith(("http://", "https://")):
            known["redirected_to"] = target
    if "warc-truncated" in headers:
        known["access"] = "cut"
    return known


def _second(date: str) -> str | None:
    """A WARC-Date with at most microseconds; None if it is none."""
    stem, dot, fraction = date.rstrip("Z").partition(".")
    value = f"{stem}.{fraction[:6]}Z" if dot else f"{stem}Z"
    return value if utc_time(value) else None


def _revisit(source: Source, frame: Frame, record: Record, places: Mapping[str, int]) -> Capture:
    """A record that says: the same as that other one. Its bytes are the other's, if it is here."""
    place = places.get(record.headers.get("warc-refers-to", ""))
    if place is not None:
        first = read_frame(source.file, place, source.limit)
        if first.octets:
            return _of_response(source, frame, _parsed(first.octets, source.limit), record.headers)
    note = "revisit: the same as a record that is not in this file"
    known = _retrieval(source, record, record.headers)
    known["notes"] = f"{known['notes']}; {note}" if "notes" in known else note
    known |= {"outcome": "other"}
    return Capture(
        source.source_file,
        frame.offset,
        None,
        None,
        None,
        known,
        warc_record_id=record.headers.get("warc-record-id"),
        payload_digest=record.headers.get("warc-payload-digest"),
    )


def _parsed(octets: bytes, limit: int) -> Record:
    """A record with its digests checked. Raises BrokenRecordError."""
    try:
        record = WarcRecord.from_bytes(octets)
        headers = {name.lower(): value for name, value in record.headers.items()}
        block = record.reader.read()
    except (OSError, ValueError, UnicodeError) as error:
        raise BrokenRecordError(f"its headers can't be read: {error}") from error
    _check_digest(headers.get("warc-block-digest"), "block", (block,))
    is_http = "application/http" in headers.get("content-type", "").lower()
    kind = headers.get("warc-type", "").lower()
    if kind not in ("response", "revisit") or not is_http:
        bodies = (block, block.partition(b"\r\n\r\n")[2])
        _check_digest(
            headers.get("warc-payload-digest"), "payload", bodies, unless=kind == "revisit"
        )
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        return Record(headers, block, block, block, None, media, None)
    return _parsed_http(octets, headers, block, limit, is_revisit=kind == "revisit")


def _parsed_http(
    octets: bytes, headers: Mapping[str, str], block: bytes, limit: int, *, is_revisit: bool
) -> Record:
    payload = block.partition(b"\r\n\r\n")[2]
    try:
        response = WarcRecord.from_bytes(octets)
        response.parse_http(auto_decode="transfer")
        entity = response.reader.read(limit + 1)
        response = WarcRecord.from_bytes(octets)
        response.parse_http(auto_decode="all")
        body = response.reader.read(limit + 1) if payload else b""
        status = response.http_headers.status_code
        media = (response.http_content_type or "").lower()
        location = response.http_headers.get("Location")
    except (OSError, ValueError, UnicodeError) as error:
        raise BrokenRecordError(f"its HTTP message can't be read: {error}") from error
    if len(body) > limit:
        raise BrokenRecordError(f"its body is more than {limit:,} bytes once decoded")
    stated = headers.get("warc-payload-digest")
    _check_digest(stated, "payload", (payload, entity, body), unless=is_revisit)
    return Record(headers, block, payload, body, status, media, location)


def _check_digest(
    stated: str | None, what: str, candidates: tuple[bytes, ...], *, unless: bool = False
) -> None:
    """Raise BrokenRecordError if a digest is that of none of the candidates.

    An algorithm that is not known proves nothing. Programs digest a payload as sent, or once its
    chunks are joined, or once it is decompressed.
    """
    algorithm, _, value = (stated or "").strip().partition(":")
    algorithm = algorithm.lower().replace("-", "")
    if unless or not stated or algorithm not in ALGORITHMS:
        return
    wanted = _digest_octets(value, hashlib.new(algorithm).digest_size)
    if not any(hashlib.new(algorithm, data).digest() == wanted for data in candidates):
        raise BrokenRecordError(f"its {what} digest is not the one stated, {stated[:80]}")


def _digest_octets(value: str, size: int) -> bytes | None:
    """A digest written in hexadecimal or Base32 (RFC 4648); None if it is neither."""
    try:
        if len(value) == 2 * size:
            return bytes.fromhex(value)
        return base64.b32decode(value.upper() + "=" * (-len(value) % 8))
    except (ValueError, binascii.Error):
        return None
