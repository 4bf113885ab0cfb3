"""The one door to extraction: any capture and its outlet in, a description out."""

from __future__ import annotations

from collections.abc import Callable

from microfiche.capture import Capture
from microfiche.capture.textfile import decode
from microfiche.extract import Description, FieldSource
from microfiche.extract.record import describe_record
from microfiche.extract.text import describe_text
from microfiche.outlet import Outlet, Outlets

LANGUAGE_SAMPLE = 4000


def describe(capture: Capture, outlet: Outlet) -> Description:
    """Description of a capture of an article of `outlet`, by what the capture holds."""
    if capture.record is not None:
        return describe_record(capture.record)
    decoded = decode(capture.body or b"")
    if not decoded.text:
        return Description(text="", faults=decoded.faults)
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


def recogniser(outlets: Outlets) -> Callable[[Capture], Outlet | None]:
    """A function that names the outlet of a capture by its boilerplate, if it can."""

    def recognise(capture: Capture) -> Outlet | None:
        return outlets.recognise(text_lines(capture))

    return recognise


def text_lines(capture: Capture) -> list[str]:
    """The lines of a capture's text, for looking for boilerplate; empty if it is no text."""
    if capture.record is None:
        return decode(capture.body or b"").text.splitlines()
    text = capture.record.get("text") or "\n".join(capture.record.get("paragraphs", ()))
    return str(text).splitlines()
