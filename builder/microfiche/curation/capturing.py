"""Capturing pages from the web into an archive: each address a WARC file with its record.

The file holds every request and response as sent, redirects included, without cookies. What was
seen of robots.txt and of reservations against text and data mining stands in the notes.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from fastwarc.warc import WarcRecord, WarcRecordType

from microfiche.about import VERSION
from microfiche.archive import Archive
from microfiche.archive.opening import open_archive
from microfiche.archive.writing import write_whole
from microfiche.captures.fetching import Exchange, Fetcher, FetchError, Manners
from microfiche.captures.http import BadMessageError, read_message
from microfiche.captures.retrieval import SIDECAR
from microfiche.curation.adding import copy_entry
from microfiche.curation.observing import note_observation
from microfiche.dates import is_day
from microfiche.errors import DataError, UsageError, unusable
from microfiche.outlets.registry import known_outlets
from microfiche.url import Address, read_address, why_unread

METHOD = "microfiche capture"
SECRET = re.compile(
    rb"^(?:set-cookie2?|cookie|(?:proxy-)?authorization):[^\n]*\n(?:[ \t][^\n]*\n)*", re.I | re.M
)
RESERVATIONS = ("x-robots-tag", "tdm-reservation", "tdm-policy")
WAYBACK = "https://web.archive.org/web"
MAX_NOTE = 300


@dataclass(frozen=True)
class Captured:
    """What became of one address: where it lies and its status, or why there is nothing."""

    url: str
    place: Path | None
    status: int | None
    n_bytes: int
    fault: str | None = None


def user_agent(archive: Archive) -> str:
    """Who asks: the builder, and where its user can be reached if the dataset says so."""
    contact = str(archive.dataset.get("contact", "")).encode("ascii", "replace").decode()
    contact = re.sub(r"[^ -~]|[()]", "?", contact)
    return f"microfiche/{VERSION}" + (f" ({contact})" if contact else "")


def capture(
    archive: Archive,
    urls: Sequence[str],
    manners: Manners,
    *,
    outlet: str | None = None,
    wayback: str | None = None,
    endpoint: str = WAYBACK,
) -> Iterator[Captured]:
    """Capture addresses one after the other.

    `wayback` is a day (YYYY-MM-DD): the memento nearest to it is taken instead, from `endpoint`.
    An address that does not answer becomes an observation of outcome error. Raises DataError,
    UsageError, CannotRun.
    """
    if wayback is not None and not is_day(wayback):
        raise UsageError(f"--wayback {wayback}: no day", "write it as YYYY-MM-DD")
    places = [(url, *_outlet(archive, url, outlet)) for url in urls]
    fetcher = Fetcher(manners)
    for url, address, outlet_id in places:
        try:
            if wayback:
                yield _memento(archive, fetcher, address, (outlet_id, outlet), (wayback, endpoint))
            else:
                yield _live(archive, fetcher, address, (outlet_id, outlet))
        except FetchError as error:
            if not error.refused and not wayback:
                _note_failure(archive, address, (outlet_id, outlet), error, manners)
            yield Captured(url, None, None, 0, str(error))


def _outlet(archive: Archive, url: str, outlet: str | None) -> tuple[Address, str]:
    """(address, outlet id) of an address before anything is fetched."""
    address = read_address(url)
    if address is None:
        raise UsageError(f"{url[:200]}: {why_unread(url)}", "give the whole address")
    here = open_archive(archive.root).outlet_book()
    if outlet is not None:
        if outlet not in here.by_id:
            copy_entry(archive.root, outlet)
        return address, outlet
    claim = here.at(address.host, None)
    if claim:
        return address, claim[0].id
    known = known_outlets().at(address.host, None)
    if known:
        copy_entry(archive.root, known[0].id)
        return address, known[0].id
    raise DataError(
        f"{url}: host {address.host} is of no known outlet",
        "give --outlet ID, or write the outlet's file first",
    )


Owner = tuple[str, str | None]  # the outlet's id, and the one stated, if it was


def _record(owner: Owner, **known: Any) -> dict[str, Any]:
    stated = {"outlet_id": owner[1]} if owner[1] else {}
    return {**stated, **{key: value for key, value in known.items() if value is not None}}


def _live(archive: Archive, fetcher: Fetcher, address: Address, owner: Owner) -> Captured:
    hops = fetcher.fetch(str(address))
    last = hops[-1]
    octets = b"".join(_packed(each) for each in _records(hops, fetcher.manners.user_agent))
    record = _record(owner, method=METHOD, notes=_notes(hops))
    place = _store(archive, address, owner, last.at, ".warc.gz", octets, record)
    fault = f"cut short: {last.truncated}" if last.truncated else None
    return Captured(str(address), place, last.status, len(last.response), fault)


def _memento(
    archive: Archive, fetcher: Fetcher, address: Address, owner: Owner, asked: tuple[str, str]
) -> Captured:
    """The memento of a day: its bytes as first captured, and what the archive says of them."""
    day, endpoint = asked
    memento = f"{endpoint}/{day.replace('-', '')}120000id_/{address}"
    last = fetcher.fetch(memento)[-1]
    stated = last.headers.get("Memento-Datetime")
    if last.status != 200 or stated is None:
        raise FetchError(f"{address}: no memento near {day}: status {last.status}")
    try:
        moment = datetime.datetime.strptime(stated, "%a, %d %b %Y %H:%M:%S GMT")  # noqa: DTZ007
        message = read_message(last.response, fetcher.manners.max_bytes)
    except (ValueError, BadMessageError) as error:
        raise FetchError(f"{address}: the memento cannot be read: {error}") from error
    record = _record(
        owner,
        url=str(address),
        retrieved_at=f"{moment.isoformat()}Z",
        method="memento",
        http_status=200,
        media_type=message.media_type or None,
        memento_url=last.url,
        notes=_notes([last]),
    )
    ending = ".txt" if message.media_type == "text/plain" else ".html"
    place = _store(archive, address, owner, moment, ending, message.body, record)
    return Captured(str(address), place, 200, len(message.body))


def _notes(hops: Sequence[Exchange]) -> str:
    """What was seen of robots.txt and of reservations, hop by hop where they differ."""
    seen = [f"robots.txt: {hops[-1].robots}"]
    for name in RESERVATIONS:
        for value in dict.fromkeys(each.headers.get(name) for each in hops):
            if value:
                plain = "".join(c if c.isprintable() else "?" for c in value)
                seen.append(f"{name}: {plain[:MAX_NOTE]}")
    return "; ".join(seen)


def _note_failure(
    archive: Archive, address: Address, owner: Owner, error: FetchError, manners: Manners
) -> None:
    """An address that does not answer is an observation too."""
    record = _record(
        owner,
        url=str(address),
        retrieved_at=_second(manners.now()),
        method=METHOD,
        outcome="error",
        notes=error.message[:MAX_NOTE],
    )
    note_observation(archive, owner[0], record)


def _second(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _records(hops: Sequence[Exchange], agent: str) -> Iterator[bytes]:
    """WARC records: the file's own, then request and response of each hop."""
    about = f"software: {agent}\r\nformat: WARC File Format 1.1\r\n"
    about += "description: Cookie, Set-Cookie and Authorization headers are left out\r\n"
    started = _second(hops[0].at)
    yield _written(WarcRecordType.warcinfo, about.encode(), {"WARC-Date": started})
    for each in hops:
        known = {
            "WARC-Date": _second(each.at),
            "WARC-Target-URI": each.url,
            "WARC-IP-Address": each.ip,
        }
        kept = {"Content-Type": "application/http; msgtype=request", **known}
        yield _written(WarcRecordType.request, _without_secrets(each.request), kept)
        kept = {"Content-Type": "application/http; msgtype=response", **known}
        if each.truncated:
            kept["WARC-Truncated"] = each.truncated
        yield _written(WarcRecordType.response, _without_secrets(each.response), kept)


def _without_secrets(message: bytes) -> bytes:
    """An HTTP message without cookies and credentials."""
    head, gap, body = message.partition(b"\r\n\r\n")
    return SECRET.sub(b"", head + b"\r\n").removesuffix(b"\r\n") + gap + body


def _written(kind: Any, block: bytes, headers: Mapping[str, str]) -> bytes:
    record = WarcRecord()
    record.init_headers(record_type=kind)
    for name, value in headers.items():
        record.headers[name] = value
    if kind == WarcRecordType.warcinfo:
        record.headers["Content-Type"] = "application/warc-fields"
    record.set_bytes_content(block)
    payload = block.partition(b"\r\n\r\n")[2]
    digest = hashlib.sha1(payload, usedforsecurity=False).digest() if payload else None
    out = io.BytesIO()
    record.write(out, checksum_data=True, payload_digest=digest)
    return out.getvalue()


def _packed(record: bytes) -> bytes:
    """One gzip member, the same for the same octets."""
    squeezed = zlib.compressobj(wbits=31)
    return squeezed.compress(record) + squeezed.flush()


def _store(
    archive: Archive,
    address: Address,
    owner: Owner,
    moment: datetime.datetime,
    ending: str,
    octets: bytes,
    record: Mapping[str, Any],
) -> Path:
    """Write a capture and its sidecar, the sidecar first. Raises CannotRun."""
    folder = archive.raw / "captures" / owner[0]
    digest = hashlib.sha256(f"{address}".encode() + octets).hexdigest()[:12]
    place = folder / f"{moment:%Y%m%d%H%M%S}-{address.host.replace(':', '-')}-{digest}{ending}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place.with_name(place.name + SIDECAR).write_text(tomlkit.dumps(record), encoding="utf-8")
        write_whole(place, octets)
    except OSError as error:
        raise unusable(place, error) from error
    return place
