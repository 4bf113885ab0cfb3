"""Pages in the files that browsers write: MHTML, web archives of Safari, HAR.

The captured bytes are those of the page itself, the same as in a file of its own; pictures, styles
and scripts beside it are no captures.
"""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
import plistlib
from collections.abc import Iterator, Mapping
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers.expat import ExpatError

import orjson

from microfiche.captures import NO_CAPTURE, PAGE_MEDIA, TEXT_MEDIA, Capture, Fault
from microfiche.dates import utc_time
from microfiche.errors import in_words
from microfiche.url import read_address

MHTML_ENDINGS, WEBARCHIVE_ENDING, HAR_ENDING = (".mhtml", ".mht"), ".webarchive", ".har"
BUNDLE_ENDINGS = (*MHTML_ENDINGS, WEBARCHIVE_ENDING, HAR_ENDING)
MEDIA = {"text/html": PAGE_MEDIA, "application/xhtml+xml": PAGE_MEDIA, "text/plain": TEXT_MEDIA}
LARGER = 8  # a file may be as many times the limit of its page


class Held(NamedTuple):
    """A page in a bundle: its octets, their media type and charset, and what is known of it."""

    body: bytes
    media_type: str
    charset: str | None
    retrieval: Mapping[str, Any]


def read_bundle(
    file: Path,
    source_file: str,
    limit: int,
    retrieval: Mapping[str, Any],
    faults: tuple[Fault, ...],
) -> Iterator[Capture]:
    """Captures of a bundle; `retrieval` is what its sidecar states, which comes first.

    Raises OSError. What is wrong with it is a fault of a capture.
    """
    size = file.stat().st_size
    if size > LARGER * limit:
        fault = Fault("MF304", f"{size:,} bytes, the limit is {LARGER * limit:,}")
        yield Capture(source_file, None, None, size, None, retrieval, None, (*faults, fault))
        return
    try:
        held, passed = _pages(file)
    except (ValueError, LookupError, TypeError, RecursionError, ExpatError) as error:
        told = f"no {file.suffix.lower()} file that can be read: {in_words(error)}"
        fault = Fault("MF313", told)
        yield Capture(source_file, None, None, size, None, retrieval, None, (*faults, fault))
        return
    if not held:
        fault = Fault("MF301", "the file holds no page")
        yield Capture(source_file, None, None, size, None, retrieval, None, (*faults, fault))
    kept = tuple(each for each in faults if each.code != "MF308")  # it states what is known
    for page in held:
        stated = {**page.retrieval, **retrieval}
        if len(page.body) > limit:
            fault = Fault("MF304", f"{len(page.body):,} bytes, the limit is {limit:,}")
            yield Capture(
                source_file, None, None, len(page.body), None, stated, None, (*kept, fault)
            )
            continue
        found = Capture(source_file, None, None, len(page.body), page.body, stated, None, kept)
        yield found._replace(media_type=MEDIA[page.media_type], charset=page.charset)
    if passed and file.suffix.lower() == HAR_ENDING:
        note = Fault("MF315", f"{passed:,} entries are no captures")
        yield Capture(source_file, None, None, None, None, faults=(note,), media_type=NO_CAPTURE)


def _pages(file: Path) -> tuple[list[Held], int]:
    """(the pages of a bundle, how many other parts it has). Raises what reading raises."""
    octets, ending = file.read_bytes(), file.suffix.lower()
    if ending in MHTML_ENDINGS:
        return _mhtml(octets)
    return _webarchive(octets) if ending == WEBARCHIVE_ENDING else _har(octets)


def _known(url: object, at: str | None, **more: Any) -> dict[str, Any]:
    """What a bundle states of a page, as far as it can be used."""
    known: dict[str, Any] = {}
    if isinstance(url, str) and read_address(url.strip()):
        known["url"] = url.strip()
    if at and utc_time(at):
        known["retrieved_at"] = at
    return known | {key: value for key, value in more.items() if value is not None}


def _mhtml(octets: bytes) -> tuple[list[Held], int]:
    """The page of an MHTML file: the part that its head names, else the first of HTML."""
    message = email.message_from_bytes(octets, policy=email.policy.compat32)
    parts = [each for each in message.walk() if not each.is_multipart()]
    pages = [each for each in parts if each.get_content_type() in MEDIA and _body(each).strip()]
    address = str(message.get("Snapshot-Content-Location") or "").strip()
    named = [each for each in pages if address and str(each.get("Content-Location")) == address]
    chosen = (named or [each for each in pages if each.get_content_type() != "text/plain"])[:1]
    at = None
    try:
        stated = parsedate_to_datetime(str(message.get("Date")))
        at = stated.isoformat() if stated.tzinfo else f"{stated.isoformat()}Z"
    except (ValueError, TypeError, IndexError, OverflowError):
        at = None
    held = [
        Held(
            _body(each),
            each.get_content_type(),
            each.get_content_charset(),
            _known(address or str(each.get("Content-Location") or ""), at),
        )
        for each in chosen
    ]
    return held, len(parts) - len(held)


def _body(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _webarchive(octets: bytes) -> tuple[list[Held], int]:
    """The page of a web archive as Safari saves it."""
    main = plistlib.loads(octets)["WebMainResource"]
    if not isinstance(main, dict):
        raise ValueError("WebMainResource is no table")
    media, body = main.get("WebResourceMIMEType", "text/html"), main["WebResourceData"]
    if media not in MEDIA or not isinstance(body, bytes):
        return [], 1
    charset = main.get("WebResourceTextEncodingName")
    known = _known(main.get("WebResourceURL"), None)
    return [Held(body, media, charset if isinstance(charset, str) else None, known)], 0


def _har(octets: bytes) -> tuple[list[Held], int]:
    """The pages among the answers of a HAR file, in their order."""
    entries = orjson.loads(octets)["log"]["entries"]
    held = []
    for entry in entries:
        response, content = entry["response"], entry["response"].get("content") or {}
        media = str(content.get("mimeType") or "").partition(";")[0].strip().lower()
        text = content.get("text")
        if media not in MEDIA or not isinstance(text, str) or not text.strip():
            continue
        if entry.get("_resourceType", "document") != "document":  # browsers say what they asked for
            continue
        body, charset = text.encode("utf-8", "surrogatepass"), "utf-8"
        if content.get("encoding") == "base64":
            try:
                body, charset = base64.b64decode(text, validate=False), ""
            except binascii.Error as error:
                raise ValueError(f"an answer is no Base64: {error}") from error
        status = response.get("status")
        status = status if isinstance(status, int) and 100 <= status <= 599 else None
        address = read_address(str(entry["request"].get("url")))
        if address and address.path.endswith("/robots.txt"):
            continue
        known = _known(entry["request"].get("url"), _time(entry), http_status=status)
        held.append(Held(body, media, charset or None, known))
    return held, len(entries) - len(held)


def _time(entry: Mapping[str, Any]) -> str | None:
    stated = entry.get("startedDateTime")
    return stated if isinstance(stated, str) else None
