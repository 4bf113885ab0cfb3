"""Where the file of a capture goes, and the record beside it: written, known, or corrected."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit

from microfiche.archive import DEFAULT_CAPTURE_LIMIT, Archive
from microfiche.archive.writing import copy_whole, within, write_whole
from microfiche.captures import Capture
from microfiche.captures.files import FileSpan, captures_in
from microfiche.captures.retrieval import LINES_FILE, RECORD_ENDINGS, SIDECAR, retrieval_of
from microfiche.captures.warc import WARC_ENDINGS
from microfiche.curation.replacing import note_pairs
from microfiche.errors import DataError, unusable
from microfiche.fixity import file_digest

UNSAFE = re.compile(r"[^\w.-]+")
MAX_STEM, MAX_OCTETS = 80, 160  # letters of a file's name, and octets: systems count these
WHEN = "retrieved_at"  # in which two records of one capture agree, as far as both state it


def restate(
    archive: Archive,
    place: Path,
    records: tuple[Mapping[str, Any], Mapping[str, Any]],
    replace: Mapping[str, str] | None,
) -> None:
    """Correct the record of a capture that is there: what it was, what is stated now.

    What it says beside that stays. Raises DataError for a line of a folder's list, OSError.
    """
    from microfiche.collation.draft import capture_key  # not for what corrects nothing

    stated, record = records
    sidecar = place.with_name(place.name + SIDECAR)
    if stated and not sidecar.is_file():
        raise DataError(
            f"{place}: its record is a line of {LINES_FILE}", "correct that line: it is the record"
        )
    before = [capture_key(each)[1] for each in captures_of(place, stated)]
    after = [capture_key(each)[1] for each in captures_of(place, {**stated, **record})]
    if stated and replace:
        note_pairs(archive, zip(before, after, strict=True), replace)
    document = tomlkit.parse(sidecar.read_text("utf-8") if sidecar.is_file() else "")
    document.update(record)
    write_whole(within(archive.raw, sidecar), tomlkit.dumps(document).encode())


def captures_of(file: Path, record: Mapping[str, Any]) -> Iterator[Capture]:
    """The captures a file holds, as `record` would have them; those that can be read."""
    size = file.stat().st_size
    span = FileSpan(file.name, 0, size)
    for capture in captures_in(file, span, DEFAULT_CAPTURE_LIMIT):
        if capture.body is not None:
            known = {**capture.retrieval, **record}
            yield capture._replace(retrieval=known)


def place_of(
    archive: Archive, file: Path, record: Mapping[str, Any], outlet_id: str
) -> tuple[Path, bool, Mapping[str, Any] | None]:
    """(where a file goes, whether it is there already with the same record, another record of it).

    The last is that of the same capture, in whose place this one would stand; empty if it has none.
    """
    folder = archive.raw / "captures" / outlet_id
    sidecar = sidecar_of(file, record)
    ending = next((each for each in WARC_ENDINGS if file.name.endswith(each)), file.suffix)
    stem = UNSAFE.sub("-", file.name.removesuffix(ending)).strip("-.")[:MAX_STEM]
    stem = stem.encode()[:MAX_OCTETS].decode("utf-8", "ignore") or "capture"
    if f"{stem}{ending}" == LINES_FILE:
        stem = "records"  # a folder's retrievals.jsonl means something else
    restated: tuple[Path, Mapping[str, Any]] | None = None
    try:
        for place in _same(folder, file):
            known = _stated(place) if sidecar else record
            if known.items() >= record.items():
                return place, True, None
            when = known.get(WHEN, record.get(WHEN))
            if when == record.get(WHEN, when):  # else it was captured twice
                restated = restated or (place, known)
        if restated:
            return restated[0], False, restated[1]
        for place in _places(folder, stem, ending, file):
            if not place.exists():
                return place, False, None
    except OSError as error:
        raise unusable(folder, error) from error
    raise DataError(f"{file}: no free name in {folder}", "rename the file")


def _same(folder: Path, file: Path) -> list[Path]:
    """Files of a folder that have the bytes of a file, whatever they are called. Raises OSError."""
    held = _held(folder).get(file.stat().st_size) if folder.is_dir() else None
    if not held:
        return []
    for place, digest in held.items():
        held[place] = digest or (file_digest(place)[1] if place.is_file() else "")
    own, ending = file_digest(file)[1], file.suffix.lower()
    return sorted(p for p, digest in held.items() if digest == own and p.suffix.lower() == ending)


# What folders hold, as this program left them: one that somebody else changed is read again.
_KNOWN: dict[Path, tuple[int, dict[int, dict[Path, str]]]] = {}


def _held(folder: Path) -> dict[int, dict[Path, str]]:
    """The files of a folder by their size, with digests as far as these were asked for."""
    changed = folder.stat().st_mtime_ns
    if folder not in _KNOWN or _KNOWN[folder][0] != changed:
        found: dict[int, dict[Path, str]] = {}
        with os.scandir(folder) as entries:
            for each in entries:
                if not each.name.startswith(".") and each.is_file():
                    found.setdefault(each.stat().st_size, {})[Path(each.path)] = ""
        _KNOWN[folder] = (changed, found)
    return _KNOWN[folder][1]


def _stated(place: Path) -> Mapping[str, Any]:
    """The record of a capture that is there. Raises DataError for one that cannot be read."""
    record, faults = retrieval_of(place)
    for fault in faults:
        if fault.code != "MF308":
            told = ": ".join(filter(None, (fault.place, fault.message)))
            raise DataError(f"{place}: these bytes are there, and {told}", "correct that record")
    return record


def sidecar_of(file: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    """What the sidecar says: what is stated, and not what was recognised. Records carry theirs."""
    return {} if file.suffix.lower() in RECORD_ENDINGS else {**record, "original_name": file.name}


def _places(folder: Path, stem: str, suffix: str, file: Path) -> Iterator[Path]:
    """Names to try: the file's own, then with its digest, then numbered."""
    yield folder / f"{stem}{suffix}"
    stem = f"{stem}-{file_digest(file)[1][:12]}"
    for number in range(1, 1000):
        yield folder / f"{stem}{f'-{number}' if number > 1 else ''}{suffix}"


def write(place: Path, file: Path, record: Mapping[str, Any]) -> None:
    """Write the record first, so that no capture ever stands without one."""
    sidecar = place.with_name(place.name + SIDECAR)
    try:
        if record:
            sidecar.write_text(tomlkit.dumps(record), encoding="utf-8")
        copy_whole(file, place)
        if place.parent in _KNOWN:
            found = _KNOWN[place.parent][1]
            found.setdefault(place.stat().st_size, {})[place] = ""
            _KNOWN[place.parent] = (place.parent.stat().st_mtime_ns, found)
    except OSError:
        sidecar.unlink(missing_ok=True)
        raise
