"""Reading any capture: is it text, whose is it, what does it say. The one door to extraction."""

from __future__ import annotations

from typing import NamedTuple

from microfiche.captures import PAGE_MEDIA, Capture, Fault
from microfiche.captures.observation import Observation
from microfiche.captures.page import without_archive
from microfiche.captures.pdf import PDF_MEDIA, pdf_text
from microfiche.captures.textfile import crowded_text, decode, stated_charset
from microfiche.dates import Stated
from microfiche.extract import Description, FieldSource
from microfiche.extract.notice import Notice, Shown, read_notice
from microfiche.extract.page import describe_page, page_address, page_lines, told_lines
from microfiche.extract.text import describe_text
from microfiche.outlets import origin
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.origin import Origin
from microfiche.outlets.outlet import Outlet
from microfiche.text import loosely
from microfiche.url import Address, read_address

LANGUAGE_SAMPLE = 4000
# Of a page: words of a text so short that all lines are asked for a notice; letters of an empty shell.
FEW_WORDS, NOTHING = 40, 8
UNREADABLE = frozenset(("MF318", "MF503"))  # pages whose text may be there, and was not reached


class Readable(NamedTuple):
    """A capture with its bytes decoded, once: their text, the charset, what was wrong with them.

    The charset of a PDF is None. Of a ready record the text is empty: it has members instead.
    """

    capture: Capture
    text: str
    charset: str | None
    faults: tuple[Fault, ...]

    @property
    def unreadable(self) -> bool:
        """Whether its bytes are no text at all; `faults` say why."""
        return self.capture.record is None and not self.text

    @property
    def damage(self) -> tuple[Fault, ...]:
        """What is wrong with bytes that are text all the same."""
        return () if self.unreadable else self.faults

    @property
    def is_page(self) -> bool:
        """Whether the capture is HTML."""
        return self.capture.record is None and self.capture.media_type == PAGE_MEDIA

    def lines(self) -> list[str]:
        """The lines of its text, for looking for boilerplate."""
        record = self.capture.record
        if record is not None:
            text = record.get("text") or "\n".join(record.get("paragraphs", ()))
            return str(text).splitlines()
        return page_lines(self.text) if self.is_page else self.text.splitlines()


def decoded(capture: Capture) -> Readable:
    """A capture with its bytes decoded."""
    if capture.record is not None:
        return Readable(capture, "", "utf-8", ())
    body = capture.body or b""
    if capture.media_type == PDF_MEDIA:
        text, faults = pdf_text(body)
        return Readable(capture, text, None, faults)
    page = capture.media_type == PAGE_MEDIA
    stated = capture.charset or (stated_charset(body) if page else None)
    text, charset, faults = decode(body, stated)
    if not page and (crowd := crowded_text(text)):
        return Readable(capture, "", charset, (Fault("MF318", crowd),))
    archived = page and ("WAYBACK TOOLBAR" in text or "/https:/" in text or "/http:/" in text)
    return Readable(capture, without_archive(text) if archived else text, charset, faults)


def read_origin(held: Readable, seen: Observation, outlets: Outlets) -> Origin:
    """Address and outlet of a capture.

    The outlet is the one stated, else the host's, else the one that is called as the publication
    is, else that of the address a page gives itself, else by boilerplate; None where that gives none, or none of the id that is stated.
    """
    stated = (seen.outlet_id, seen.publication)
    found = origin.read_origin(outlets, seen.address, seen.day, *stated)
    if found.outlet or seen.outlet_id:
        return found
    if seen.address is None and held.is_page:
        own = read_address(page_address(held.text) or "")
        claim = outlets.at(own.host, None) if own else None
        if claim:
            return Origin(None, claim[0], "canonical", None)
    outlet = outlets.recognise(held.lines())
    return Origin(seen.address, outlet, "boilerplate" if outlet else None, None)


def describe(
    held: Readable, found: Origin, day: str | None = None, mode: str = "balanced"
) -> Description:
    """Description of a page or a text, of an article of the outlet that it comes from.

    `found` is where it comes from, `day` the day of its retrieval, `mode` how pages are read.
    """
    outlet = found.outlet
    assert outlet is not None  # noqa: S101 - only what has an outlet is described
    address = str(found.address) if found.address else None
    if held.is_page:
        described = describe_page(held.text, outlet, mode, day, address)
    else:
        described = describe_text(held.text, outlet, address)
    if notice := _notice(held, found, outlet, described):
        return described._replace(notice=notice, faults=held.faults)
    sources = list(described.sources)
    language = described.language or _language(described.text, outlet.languages)
    if language and not described.language:
        rule = "closest of the outlet's languages"
        sources.append(FieldSource("language", "text", rule))
    return described._replace(
        language=language,
        sources=tuple(sources),
        faults=(*held.faults, *described.faults),
    )


def dated_by_address(
    outlet: Outlet, address: Address | None, site: str | None
) -> tuple[Stated, FieldSource] | None:
    """The day that stands in an address of an outlet, and its source; None if there is none."""
    day = outlet.date_in(address, site) if address else None
    if address is None or day is None:
        return None
    source = FieldSource("published", "url", "the day in the address")
    return Stated(day, None, None, address.path), source


def _notice(held: Readable, found: Origin, outlet: Outlet, described: Description) -> Notice | None:
    """The notice that a capture shows instead of an article.

    What the outlet's address pattern gives an id is no listing, whatever it looks like.
    """
    body = described.body
    lines = described.text.split("\n\n")
    if held.is_page and body.n_words <= FEW_WORDS:
        lines = told_lines(held.text)
        whole = UNREADABLE.isdisjoint(fault.code for fault in described.faults)
        if whole and sum(map(len, lines)) <= NOTHING and described.stated is None:
            return Notice("other", described.title or "")
    elif not described.text:
        lines = held.lines()
    elif described.subtitle:
        lines = [described.subtitle, *lines]
    own = {loosely(name) for name in (outlet.name, *outlet.entry.get("other_names", ()))}
    named = any(loosely(name) not in own for name in described.byline)
    in_address = found.address is not None and outlet.date_in(found.address, None) is not None
    dated = named or described.stated is not None
    shown = Shown(described.title, lines, body.n_words, len(body.octets), dated, in_address)
    if notice := read_notice(shown):
        return notice
    own_id = found.address and outlet.native_id(found.address, found.site)
    return None if own_id else described.notice


def _language(text: str, languages: tuple[str, ...]) -> str | None:
    """Which of an outlet's languages a text is in; None unless there are several to choose from."""
    if len(languages) < 2:
        return None
    from resiliparse.parse.lang import detect_fast

    known = {language.split("-")[0].lower(): language for language in languages}
    found, _ = detect_fast(text[:LANGUAGE_SAMPLE], langs=sorted(known))
    return known.get(found)
