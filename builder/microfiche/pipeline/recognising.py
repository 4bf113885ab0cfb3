"""What an archive holds: the spans of its files, known again by their stamps, or hashed."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from microfiche.archive import Archive
from microfiche.captures.content import NO_CONTENT, Content, Stamp, read_content, settled
from microfiche.captures.content import stamp as stamp_of
from microfiche.captures.files import FileSpan, list_files
from microfiche.engine import Engine
from microfiche.pipeline.cache import Cache, digest_of

SPANS_AT_ONCE = 64


class Holdings(NamedTuple):
    """The captures of an archive: spans of files, in order, and the content of each by its place.

    A span without content could not be read, or its file changed while it was hashed. `stamps` are
    those of its files, by path.
    """

    spans: list[FileSpan]
    contents: dict[tuple[str, int], Content]
    stamps: dict[str, Stamp]

    @property
    def digest(self) -> str | None:
        """Digest of all that is there; None if not all is known."""
        if any((span.path, span.start) not in self.contents for span in self.spans):
            return None
        return digest_of([described(span, self.contents) for span in self.spans])


NOTHING = Holdings([], {}, {})


def recognise(engine: Engine, archive: Archive, cache: Cache | None) -> Holdings:
    """What an archive holds: as it was known, else hashed. Raises CannotRun."""
    raw, now = archive.holdings, time.time_ns()
    known = cache.known_files() if cache else {}
    listed = [
        part for span in list_files(raw, replaced=archive.only is not None) for part in span.parts
    ]
    contents = dict[tuple[str, int], Content]()
    stamps, fresh = dict[str, Stamp](), list[list[FileSpan]]()
    for path, group in itertools.groupby(listed, key=lambda span: span.path):
        own = list(group)
        if any(span.fault for span in own):
            contents |= {(path, span.start): NO_CONTENT for span in own}
        elif seen := stamped(raw, own[0]):
            stamps[path] = seen
            before, parts = known.get(path, ((), []))
            whole = own[0].before is not None and len(parts) == 1  # of what has no parts
            if before == seen and (whole or len(parts) == len(own)):
                spans = [_whole(own)] if whole else own
                contents |= dict(zip(map(_at, spans), parts, strict=True))
            else:
                fresh.append(own)
    contents |= dict(_hashed(engine, raw, [span for own in fresh for span in own]))
    stated = contents
    exact, contents = _parted(listed, stated)
    unknown = [each for each in exact if each.path in stamps and _at(each) not in contents]
    contents |= dict(_hashed(engine, raw, unknown))
    moved = {own[0].path for own in fresh if stamped(raw, own[0]) != stamps[own[0].path]}
    contents = {at: each for at, each in contents.items() if at[0] not in moved}
    if cache and (fresh or known.keys() != stamps.keys()):
        wholes = [span for span in exact if span.before is None]
        apart = {span.path for span in exact} - {span.path for span in wholes}
        kept = [*wholes, *(span for span in listed if span.path in apart)]
        seen_once = {path: each for path, each in stamps.items() if path not in moved}
        cache.keep_files(_settled(kept, {**contents, **stated}, seen_once, now))
    return Holdings(_numbered(exact, contents), contents, stamps)


def _at(span: FileSpan) -> tuple[str, int]:
    return span.path, span.start


def _whole(parts: Sequence[FileSpan]) -> FileSpan:
    """The file that parts are of, to be read as a whole."""
    return parts[0]._replace(end=parts[-1].end, before=None)


def stamped(raw: Path, span: FileSpan) -> Stamp | None:
    """The stamp of a span's file and its sidecar; None if the file cannot be seen."""
    try:
        return stamp_of(raw, span)
    except OSError:
        return None


def _hashed(
    engine: Engine, raw: Path, spans: Sequence[FileSpan]
) -> Iterator[tuple[tuple[str, int], Content]]:
    parts = [spans[at : at + SPANS_AT_ONCE] for at in range(0, len(spans), SPANS_AT_ONCE)]
    tasks = [(raw, part) for part in parts]
    for part, found in zip(parts, engine.run("hashing captures", _read, tasks), strict=True):
        for span, content in zip(part, found, strict=True):
            if content:
                yield (span.path, span.start), content


def _read(task: tuple[Path, Sequence[FileSpan]]) -> list[Content | None]:
    found: list[Content | None] = []
    for span in task[1]:
        try:
            found.append(read_content(task[0], span))
        except OSError:
            found.append(None)  # whoever reads it will say so
    return found


def _parted(
    spans: Sequence[FileSpan], contents: dict[tuple[str, int], Content]
) -> tuple[list[FileSpan], dict[tuple[str, int], Content]]:
    """Parts of WARC files with the bytes they truly have, and the contents of these.

    A file whose parts do not follow on one another is read as a whole.
    """
    exact, known = list[FileSpan](), dict(contents)
    for path, group in itertools.groupby(spans, key=lambda span: span.path):
        own = list(group)
        if own[0].before is None:
            exact += own
            continue
        parts = [each for span in own if (each := known.get(_at(span))) and each.end]
        ends = [0, *(part.end for part in parts)]
        for span in own if parts else ():
            known.pop(_at(span), None)
        if len(parts) < len(own) or ends != [*(part.offset for part in parts), own[-1].end]:
            exact.append(_whole(own))  # what it has is not known by its parts
        else:
            before = ""
            for part in (each for each in parts if each.offset < each.end):
                exact.append(FileSpan(path, part.offset, part.end, before=before))
                known[path, part.offset] = part
                before = digest_of(before, part.sha256)
    return exact, known


def _numbered(
    spans: Sequence[FileSpan], contents: dict[tuple[str, int], Content]
) -> list[FileSpan]:
    """The spans with the number of the first line in each, where it is known."""
    numbered = []
    for _, group in itertools.groupby(spans, key=lambda span: span.path):
        line: int | None = 1
        for span in group:
            content = contents.get((span.path, span.start))
            numbered.append(span._replace(line=line) if span.by_lines else span)
            line = line + content.lines if line and content else None
    return numbered


def _settled(
    spans: Sequence[FileSpan],
    contents: Mapping[tuple[str, int], Content],
    stamps: Mapping[str, Stamp],
    now: int,
) -> dict[str, tuple[Stamp, list[Content]]]:
    """The files that will be known by their stamps, with the contents of their spans."""
    kept: dict[str, tuple[Stamp, list[Content]]] = {}
    for path, group in itertools.groupby(sorted(spans, key=_at), key=lambda span: span.path):
        own = [contents.get(_at(span)) for span in group]
        known = [each for each in own if each]
        if path in stamps and len(known) == len(own) and settled(stamps[path], now):
            kept[path] = stamps[path], known
    return kept


def described(span: FileSpan, contents: dict[tuple[str, int], Content]) -> list[object]:
    """A span as far as it bears on what is read of it."""
    path = os.fsencode(span.path).decode("latin-1")  # also of a name that is no UTF-8
    own = [path, span.start, span.end, span.line, span.before, list(span.fault or ())]
    return [*own, *contents[span.path, span.start]]
