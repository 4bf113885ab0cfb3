"""One page or text read by itself, without an archive: by the reader that builds use."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from microfiche.captures import PAGE_MEDIA, TEXT_MEDIA, Capture
from microfiche.captures.observation import observe
from microfiche.captures.page import is_page
from microfiche.captures.pdf import PDF_MEDIA, is_pdf
from microfiche.dates import Stated
from microfiche.errors import UsageError
from microfiche.extract import Description
from microfiche.extract.looking import page_kinds
from microfiche.extract.reading import Readable, dated_by_address, decoded, describe
from microfiche.extract.record import describe_records
from microfiche.extract.text import LineKind, line_kinds
from microfiche.outlets.origin import Origin
from microfiche.outlets.outlet import Outlet
from microfiche.url import read_address

MODES = ("balanced", "fast", "best")


@dataclass(frozen=True)
class Reading:
    """What one capture says of its article; unknown is None or empty.

    published      EDTF; with the time of day if one is stated, YYYY-MM-DDThh:mm:ss as it is stated
    modified_at    UTC
    language       BCP 47
    access         how much of the article it shows: full, cut, stub, teaser, paywalled
    outcome        article, or what is there instead of one
    field_sources  for each field read: where it stood, and the rule that read it
    """

    title: str | None
    subtitle: str | None
    byline: tuple[str, ...]
    section_path: tuple[str, ...]
    dateline: str | None
    published: str | None
    modified_at: str | None
    language: str | None
    captions: tuple[str, ...]
    text: str
    access: str
    outcome: str
    field_sources: dict[str, tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        """The fields by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def capture_of(data: bytes | str, url: str | None = None, file: str = "") -> Capture:
    """A capture of some bytes, a page if they begin as one. Raises UsageError for a wrong address."""
    if url is not None and read_address(url) is None:
        raise UsageError(f"{url}: no address of a page", "write http://... or https://...")
    body = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    page = is_page(file.lower(), body)
    media = PAGE_MEDIA if page else PDF_MEDIA if is_pdf(body) else TEXT_MEDIA
    charset = "utf-8" if isinstance(data, str) else None
    known = {"url": url} if url else {}
    return Capture(file, None, None, len(body), body, known, media_type=media, charset=charset)


def outlet_named(name: str | None) -> Outlet:
    """An outlet of which nothing but the name is known, if that."""
    return Outlet({"id": "unknown", "name": name or ""})


def read_alone(capture: Capture, outlet: Outlet, mode: str | None = None) -> Reading:
    """What a capture says of its article, as one of an outlet. Raises UsageError for no mode."""
    if mode is not None and mode not in MODES:
        raise UsageError(f"{mode}: no mode of reading", f"choose {', '.join(MODES)}")
    seen, held = observe(capture), decoded(capture)
    found = _described(
        held, Origin(seen.address, outlet, "stated", None), seen.day, mode or MODES[0]
    )
    sources = list(found.sources)
    stated = found.stated
    if stated is None and (dated := dated_by_address(outlet, seen.address, None)):
        stated = dated[0]
        sources.append(dated[1])
    return Reading(
        title=found.title,
        subtitle=found.subtitle,
        byline=tuple(found.byline),
        section_path=tuple(found.section_path),
        dateline=found.dateline,
        published=_published(stated),
        modified_at=found.modified_at,
        language=found.language,
        captions=tuple(found.captions),
        text="" if found.notice else found.text,
        access=found.access,
        outcome=found.notice.outcome if found.notice else seen.outcome,
        field_sources={each.field: (each.source, each.rule) for each in sources},
    )


def _described(held: Readable, found: Origin, day: str | None, mode: str) -> Description:
    """What a capture says: a page or a text as it is read, a ready record as it states."""
    if held.capture.record is not None:
        return next(iter(describe_records([held.capture.record])))
    return describe(held, found, day, mode)


def _published(stated: Stated | None) -> str | None:
    if stated is None:
        return None
    return f"{stated.published}T{stated.clock}" if stated.clock else stated.published


def lines_alone(capture: Capture, outlet: Outlet) -> list[LineKind]:
    """Each line of a capture with what it was taken for."""
    held, seen = decoded(capture), observe(capture)
    if not held.is_page and capture.record is None:
        return line_kinds(held.text, outlet, str(seen.address) if seen.address else None)
    found = _described(held, Origin(seen.address, outlet, "stated", None), seen.day, MODES[0])
    if held.is_page and (lines := page_kinds(held.text, outlet, found, seen.day)):
        return lines
    kinds: list[tuple[str, list[str | None]]] = [
        ("title", [found.title]),
        ("subtitle", [found.subtitle]),
        ("caption", [*found.captions]),
        ("text", [*found.text.split("\n\n")]),
        ("removed", [*found.removed_lines]),
    ]
    return [LineKind(kind, None, line) for kind, lines in kinds for line in lines if line]
