"""Captures: one observation of one address each, as the files under raw/captures/ hold them.

Owns reading: which files there are (`files`), what is known of their retrieval (`retrieval`), and
the bytes of text files (`textfile`), of pages (`page`, `fragment`), of PDF files (`pdf`), of JSONL
files (`jsonl`), of tables (`tabular`, `mapping`, `cells`; `spreadsheet` those that name files), of
exports of press databases (`press`), of what browsers save (`bundles`), of WARC, WACZ and ARC files
(`framing`, `warc`, `http`, `wacz`, `arc`). `observation` is what a record states, `expected` lists
addresses that ought to be captured, `fetching` captures them, `lines` finds the line of a finding.
What the bytes say is `extract`'s; who published them is `outlets`'. Any bytes give a capture, with
faults where something is wrong;
nothing here raises for bad data, but tables and exports, which are no captures yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from microfiche.finding import Finding

MAX_MESSAGE = 300
NO_CAPTURE = ""
TEXT_MEDIA, PAGE_MEDIA, RECORD_MEDIA = "text/plain", "text/html", "application/x-ndjson"
NO_RECORD: Mapping[str, Any] = {}


class Fault(NamedTuple):
    """Something found in one capture, before it has a place in the archive."""

    code: str
    message: str
    place: str = ""


class Capture(NamedTuple):
    """One observation: the bytes retrieved, or the fact that there was no article.

    source_file    path relative to raw/, forward slashes
    source_offset  byte offset in that file; None for a whole file
    line_of        gives the line number, from 1, when it is asked for; None for a whole file
    size_bytes     size of the captured bytes, also where they were not read; None without bytes
    body           the captured bytes; None if there are none or they were not read
    retrieval      retrieval record, valid by its schema; empty if there is none
    record         a ready record, valid by its schema; None for bytes still to be extracted
    faults         what was found while reading
    media_type     what kind of bytes they are, by which they are read; empty for what only carries
                   a note on its file
    warc_record_id, payload_digest  as a WARC states them; None elsewhere
    charset        as the HTTP response states it; None if it does not, or there was none
    publication    name of the publication that is stated beside a page; None elsewhere
    annotations    what somebody judges of the article, valid by schema/record.json
    tally          how many records of a part of a file are no captures, by kind; None but for the
                   note on a part
    """

    source_file: str
    source_offset: int | None
    line_of: Callable[[], int] | None
    size_bytes: int | None
    body: bytes | None
    retrieval: Mapping[str, Any] = NO_RECORD
    record: Mapping[str, Any] | None = None
    faults: tuple[Fault, ...] = ()
    media_type: str = TEXT_MEDIA
    warc_record_id: str | None = None
    payload_digest: str | None = None
    charset: str | None = None
    publication: str | None = None
    annotations: Sequence[Mapping[str, Any]] = ()
    tally: Counter[str] | None = None

    @property
    def line(self) -> int | None:
        """Line number in the file, from 1; None for a whole file. May have to read the file."""
        return self.line_of() if self.line_of else None

    @property
    def place(self) -> str:
        """Line or byte of it in its file; empty for a whole file. May have to read the file."""
        if self.line_of:
            return f"line {self.line}"
        return "" if self.source_offset is None else f"byte {self.source_offset}"

    def finding(self, fault: Fault) -> Finding:
        """`fault` with its place in the archive; of one among many in a file its address too."""
        inner = self.source_offset is not None and self.line_of is None
        url = self.retrieval.get("url") if inner else None
        place = ", ".join(filter(None, (self.place, fault.place, url)))
        message = fault.message
        if len(message) > MAX_MESSAGE:
            message = f"{message[: MAX_MESSAGE // 2]} … {message[-MAX_MESSAGE // 2 :]}"
        return Finding(f"raw/{self.source_file}", place, fault.code, message)
