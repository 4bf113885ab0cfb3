"""Reading any capture: is it text, whose is it, what does it say. The one door to extraction."""

from __future__ import annotations

import functools

from microfiche.article import Reader
from microfiche.captures import PAGE_MEDIA, Capture, Fault
from microfiche.captures.textfile import Decoded, decode, stated_charset
from microfiche.extract import Description, FieldSource
from microfiche.extract.notice import Notice, Shown, read_notice
from microfiche.extract.page import describe_page, page_address, page_lines
from microfiche.extract.record import describe_record
from microfiche.extract.text import describe_text
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.outlet import Outlet
from microfiche.text import loosely
from microfiche.url import read_address

LANGUAGE_SAMPLE = 4000


def reader(outlets: Outlets, mode: str = "balanced") -> Reader:
    """What reads captures of these outlets; `mode` is how pages are read."""
    return Reader(
        unreadable,
        lambda capture: outlets.recognise(text_lines(capture)),
        functools.partial(describe, mode=mode),
        own_address,
    )


def _decoded(capture: Capture) -> Decoded:
    return _text_of(capture.body or b"", capture.charset, is_page(capture))


@functools.lru_cache(maxsize=1)
def _text_of(body: bytes, charset: str | None, page: bool) -> Decoded:
    """The text of the capture at hand: asked for its faults, its outlet and its fields in turn."""
    return decode(body, charset or (stated_charset(body) if page else None))


def unreadable(capture: Capture) -> tuple[Fault, ...]:
    """Why the bytes of a capture are no text; empty if they are."""
    if capture.record is not None:
        return ()
    decoded = _decoded(capture)
    return () if decoded.text else decoded.faults


def own_address(capture: Capture) -> str | None:
    """The address that a page gives itself; None for other captures."""
    return page_address(_decoded(capture).text) if is_page(capture) else None


def is_page(capture: Capture) -> bool:
    """Whether a capture's bytes are HTML."""
    return capture.media_type == PAGE_MEDIA


def describe(capture: Capture, outlet: Outlet, mode: str = "balanced") -> Description:
    """Description of a capture of an article of `outlet`, by what the capture holds."""
    if capture.record is not None:
        return describe_record(capture.record)
    decoded = _decoded(capture)
    if is_page(capture):
        day = capture.retrieval.get("retrieved_at", "")[:10] or None
        described = describe_page(decoded.text, outlet, mode, day)
    else:
        described = describe_text(decoded.text, outlet)
    if notice := _notice(capture, outlet, described):
        return described._replace(notice=notice, faults=decoded.faults)
    sources = [*described.sources, FieldSource("charset", "text", decoded.charset)]
    language = described.language or _language(described.text, outlet.languages)
    if language and not described.language:
        rule = "closest of the outlet's languages"
        sources.append(FieldSource("language", "text", rule))
    return described._replace(
        language=language,
        sources=tuple(sources),
        faults=(*decoded.faults, *described.faults),
    )


def _notice(capture: Capture, outlet: Outlet, described: Description) -> Notice | None:
    """The notice that a capture shows instead of an article."""
    body = described.body
    lines = described.text.split("\n\n") if described.text else text_lines(capture)
    if described.subtitle:
        lines = [described.subtitle, *lines]
    own = {loosely(name) for name in (outlet.name, *outlet.entry.get("other_names", ()))}
    named = any(loosely(name) not in own for name in described.byline)
    dated = named or described.stated is not None or _is_dated(capture, outlet)
    return read_notice(Shown(described.title, lines, body.n_words, len(body.octets), dated))


def _is_dated(capture: Capture, outlet: Outlet) -> bool:
    """Whether the address states a date."""
    address = read_address(capture.retrieval.get("url") or "")
    return address is not None and outlet.date_in(address, None) is not None


def _language(text: str, languages: tuple[str, ...]) -> str | None:
    """Which of an outlet's languages a text is in; None unless there are several to choose from."""
    if len(languages) < 2:
        return None
    from resiliparse.parse.lang import detect_fast

    known = {language.split("-")[0].lower(): language for language in languages}
    found, _ = detect_fast(text[:LANGUAGE_SAMPLE], langs=sorted(known))
    return known.get(found)


def text_lines(capture: Capture) -> list[str]:
    """The lines of a capture's text, for looking for boilerplate; empty if it is no text."""
    if capture.record is None:
        text = _decoded(capture).text
        return page_lines(text) if is_page(capture) else text.splitlines()
    text = capture.record.get("text") or "\n".join(capture.record.get("paragraphs", ()))
    return str(text).splitlines()
