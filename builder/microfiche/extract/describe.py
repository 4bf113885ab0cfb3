"""The one door to extraction: any capture and its outlet in, a description out."""

from __future__ import annotations

from collections.abc import Callable

from microfiche.capture import Capture
from microfiche.extract import Description
from microfiche.extract.record import describe_record
from microfiche.extract.text import describe_text
from microfiche.outlet import Outlet, Outlets
from microfiche.capture.textfile import decode
from microfiche.url import Address


def describe(capture: Capture, outlet: Outlet, address: Address | None) -> Description:
    """Description of a capture of an article of `outlet`, by what the capture holds."""
    if capture.record is not None:
        return describe_record(capture.record)
    decoded = decode(capture.body or b"")
    if not decoded.text:
        return Description(text="", faults=decoded.faults)
    described = describe_text(decoded.text, outlet)
    return described


def recogniser(outlets: Outlets) -> Callable[[Capture], Outlet | None]:
    """A function that names the outlet of a capture by its boilerplate, if it can."""

    def recognise(capture: Capture) -> Outlet | None:
        if capture.record is not None:
            text = capture.record.get("text") or "\n".join(capture.record.get("paragraphs", ()))
        else:
            text = decode(capture.body or b"").text
        return outlets.recognise(text.splitlines())

    return recognise
