"""Reading any capture: is it text, whose is it, what does it say. The one door to extraction."""

from __future__ import annotations

import functools

from microfiche.article import Reader
from microfiche.capture import Capture, Fault
from microfiche.capture.textfile import Decoded, decode
from microfiche.extract import Description, FieldSource
from microfiche.extract.record import describe_record
from microfiche.extract.text import describe_text
from microfiche.outlet import Outlet, Outlets

LANGUAGE_SAMPLE = 4000


def reader(outlets: Outlets) -> Reader:
    """What reads captures of these outlets."""
    return Reader(unreadable, lambda capture: outlets.recognise(text_lines(capture)), describe)


@functools.lru_cache(maxsize=1)
def _decoded(body: bytes) -> Decoded:
    """The text of the capture at hand: asked for its faults, its outlet and its fields in turn."""
    return decode(body)


def unreadable(capture: Capture) -> tuple[Fault, ...]:
    """Why the bytes of a capture are no text; empty if they are."""
    if capture.record is not None:
        return ()
    decoded = _decoded(capture.body or b"")
    return () if decoded.text else decoded.faults


def describe(capture: Capture, outlet: Outlet) -> Description:
    """Description of a capture of an article of `outlet`, by what the capture holds."""
    if capture.record is not None:
        return describe_record(capture.record)
    decoded = _decoded(capture.body or b"")
    described = describe_text(decoded.text, outlet)
    sources = [*described.sources, FieldSource("charset", "text", decoded.charset)]
    language = _language(described.text, outlet.languages)
    if language:
        rule = "closest of the outlet's languages"
        sources.append(FieldSource("language", "text", rule))
    return described._replace(
        language=language,
        sources=tuple(sources),
        faults=(*decoded.faults, *described.faults),
    )


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
        return _decoded(capture.body or b"").text.splitlines()
    text = capture.record.get("text") or "\n".join(capture.record.get("paragraphs", ()))
    return str(text).splitlines()
