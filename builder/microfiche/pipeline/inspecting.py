"""One capture of an archive, looked at by itself: found by its id or its place, with its outlet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from microfiche.archive import Archive
from microfiche.captures import Capture
from microfiche.captures.files import FileSpan, list_files, read_captures
from microfiche.captures.observation import observe
from microfiche.collation.draft import capture_key
from microfiche.errors import NotFound
from microfiche.extract.alone import outlet_named
from microfiche.extract.reading import decoded, read_origin
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.outlet import Outlet
from microfiche.pipeline.validation import releases_at_hand

LIMIT = 64 << 20  # bytes of a capture that is looked at


class Inspected(NamedTuple):
    """A capture and the outlet that it is read as one of: a bare one if it is of none."""

    capture: Capture
    outlet: Outlet


def find_capture(archive: Archive, capture_id: str) -> Inspected:
    """The capture with an id. Raises NotFound if the archive holds none.

    Files that releases at hand say it is in are looked into first.
    """
    outlets, spans = archive.outlet_book(), list(list_files(archive.raw))
    known = _files_of(archive, capture_id)
    for each in _captures(archive, sorted(spans, key=lambda span: span.path not in known)):
        if each.media_type and capture_key(each)[1] == capture_id:
            return Inspected(each, _outlet(each, outlets))
    raise NotFound(
        f"{capture_id}: {archive.root} holds no capture of this id",
        "list them with `microfiche export RELEASE --table captures`",
    )


def captures_in(archive: Archive, path: str) -> Iterator[Inspected]:
    """The captures of one file of raw/captures/, which is named by its path below raw/."""
    outlets = archive.outlet_book()
    for each in _captures(archive, (s for s in list_files(archive.raw) if s.path == path)):
        yield Inspected(each, _outlet(each, outlets))


def _files_of(archive: Archive, capture_id: str) -> set[str]:
    found = set()
    for release in releases_at_hand(archive):
        for row in release.select("captures", "capture_id", [capture_id]):
            found.add(row["source_file"])
    return found


def _captures(archive: Archive, spans: Iterable[FileSpan]) -> Iterator[Capture]:
    for span in spans:
        yield from read_captures(archive.raw, (span,), LIMIT)


def _outlet(capture: Capture, outlets: Outlets) -> Outlet:
    """Whose a capture is, as builds find it."""
    if not capture.media_type:
        return outlet_named(None)
    return read_origin(decoded(capture), observe(capture), outlets).outlet or outlet_named(None)
