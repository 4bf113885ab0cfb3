"""What the record of a capture states of its observation, each value read once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from microfiche.captures import Capture, Fault
from microfiche.captures.retrieval import no_time, outcome_of
from microfiche.dates import is_day, stamp_time, utc_time
from microfiche.url import Address, memento_of, read_address, why_unread

SHOWN = 200


class Observation(NamedTuple):
    """What is stated of a capture; None for what is not stated, or cannot be read.

    address, url     in normal form, as a value and as a string
    outlet_id        the outlet that is stated
    publication      the name of the publication, as a table or a press database spells it
    retrieved_at     UTC, YYYY-MM-DDThh:mm:ss.ffffffZ
    retrieved_on     YYYY-MM-DD, where no time is stated
    day              day of the retrieval, YYYY-MM-DD, in the zone in which it is stated
    outcome          what was found: an article as far as is known, if nothing says otherwise
    outcome_source   stated or http-status; None: nothing says so yet, the page or address may
    redirected_to, memento_url   in normal form
    faults           what is stated and cannot be used
    """

    address: Address | None
    url: str | None
    outlet_id: str | None
    publication: str | None
    retrieved_at: str | None
    retrieved_on: str | None
    day: str | None
    outcome: str
    outcome_source: str | None
    redirected_to: str | None
    memento_url: str | None
    faults: tuple[Fault, ...]

    @property
    def retrieved(self) -> str | None:
        """The time of retrieval, or the day of it if no more is known."""
        return self.retrieved_at or self.retrieved_on


def observe(capture: Capture) -> Observation:
    """Read what the record of a capture states; a ready record's own members come first."""
    record, retrieval = capture.record or {}, capture.retrieval
    faults: list[Fault] = []
    url = record.get("url") or retrieval.get("url")
    if url and (original := memento_of(url)):
        known = {"retrieved_at": stamp_time(original[1]), "memento_url": url}
        retrieval, url = {**known, **retrieval}, original[0]
    address = read_address(url) if url else None
    if url and address is None:
        faults.append(Fault("MF405", _unread(url), "/url"))
    at = retrieval.get("retrieved_at")
    retrieved_at = utc_time(at) if at else None
    retrieved_on = at if at and is_day(at) else None
    if at and not (retrieved_at or retrieved_on):
        faults.append(Fault("MF309", no_time(at), "/retrieved_at"))
    return Observation(
        address,
        str(address) if address else None,
        record.get("outlet_id") or retrieval.get("outlet_id"),
        record.get("publication") or capture.publication,
        retrieved_at,
        retrieved_on,
        at[:10] if at and (retrieved_at or retrieved_on) else None,
        *outcome_of(retrieval),
        _onward(retrieval, "redirected_to", faults) if "redirected_to" in retrieval else None,
        _onward(retrieval, "memento_url", faults) if "memento_url" in retrieval else None,
        tuple(faults),
    )


def _unread(url: str) -> str:
    return f"{url[:SHOWN]!r}: {why_unread(url)}"


def _onward(retrieval: Mapping[str, Any], name: str, faults: list[Fault]) -> str | None:
    """An address that a record states beside the capture's own."""
    target = read_address(retrieval[name])
    if target is None:
        faults.append(Fault("MF405", _unread(retrieval[name]), f"/{name}"))
    return target and str(target)
