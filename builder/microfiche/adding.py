"""Bringing captures into an archive: copy the bytes, write the record, name the outlet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from microfiche.archive import DEFAULT_CAPTURE_LIMIT, Archive
from microfiche.capture import Capture
from microfiche.capture.files import TEXT_ENDINGS
from microfiche.capture.jsonl import read_records
from microfiche.capture.retrieval import (
    LINES_FILE,
    RECORD_ENDINGS,
    SIDECAR,
    check_record,
    retrieval_of,
)
from microfiche.errors import DataError, UsageError, unusable
from microfiche.fixity import sha256_hex
from microfiche.outlet import Outlets, known_outlets, registry
from microfiche.reading import text_lines
from microfiche.url import read_address

UNSAFE = re.compile(r"[^\w.-]+")
MAX_STEM = 80


@dataclass(frozen=True)
class Added:
    """What became of one file: where it lies, whose it is, and how that was known."""

    source: Path
    place: Path
    outlet_id: str
    outlet_source: str
    from_registry: bool
    already_there: bool


def add(archive: Archive, file: Path, record: Mapping[str, Any]) -> Added:
    """Copy a capture into raw/captures/<outlet>/ with its retrieval record.

    `record` holds the keys of a retrieval record that are known. The same bytes with the same
    record are left alone. Raises DataError if no outlet is recognised, UsageError, CannotRun.
    """
    record = {key: value for key, value in record.items() if value is not None}
    if file.suffix in RECORD_ENDINGS and record.keys() - {"outlet_id"}:
        stated = ", ".join(sorted(record.keys() - {"outlet_id"}))
        raise UsageError(
            f"{file}: the records of a JSONL file carry their own {stated}",
            "write it into each line's `retrieval`",
        )
    broken = [finding for finding in archive.findings if finding.severity == "error"]
    if broken:
        raise DataError(f"the archive's own files have errors: {broken[0]}")
    faults = check_record(record, "retrieval")
    if faults:
        raise UsageError(
            f"{faults[0].place.lstrip('/')}: {faults[0].message}", "correct the option"
        )
    try:
        if file.exists() and not file.is_file():
            raise DataError(f"{file}: no regular file", "add files one by one")
        size = file.stat().st_size
        if size > DEFAULT_CAPTURE_LIMIT and file.suffix not in RECORD_ENDINGS:
            raise DataError(f"{file}: {size:,} bytes are more than a capture may have", "split it")
        body = file.read_bytes()
    except OSError as error:
        raise unusable(file, error) from error
    if file.suffix not in TEXT_ENDINGS | set(RECORD_ENDINGS):
        raise DataError(f"{file}: files named *{file.suffix} are not read", "add .txt or .jsonl")
    if not body.strip():
        raise DataError(f"{file}: the file is empty", "capture it again")
    outlet_id, how, new = _outlet_of(archive, file, body, record)
    if new:
        copy_entry(archive.root, outlet_id)
    return _stored(archive, file, body, record, (outlet_id, how, new))


def _outlet_of(
    archive: Archive, file: Path, body: bytes, record: Mapping[str, Any]
) -> tuple[str, str, bool]:
    """(outlet, how it was recognised, whether its file comes from the registry)."""
    for outlets, new in ((archive.outlet_book(), False), (known_outlets(), True)):
        found = _recognised(outlets, file, body, record)
        if found:
            return (*found, new)
    own = (capture.record or {} for capture in _captures(file, body))
    stated = record.get("outlet_id") or next(
        filter(None, (each.get("outlet_id") for each in own)), None
    )
    if stated:
        raise DataError(
            f"{file}: no outlet {stated!r} here or among the known ones",
            f"write raw/outlets/{stated}.toml first",
        )
    raise DataError(
        f"{file}: neither its address nor its text names a known outlet",
        "give --outlet ID (`microfiche outlets` lists known ones) or write its outlet file",
    )


def _recognised(
    outlets: Outlets, file: Path, body: bytes, record: Mapping[str, Any]
) -> tuple[str, str] | None:
    stated = record.get("outlet_id")
    if stated:
        return (stated, "as stated") if stated in outlets.by_id else None
    for capture in _captures(file, body):
        url = record.get("url") or (capture.record or {}).get("url")
        address = read_address(url) if url else None
        claim = outlets.at(address.host, None) if address else None
        if claim and address:
            return claim[0].id, f"by host {address.host}"
        own = (capture.record or {}).get("outlet_id")
        if own in outlets.by_id:
            return str(own), "as stated in its records"
        found = outlets.recognise(text_lines(capture))
        if found:
            return found.id, "by its boilerplate"
    return None


def _captures(file: Path, body: bytes) -> list[Capture]:
    """The capture of a text file, or those of a JSONL file that are good records."""
    if file.suffix in RECORD_ENDINGS:
        span = (0, len(body))
        found = read_records(file, file.name, span, DEFAULT_CAPTURE_LIMIT)
        return [capture for capture in found if capture.record is not None]
    return [Capture(file.name, None, None, len(body), body)]


def _stored(
    archive: Archive,
    file: Path,
    body: bytes,
    record: Mapping[str, Any],
    recognised: tuple[str, str, bool],
) -> Added:
    outlet_id, how, new = recognised
    folder = archive.raw / "captures" / outlet_id
    is_records = file.suffix in RECORD_ENDINGS
    sidecar = {} if is_records else {"outlet_id": outlet_id, **record, "original_name": file.name}
    stem = UNSAFE.sub("-", file.stem).strip("-.")[:MAX_STEM] or "capture"
    if f"{stem}{file.suffix}" == LINES_FILE:
        stem = "records"  # a folder's retrievals.jsonl means something else
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place in _places(folder, stem, file.suffix, sha256_hex(body)):
            if not place.exists():
                _write(place, body, sidecar)
                return Added(file, place, outlet_id, how, new, already_there=False)
            if place.read_bytes() == body and (is_records or retrieval_of(place)[0] == sidecar):
                return Added(file, place, outlet_id, how, new, already_there=True)
    except OSError as error:
        raise unusable(folder, error) from error
    raise DataError(f"{file}: no free name in {folder}", "rename the file")


def _places(folder: Path, stem: str, suffix: str, digest: str) -> list[Path]:
    """Names to try: the file's own, then with its digest, then numbered."""
    stems = [stem, f"{stem}-{digest[:12]}", *(f"{stem}-{digest[:12]}-{n}" for n in range(2, 1000))]
    return [folder / f"{each}{suffix}" for each in stems]


def _write(place: Path, body: bytes, record: Mapping[str, Any]) -> None:
    """Write the record first, so that no capture ever stands without one."""
    sidecar = place.with_name(place.name + SIDECAR)
    partial = place.with_name(f".{place.name}.part")
    try:
        if record:
            sidecar.write_text(tomlkit.dumps(record), encoding="utf-8")
        partial.write_bytes(body)
        partial.replace(place)
    except OSError:
        sidecar.unlink(missing_ok=True)
        partial.unlink(missing_ok=True)
        raise


def copy_entry(root: Path, outlet_id: str) -> Path:
    """Copy a known outlet's file into the archive. Raises DataError if it is not known."""
    entries = registry()
    if outlet_id not in entries:
        raise DataError(f"no known outlet {outlet_id!r}", f"known are {', '.join(entries)}")
    file = root / "raw" / "outlets" / f"{outlet_id}.toml"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_text(entries[outlet_id], encoding="utf-8")
    except OSError as error:
        raise unusable(file, error) from error
    return file
