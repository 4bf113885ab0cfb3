"""One capture drafted: kept as an article or an observation, or rejected with its faults.

An article of a single capture is finished here: merging keeps it as it is unless the capture has
company.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urljoin

from microfiche.captures import Capture, Fault
from microfiche.captures.observation import Observation, observe
from microfiche.collation import UNDATED, Article, Draft, Kept, Published
from microfiche.collation.correcting import Lines, corrected
from microfiche.collation.identity import article_id, capture_id, revision_id
from microfiche.collation.plausibility import doubts
from microfiche.collation.rows import article_row
from microfiche.extract import Description, FieldSource
from microfiche.extract.reading import Readable, dated_by_address, decoded, describe, read_origin
from microfiche.extract.record import describe_records
from microfiche.finding import CODES
from microfiche.fixity import list_digest, sha256_hex
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.origin import Origin
from microfiche.outlets.outlet import Outlet, statement_of
from microfiche.outlets.registry import known_outlets
from microfiche.schema import record_type
from microfiche.url import Address, read_address

LIKE = 0.8  # how alike a name is to the one that was meant
NONE: Mapping[str, Lines] = {}
# What a later page adds to the path of the first: /2, /page/2, ,2 or -2.html.
LATER = re.compile(r"(?:/(?:page/|seite-|p)?|,|[-_](?:page|seite|p)?)[2-9][0-9]?(?:\.html?)?/?")


class _Open(NamedTuple):
    """A capture of an article of a known outlet, before it is described."""

    held: Readable
    faults: tuple[Fault, ...]
    seen: Observation
    origin: Origin


def draft(capture: Capture, outlets: Outlets, mode: str = "balanced") -> Draft:
    """What a capture alone gives, and everything found on the way; `mode` is how pages are read."""
    return drafts([capture], outlets, mode)[0]


def drafts(
    captures: Sequence[Capture],
    outlets: Outlets,
    mode: str = "balanced",
    corrections: Mapping[str, Lines] = NONE,
) -> list[Draft]:
    """`draft` of each capture, in their order: stage by stage, many at a time.

    `corrections` are what raw/corrections.jsonl says of some of them, by their ids and fields.
    """
    opened = [_opened(each, outlets) for each in captures]
    found = [each for each in opened if isinstance(each, _Open)]
    described = _described(found, mode) if found else iter(())
    if corrections:
        described = _corrected(found, described, corrections)
    closed = iter(_closed(found, described, outlets) if found else ())
    return [next(closed) if isinstance(each, _Open) else each for each in opened]


def _opened(capture: Capture, outlets: Outlets) -> _Open | Draft:
    """A capture up to where it must be described, or its draft if it comes to nothing before."""
    faults = capture.faults
    if not capture.media_type or _has_error(faults):
        return Draft(capture, faults)
    seen, held = observe(capture), decoded(capture)
    if seen.outcome == "article" and held.unreadable:
        return Draft(capture, faults + held.faults)
    origin = read_origin(held, seen, outlets)
    faults += seen.faults
    if seen.outlet_id and origin.outlet is None:
        told = f"{seen.outlet_id!r}{_meant(seen.outlet_id, outlets.by_id)}"
        faults += (Fault("MF403", told, "/outlet_id"),)
    if _has_error(faults):
        return Draft(capture, faults)
    if seen.outcome != "article":
        return Draft(capture, faults + held.damage, _observation(held, seen, origin))
    if origin.outlet is None:
        return Draft(capture, (*faults, _unknown_outlet(origin.address, seen.publication, outlets)))
    return _Open(held, faults, seen, origin)


def _described(found: Sequence[_Open], mode: str) -> Iterator[Description]:
    """The description of each capture; ready records are read together."""
    records = [each.held.capture.record for each in found if each.held.capture.record is not None]
    ready = iter(describe_records(records) if records else ())
    for each in found:
        if each.held.capture.record is not None:
            yield next(ready)
        else:
            yield describe(each.held, each.origin, each.seen.day, mode)


def _corrected(
    found: Sequence[_Open], described: Iterable[Description], corrections: Mapping[str, Lines]
) -> Iterator[Description]:
    """The descriptions with what is corrected of some captures."""
    for (held, _, seen, _), description in zip(found, described, strict=True):
        lines = corrections.get(_bytes_and_id(held.capture, seen)[1])
        yield corrected(description, lines) if lines else description


def _closed(
    found: Sequence[_Open], described: Iterable[Description], outlets: Outlets
) -> Iterator[Draft]:
    """The draft of each capture, given its description."""
    for (held, faults, seen, origin), description in zip(found, described, strict=True):
        capture, faults = held.capture, faults + description.faults
        if seen.outcome_source is None and (shown := _no_article(capture, origin, description)):
            outcome, source, words = shown
            faults += (Fault("MF505", f"{outcome}: {words}"),)
            known = seen._replace(outcome=outcome, outcome_source=source)
            yield Draft(capture, faults, _observation(held, known, origin))
            continue
        if _has_error(description.faults):
            yield Draft(capture, faults)
            continue
        article = _article(description, _work(origin, description, outlets))
        kept = _shown(held, seen, origin, article)
        # A ready record has been checked against the same field definitions when it was read.
        if capture.record is None and (broken := _invalid(kept)):
            yield Draft(capture, faults + broken)
            continue
        if faults and article.published.published:  # the address states what the capture does not
            faults = tuple(fault for fault in faults if fault.code != "MF501")
        yield Draft(capture, faults + _doubts(capture, seen, origin, article), kept)


def _no_article(
    capture: Capture, origin: Origin, described: Description
) -> tuple[str, str, str] | None:
    """(outcome, how it is known, in words) of a page that shows no article; None if it may."""
    if described.notice:
        return described.notice.outcome, "page", repr(described.notice.line)
    front = origin.address is not None and origin.address.is_front and capture.record is None
    if front and not (described.byline or described.stated):
        return "other", "address", "its address is that of a front page"
    return None


def _doubts(
    capture: Capture, seen: Observation, origin: Origin, article: Article
) -> tuple[Fault, ...]:
    """What makes the article of a capture doubtful, its addresses too."""
    outlet, link = article.outlet, article.described.canonical
    found = tuple(doubts(capture, article, seen.day))
    if origin.address and outlet.domains and not outlet.has_host(origin.address.host):
        host, known = origin.address.host, [each.host for each in outlet.domains]
        found += (Fault("MF708", f"host {host}, outlet {outlet.id}{_meant(host, known)}"),)
    return found + _foreign_link(origin, outlet, link) if link else found


def _meant(name: str, known: Iterable[str]) -> str:
    """Which name was meant, if one is like it."""
    import difflib

    like = difflib.get_close_matches(name, list(known), 1, LIKE)
    return f"; did you mean {like[0]!r}?" if like else ""


def _observation(held: Readable, seen: Observation, origin: Origin) -> Kept:
    """A capture that found something other than an article."""
    capture = held.capture
    own_id = article_id(origin, None) if origin.address and origin.outlet else None
    return Kept(capture, seen, origin, *_bytes_and_id(capture, seen), held.charset, own_id)


def _shown(held: Readable, seen: Observation, origin: Origin, article: Article) -> Kept:
    """A capture that shows an article."""
    sha256, own = _bytes_and_id(held.capture, seen)
    work = article.work
    own_id = article_id(work, sha256, _accession(held.capture))
    also_id = article_id(origin, None) if origin.address and work is not origin else own_id
    return Kept(held.capture, seen, origin, sha256, own, held.charset, own_id, also_id, article)


def _accession(capture: Capture) -> str | None:
    """The number under which a press database holds the article of a capture."""
    return capture.record.get("accession") if capture.record else None


def capture_key(capture: Capture) -> tuple[str | None, str]:
    """(SHA-256 of the bytes, None without; the capture's id)."""
    return _bytes_and_id(capture, observe(capture))


def _bytes_and_id(capture: Capture, seen: Observation) -> tuple[str | None, str]:
    """As `capture_key`, of what was observed of the capture."""
    sha256 = sha256_hex(capture.body) if capture.body is not None else None
    method = capture.retrieval.get("method")
    return sha256, capture_id(sha256, seen.url, seen.retrieved, method, seen.outcome)


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


def _foreign_link(origin: Origin, outlet: Outlet, link: str) -> tuple[Fault, ...]:
    """MF709 for a canonical link to a host that is none of the outlet's: syndicated, or copied."""
    canonical = _linked(origin.address, link)
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


def _unknown_outlet(address: Address | None, publication: str | None, outlets: Outlets) -> Fault:
    """MF402; the registry is asked only here, and only for what to tell the user."""
    if address is None and publication is None:
        return Fault("MF402", "it has no address, and its text names no outlet of this archive")
    if address is None and publication and len(several := outlets.called(publication)) > 1:
        message = (
            f"publication {publication!r} is of {' and '.join(several)}, which are called so: "
        )
        return Fault("MF402", f"{message}take the name out of all but one of their files")
    if address is None:
        message = f"publication {publication!r} is of no outlet of this archive: write it among "
        return Fault("MF402", f"{message}`other_names`, or run `microfiche outlets --new --all`")
    message = f"host {address.host} is of no outlet of this archive"
    known = known_outlets().at(address.host, None)
    if known:
        name = known[0].id
        return Fault("MF402", f"{message}; it is known as {name}: run `microfiche outlets {name}`")
    return Fault("MF402", f"{message}: run `microfiche outlets --new {address.host}`")


def _article(described: Description, work: Origin) -> Article:
    """The article that a description gives, with what its outlet's file adds to it."""
    outlet = work.outlet
    assert outlet is not None  # noqa: S101 - only what has an outlet is described
    sources, language, stated = list(described.sources), described.language, described.stated
    if stated is None and (dated := dated_by_address(outlet, work.address, work.site)):
        stated = dated[0]
        sources.append(dated[1])
    published = Published.of(stated, "outlet" if outlet.zone else None) if stated else UNDATED
    if language is None and len(outlet.languages) == 1:
        language = outlet.languages[0]
        sources.append(FieldSource("language", "outlet", "the outlet's only language"))
    rights = outlet.article_rights if described.rights is None else described.rights
    if not rights["rights_statement"]:
        rights = {**rights, "rights_statement": statement_of(rights["license"])}
    text_sha256, captions_sha256 = (
        sha256_hex(described.body.octets),
        list_digest(described.captions),
    )
    state = (described.title, described.subtitle, text_sha256, captions_sha256)
    return Article(
        revision_id(*state),
        work,
        outlet,
        described,
        published,
        language,
        rights,
        text_sha256,
        captions_sha256,
        tuple(sorted(sources)) if sources else (),
    )


def _invalid(kept: Kept) -> tuple[Fault, ...]:
    """What of the article that a capture shows no article may have."""
    kind, row = record_type("article"), article_row(kept)
    if kind.is_valid(row):
        return ()
    return tuple(Fault("MF401", message, pointer) for pointer, message in kind.explain(row))


def _has_error(faults: Sequence[Fault]) -> bool:
    return bool(faults) and any(CODES[fault.code].severity == "error" for fault in faults)
