"""One capture of an archive, looked at by itself: found by its id or its place, with its outlet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from microfiche.archive import Archive
from microfiche.archive.corrections import SOURCE, Correction, corrections, told_by
from microfiche.captures import Capture
from microfiche.captures.files import FileSpan, list_files, read_captures
from microfiche.captures.observation import observe
from microfiche.collation.correcting import stated
from microfiche.collation.draft import capture_key
from microfiche.errors import NotFound
from microfiche.extract.alone import Reading, lines_alone, outlet_named, read_alone
from microfiche.extract.reading import decoded, read_origin
from microfiche.extract.text import LineKind
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.outlet import Outlet
from microfiche.pipeline.validation import releases_at_hand

LIMIT = 64 << 20  # bytes of a capture that is looked at


class Inspected(NamedTuple):
    """A capture and the outlet that it is read as one of: a bare one if it is of none.

    `corrections` are the lines of raw/corrections.jsonl that name it, by field.
    """

    capture: Capture
    outlet: Outlet
    corrections: Mapping[str, Correction] = {}


def find_captures(archive: Archive, ids: Sequence[str]) -> dict[str, Inspected]:
    """The captures with some ids, in their order. Raises NotFound if the archive lacks one.

    Files that releases at hand say they are in are looked into first.
    """
    outlets, spans = archive.outlet_book(), list(list_files(archive.raw))
    corrected = corrections(archive.corrections, of_captures=True)
    known, found = _files_of(archive, ids), dict[str, Inspected]()
    for each in _captures(archive, sorted(spans, key=lambda span: span.path not in known)):
        own = capture_key(each)[1] if each.media_type else None
        if own and own in ids and own not in found:
            found[own] = Inspected(each, _outlet(each, outlets), corrected.get(own, {}))
            if len(found) == len(set(ids)):
                break
    for capture_id in ids:
        if capture_id not in found:
            raise NotFound(
                f"{capture_id}: {archive.root} holds no capture of this id",
                "list them with `microfiche export RELEASE --table captures`",
            )
    return {capture_id: found[capture_id] for capture_id in ids}


def read_corrected(inspected: Inspected) -> Reading:
    """What a capture says of its article, and what is corrected of that. As `read_alone`."""
    reading, lines = read_alone(inspected.capture, inspected.outlet), inspected.corrections
    if not lines:
        return reading
    right = stated(lines)
    told = {name: (SOURCE, told_by(each.line)) for name, each in lines.items()}
    values: dict[str, Any] = {"field_sources": {**reading.field_sources, **told}}
    for name in lines:
        value = getattr(right, name)
        values[name] = tuple(value) if isinstance(value, list) else value
    return replace(reading, **values)


def lines_of(inspected: Inspected) -> list[LineKind]:
    """Each line of a capture with what it was taken for, then what is corrected of it."""
    return [
        *lines_alone(inspected.capture, inspected.outlet),
        *(
            LineKind("corrected", None, f"{name}: {_told(each.line['value'])}")
            for name, each in inspected.corrections.items()
        ),
    ]


def _told(value: Any) -> str:
    return " | ".join(value) if isinstance(value, list) else str(value)


def captures_in(archive: Archive, path: str) -> Iterator[Inspected]:
    """The captures of one file of raw/captures/, which is named by its path below raw/."""
    outlets = archive.outlet_book()
    corrected = corrections(archive.corrections, of_captures=True)
    for each in _captures(archive, (s for s in list_files(archive.raw) if s.path == path)):
        own = capture_key(each)[1] if each.media_type else ""
        yield Inspected(each, _outlet(each, outlets), corrected.get(own, {}))


def captures_at(archive: Archive, file: Path) -> list[Inspected]:
    """The captures of a file that lies in the archive, by its path; none of another file."""
    raw, place = archive.raw.resolve(), file.resolve()
    if not (file.is_file() and place.is_relative_to(raw / "captures")):
        return []
    return list(captures_in(archive, place.relative_to(raw).as_posix()))


def capture_at(archive: Archive, file: Path) -> str | None:
    """The id of the one capture of a file of the archive; None if it has several, or none."""
    held = [each.capture for each in captures_at(archive, file) if each.capture.media_type]
    return capture_key(held[0])[1] if len(held) == 1 else None


def _files_of(archive: Archive, ids: Sequence[str]) -> set[str]:
    found = set()
    for release in releases_at_hand(archive):
        for row in release.select("captures", "capture_id", ids):
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
