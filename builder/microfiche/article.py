"""One capture as one article: identity, provenance and the rows it would give alone.

An article of a single capture is finished here. Collation keeps it as it is unless the capture has
company, and merges several such articles otherwise. Rows are plain JSON in schema order.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urljoin

from microfiche.captures import Capture, Fault
from microfiche.captures.retrieval import outcome_of
from microfiche.collation.plausibility import doubts
from microfiche.dates import Stated, edtf_span, utc_time
from microfiche.extract import Description, FieldSource
from microfiche.fixity import list_digest, sha256_hex, short_id
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.outlet import NOT_EVALUATED, Domain, Outlet
from microfiche.outlets.registry import known_outlets
from microfiche.schema import record_type
from microfiche.url import Address, read_address, resource_of

Row = dict[str, Any]
# What a later page adds to the path of the first: /2, /page/2, ,2 or -2.html.
LATER = re.compile(r"(?:/(?:page/|seite-|p)?|,|[-_](?:page|seite|p)?)[2-9][0-9]?(?:\.html?)?/?")


class Origin(NamedTuple):
    """Where a capture comes from, as far as it is known."""

    address: Address | None
    outlet: Outlet | None
    outlet_source: str | None
    domain: Domain | None

    @property
    def site(self) -> str:
        """Site of the host; a host the outlet file does not name is a site of its own."""
        if self.domain:
            return self.domain.site
        return self.address.host if self.address else "main"


class Draft(NamedTuple):
    """What one capture gives: rows, or only faults where it gives none.

    `own_id` is the article id that the capture alone would give; None if it gives none. `also_id`
    is the one its address gives, where a canonical link gives another. `octets` are the article's
    text in UTF-8.
    """

    capture: Capture
    capture_row: Row | None
    article_row: Row | None
    revision_row: Row | None
    own_id: str | None
    faults: tuple[Fault, ...]
    octets: bytes = b""
    also_id: str | None = None


Recognise = Callable[[Capture], Outlet | None]


class Reader(NamedTuple):
    """What reads the bytes of captures.

    unreadable   the fault of a capture whose bytes are no text at all
    recognise    its outlet by boilerplate
    describe     its description, given its outlet
    own_address  the address it gives itself, where it has no other
    """

    unreadable: Callable[[Capture], tuple[Fault, ...]]
    recognise: Recognise
    describe: Callable[[Capture, Outlet], Description]
    own_address: Callable[[Capture], str | None]


def read_origin(
    capture: Capture, outlets: Outlets, reader: Reader
) -> tuple[Origin, tuple[Fault, ...]]:
    """Address and outlet of a capture.

    The outlet is the one stated, else the host's, else that of the address a page gives itself,
    else by boilerplate.
    """
    record = capture.record or {}
    url = record.get("url") or capture.retrieval.get("url")
    address = read_address(url) if url else None
    if url and not address:
        return Origin(None, None, None, None), (Fault("MF405", repr(url), "/url"),)
    retrieved_at = capture.retrieval.get("retrieved_at")
    claim = outlets.at(address.host, retrieved_at and retrieved_at[:10]) if address else None
    stated = record.get("outlet_id") or capture.retrieval.get("outlet_id")
    if stated:
        outlet = outlets.by_id.get(stated)
        if outlet is None:
            return Origin(address, None, None, None), (Fault("MF403", repr(stated), "/outlet_id"),)
        domain = claim[1] if claim and claim[0] is outlet else None
        return Origin(address, outlet, "stated", domain), ()
    if claim:
        return Origin(address, claim[0], "host", claim[1]), ()
    own = None if address else read_address(reader.own_address(capture) or "")
    claim = outlets.at(own.host, None) if own else None
    if claim:
        return Origin(None, claim[0], "canonical", None), ()
    outlet = reader.recognise(capture)
    return Origin(address, outlet, "boilerplate" if outlet else None, None), ()


def draft(capture: Capture, outlets: Outlets, reader: Reader) -> Draft:
    """The rows that a capture alone gives, and everything found on the way."""
    faults = capture.faults
    if not capture.media_type:
        return Draft(capture, None, None, None, None, faults)
    if any(_is_error(fault) for fault in faults):
        return Draft(capture, None, None, None, None, faults)
    outcome, outcome_source = outcome_of(capture.retrieval)
    unreadable = reader.unreadable(capture) if outcome == "article" else ()
    if unreadable:
        return Draft(capture, None, None, None, None, faults + unreadable)
    origin, origin_faults = read_origin(capture, outlets, reader)
    faults += origin_faults + _unusable_values(capture)
    if any(_is_error(fault) for fault in faults):
        return Draft(capture, None, None, None, None, faults)
    if outcome != "article":
        return _observation(capture, origin, (outcome, outcome_source), faults)
    if origin.outlet is None:
        unknown = _unknown_outlet(origin.address)
        return Draft(capture, None, None, None, None, (*faults, unknown))
    described = reader.describe(capture, origin.outlet)
    faults += described.faults
    if described.notice and outcome_source is None:
        shown, line = described.notice
        faults += (Fault("MF505", f"{shown}: {line!r}"),)
        return _observation(capture, origin, (shown, "page"), faults)
    if outcome_source is None and _is_front_page(capture, origin, described):
        faults += (Fault("MF505", "other: its address is that of a front page"),)
        return _observation(capture, origin, ("other", "address"), faults)
    if any(_is_error(fault) for fault in described.faults):
        return Draft(capture, None, None, None, None, faults)
    return _article_draft(capture, origin, _work(origin, described, outlets), described, faults)


def _is_front_page(capture: Capture, origin: Origin, described: Description) -> bool:
    """Whether a page is a site's front page rather than an article: neither author nor date."""
    is_front = origin.address is not None and origin.address.is_front
    return is_front and capture.record is None and not (described.byline or described.stated)


def _observation(
    capture: Capture, origin: Origin, outcome: tuple[str, str | None], faults: tuple[Fault, ...]
) -> Draft:
    """The draft of a capture that found something other than an article."""
    row = capture_row(capture, origin, outcome, None)
    own_id = article_id(origin, None) if origin.address and origin.outlet else None
    return Draft(capture, row, None, None, own_id, faults)


def _work(origin: Origin, described: Description, outlets: Outlets) -> Origin:
    """Where the article is to be found: at the canonical link, if that leads to the outlet too.

    A link to a front page says nothing of an article, and a later page of an article in several
    is another text than the first, where its link leads.
    """
    canonical = _linked(origin.address, described.canonical) if described.canonical else None
    claim = outlets.at(canonical.host, None) if canonical else None
    if not canonical or not claim or claim[0] is not origin.outlet or canonical.is_front:
        return origin
    if origin.address and _is_later_page(origin.address, canonical):
        return origin
    return origin._replace(address=canonical, domain=claim[1])


def _foreign_link(origin: Origin, outlet: Outlet, link: str | None) -> tuple[Fault, ...]:
    """MF709 for a canonical link to a host that is none of the outlet's: syndicated, or copied."""
    canonical = _linked(origin.address, link) if link else None
    here = origin.address.host if origin.address else None
    if canonical is None or canonical.host == here or outlet.has_host(canonical.host):
        return ()
    message = f"captured from {here or 'an unknown host'}, canonical is {canonical}"
    return (Fault("MF709", message),) if outlet.domains else ()


def _is_later_page(address: Address, canonical: Address) -> bool:
    """Whether an address is a later page of the article that its link leads to."""
    if address.page != canonical.page:
        return True
    stem = canonical.path.removesuffix(".html").rstrip("/")
    return address.path.startswith(stem) and bool(LATER.fullmatch(address.path[len(stem) :]))


def _linked(address: Address | None, link: str) -> Address | None:
    """Where a link leads, from the address of its page if it is relative; None if nowhere."""
    try:
        return read_address(urljoin(str(address), link) if address else link)
    except ValueError:
        return None


def _unusable_values(capture: Capture) -> tuple[Fault, ...]:
    """Faults of a retrieval record that its schema cannot see: nothing is dropped silently."""
    record, faults = capture.retrieval, []
    at = record.get("retrieved_at")
    if at and utc_time(at) is None:
        faults.append(Fault("MF309", f"no time that UTC can state: {at!r}", "/retrieved_at"))
    for name in ("redirected_to", "memento_url"):
        if name in record and read_address(record[name]) is None:
            faults.append(Fault("MF405", repr(record[name]), f"/{name}"))
    return tuple(faults)


def _unknown_outlet(address: Address | None) -> Fault:
    """MF402; the registry is asked only here, and only for what to tell the user."""
    if address is None:
        return Fault("MF402", "it has no address, and its text names no outlet of this archive")
    message = f"host {address.host} is of no outlet of this archive"
    known = known_outlets().at(address.host, None)
    if known:
        name = known[0].id
        message += f"; it is known as outlet {name}: run `microfiche outlets {name}`"
    return Fault("MF402", message)


def _article_draft(
    capture: Capture,
    origin: Origin,
    work: Origin,
    described: Description,
    faults: tuple[Fault, ...],
) -> Draft:
    stated = "stated" if capture.retrieval.get("outcome") else None
    captured = capture_row(capture, origin, ("article", stated), described)
    own_id = article_id(work, captured["sha256"])
    also_id = article_id(origin, None) if origin.address and work is not origin else own_id
    article = article_row(own_id, captured, work, described)
    article["aliases"] = [also_id] if also_id != own_id else []
    # A ready record has been checked against the same field definitions when it was read.
    if capture.record is None and not record_type("article").is_valid(article):
        explained = record_type("article").explain(article)
        broken = tuple(Fault("MF401", message, pointer) for pointer, message in explained)
        return Draft(capture, None, None, None, None, faults + broken)
    captured["article_id"], captured["revision_id"] = own_id, article["revision_id"]
    if article["published"] and any(fault.code == "MF501" for fault in faults):
        faults = tuple(fault for fault in faults if fault.code != "MF501")
    outlet = work.outlet
    assert outlet is not None  # noqa: S101 - draft has checked
    if origin.address and outlet.domains and not outlet.has_host(origin.address.host):
        faults += (Fault("MF708", f"host {origin.address.host}, outlet {outlet.id}"),)
    faults += _foreign_link(origin, outlet, described.canonical)
    faults += tuple(doubts(capture, outlet, described, article))
    octets = described.body.octets
    return Draft(capture, captured, article, revision_row(article), own_id, faults, octets, also_id)


@functools.cache
def _severity(code: str) -> str:
    from microfiche.finding import CODES

    return CODES[code].severity


def _is_error(fault: Fault) -> bool:
    return _severity(fault.code) == "error"


def article_id(origin: Origin, sha256: str | None) -> str:
    """Identifier that a capture alone gives its article.

    By the native id an address pattern yields, else by site, path and significant query (never
    the host), else by the captured bytes.
    """
    assert origin.outlet is not None  # noqa: S101 - callers have checked
    if origin.address is None:
        return f"{origin.outlet.id}:t-{(sha256 or '')[:20]}"
    native = origin.outlet.native_id(origin.address, origin.site)
    return _address_id(origin, native, origin.address.resource)


def _address_id(origin: Origin, native: str | None, resource: str) -> str:
    assert origin.outlet is not None  # noqa: S101 - callers have checked
    return f"{origin.outlet.id}:{native or f'u-{short_id([origin.site, resource])}'}"


def address_ids(origin: Origin, paths: Sequence[str]) -> list[str]:
    """`article_id` of many addresses without a query on the host of `origin`."""
    assert origin.outlet is not None  # noqa: S101 - callers have checked
    natives = origin.outlet.native_ids(paths, origin.site)
    pairs = zip(natives, paths, strict=True)
    return [_address_id(origin, native, resource_of(path)) for native, path in pairs]


def capture_id(
    sha256: str | None,
    url: str | None,
    retrieved_at: str | None,
    method: str | None,
    outcome: str | None = None,
) -> str:
    """Identifier of a capture; without bytes only `outcome` tells two observations apart."""
    identity = {"sha256": sha256, "url": url, "retrieved_at": retrieved_at, "method": method}
    if sha256 is None:
        identity["outcome"] = outcome
    return short_id(identity)


def revision_id(
    title: str | None, subtitle: str | None, text_sha256: str, captions_sha256: str | None
) -> str:
    """Identifier of the state of an article with these contents."""
    return short_id([title, subtitle, text_sha256, captions_sha256])


def address_origin(outlets: Outlets, url: str, outlet_id: str | None = None) -> Origin | None:
    """Where an address leads, by its host or, failing that, by the outlet stated; None if none."""
    address = read_address(url)
    if address is None:
        return None
    claim = outlets.at(address.host, None)
    if claim and outlet_id in (None, claim[0].id):
        return Origin(address, claim[0], "host", claim[1])
    return Origin(address, outlets.by_id.get(outlet_id or ""), None, None)


def canonical_url(origin: Origin) -> str | None:
    """Address on the canonical host of its site."""
    if origin.address is None or origin.outlet is None:
        return None
    host = origin.outlet.canonical_host(origin.domain.site) if origin.domain else None
    return str(origin.address.on(host) if host else origin.address)


def capture_row(
    capture: Capture,
    origin: Origin,
    outcome: tuple[str, str | None],
    described: Description | None,
) -> Row:
    """Row of the captures table, not yet joined to an article, without its digest.

    `outcome` is what the observation found, and how that is known.
    """
    retrieval = capture.retrieval
    sha256 = sha256_hex(capture.body) if capture.body is not None else None
    url = str(origin.address) if origin.address else None
    retrieved_at = retrieval.get("retrieved_at")
    retrieved_at = utc_time(retrieved_at) if retrieved_at else None
    method = retrieval.get("method")
    status = retrieval.get("http_status")  # JSON Schema calls 200.0 an integer too
    redirect, memento = retrieval.get("redirected_to"), retrieval.get("memento_url")
    return {
        "capture_id": capture_id(sha256, url, retrieved_at, method, outcome[0]),
        "article_id": None,
        "revision_id": None,
        "outlet_id": origin.outlet.id if origin.outlet else None,
        "outlet_source": origin.outlet_source,
        "url": url,
        "host": origin.address.host if origin.address else None,
        "host_role": origin.domain.role if origin.domain else None,
        "outcome": outcome[0],
        "outcome_source": outcome[1],
        "retrieved_at": retrieved_at,
        "retrieved_by": retrieval.get("retrieved_by"),
        "method": method,
        "http_status": int(status) if status is not None else None,
        "redirected_to": _address(redirect) if redirect else None,
        "memento_url": _address(memento) if memento else None,
        "media_type": retrieval.get("media_type", capture.media_type) if sha256 else None,
        "charset": _charset(capture, described) if sha256 else None,
        "size_bytes": capture.size_bytes,
        "sha256": sha256,
        "payload_digest": capture.payload_digest,
        "warc_record_id": capture.warc_record_id,
        "source_file": capture.source_file,
        "source_offset": capture.source_offset,
        "original_name": retrieval.get("original_name"),
        "access": retrieval.get("access") or (described.access if described else "unknown"),
        "merge_rule": None,
        "notes": retrieval.get("notes"),
        "record_sha256": "",
    }


def _address(url: str) -> str | None:
    address = read_address(url)
    return str(address) if address else None


def _charset(capture: Capture, described: Description | None) -> str:
    if capture.record is not None or described is None:
        return "utf-8"
    return next((s.rule for s in described.sources if s.field == "charset"), "utf-8")


def article_row(own_id: str, captured: Row, origin: Origin, described: Description) -> Row:
    """Row of the articles table for an article of this one capture, without its digest."""
    outlet = origin.outlet
    assert outlet is not None  # noqa: S101 - callers have checked
    sources = [source for source in described.sources if source.field != "charset"]
    dates = _dates(outlet, origin, described.stated, sources)
    language = described.language
    if language is None and len(outlet.languages) == 1:
        language = outlet.languages[0]
        sources.append(FieldSource("language", "outlet", "the outlet's only language"))
    url = canonical_url(origin)
    body, captions = described.body, described.captions
    text_sha256, captions_sha256 = sha256_hex(body.octets), list_digest(captions)
    rights = outlet.article_rights if described.rights is None else described.rights
    if not rights["rights_statement"]:
        rights = {**rights, "rights_statement": NOT_EVALUATED}
    return {
        "article_id": own_id,
        "aliases": [],
        "outlet_id": outlet.id,
        "outlet_name": outlet.name,
        "url": url,
        "domain": url.split("/", 3)[2] if url else None,
        "title": described.title,
        "subtitle": described.subtitle,
        "section_path": described.section_path,
        "byline": described.byline,
        "dateline": described.dateline,
        **dates,
        "modified_at": described.modified_at,
        "language": language,
        "text": body.text,
        "n_paragraphs": body.n_paragraphs,
        "n_words": body.n_words,
        "captions": captions,
        "captions_sha256": captions_sha256,
        "keywords": described.keywords,
        "free_access": described.free_access,
        "revision_id": revision_id(
            described.title, described.subtitle, text_sha256, captions_sha256
        ),
        "revision": 1,
        "n_revisions": 1,
        **rights,
        "text_access": "full",
        "text_sha256": text_sha256,
        "record_sha256": "0" * 64,
        "provenance": _provenance(captured, origin, described, sources),
    }


def _dates(
    outlet: Outlet, origin: Origin, stated: Stated | None, sources: list[FieldSource]
) -> Row:
    """The published… columns: as stated, else as an address pattern reads them."""
    if stated is None and origin.address and outlet.patterns:
        day = outlet.date_in(origin.address, origin.site)
        if day:
            stated = Stated(day, None, None, origin.address.path)
            sources.append(FieldSource("published", "url", "the outlet's address pattern"))
    if stated is None:
        names = ("published", "published_at", "published_earliest", "published_latest")
        return dict.fromkeys((*names, "published_stated", "published_zone"))
    return published_columns(outlet, stated)


def published_columns(outlet: Outlet, stated: Stated) -> Row:
    """The published… columns of a date that an outlet's article states."""
    span, own_zone = edtf_span(stated.published), "outlet" if outlet.zone else None
    assert span is not None  # noqa: S101 - a Stated holds EDTF
    return {
        "published": stated.published,
        "published_at": stated.at,
        "published_earliest": span.earliest,
        "published_latest": span.latest,
        "published_stated": stated.stated,
        "published_zone": None if stated.zone == "unknown" else stated.zone or own_zone,
    }


def _provenance(
    captured: Row, origin: Origin, described: Description, sources: list[FieldSource]
) -> Row:
    outlet, host = origin.outlet, captured["host"]
    assert outlet is not None  # noqa: S101 - callers have checked
    site = origin.domain.site if origin.domain else "main"
    sources.sort()
    return {
        "outlet_domain": outlet.canonical_host(site),
        "mirror_domains": list(outlet.other_hosts(site)),
        "mirror_domains_stated": described.mirror_domains_stated,
        "captured_from": [host] if host else [],
        "n_captures": 1,
        "first_retrieved_at": captured["retrieved_at"],
        "last_retrieved_at": captured["retrieved_at"],
        "retrieval_notes": [captured["notes"]] if captured["notes"] else [],
        "removed_lines": described.removed_lines,
        "removed_lines_sha256": list_digest(described.removed_lines),
        "field_sources": [
            {"field": field, "source": source, "rule": rule} for field, source, rule in sources
        ],
    }


def revision_row(article: Row) -> Row:
    """Row of the revisions table for the current revision of an article of one revision."""
    origin = article["provenance"]
    return {
        "revision_id": article["revision_id"],
        "article_id": article["article_id"],
        "revision": 1,
        "title": article["title"],
        "subtitle": article["subtitle"],
        "captions": article["captions"],
        "captions_sha256": article["captions_sha256"],
        "text": None,
        "text_sha256": article["text_sha256"],
        "first_retrieved_at": origin["first_retrieved_at"],
        "last_retrieved_at": origin["last_retrieved_at"],
        "previous_last_retrieved_at": None,
        "n_captures": origin["n_captures"],
        "changed": [],
        "cause": None,
        "record_sha256": "",
    }
