"""Bringing captures into an archive: copy the bytes, write the record, name the outlet."""

from __future__ import annotations

import filecmp
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import tomlkit

from microfiche.archive import DEFAULT_CAPTURE_LIMIT, Archive
from microfiche.archive.opening import open_archive
from microfiche.captures import Capture
from microfiche.captures.files import TEXT_ENDINGS, FileSpan, captures_in, is_container
from microfiche.captures.observation import observe
from microfiche.captures.page import PAGE_ENDINGS, is_page_folder
from microfiche.captures.retrieval import (
    LINES_FILE,
    RECORD_ENDINGS,
    SIDECAR,
    check_record,
    retrieval_of,
)
from microfiche.captures.spreadsheet import Mismatch, Reading
from microfiche.captures.warc import WARC_ENDINGS
from microfiche.errors import DataError, MicroficheError, UsageError, unusable
from microfiche.extract.reading import decoded, read_origin
from microfiche.fixity import file_digest
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.registry import known_outlets, registry
from microfiche.url import read_address

UNSAFE = re.compile(r"[^\w.-]+")
MAX_STEM = 80
BLOCK = 1 << 20
LEFT_BY_SYSTEMS = frozenset(("Thumbs.db", "desktop.ini", "Icon\r", LINES_FILE))


@dataclass(frozen=True)
class Added:
    """What became of one file: where it lies, whose it is, and how that was known."""

    source: Path
    place: Path
    outlet_id: str
    outlet_source: str
    from_registry: bool
    already_there: bool


@dataclass(frozen=True)
class Observed:
    """What became of a row of a table that names no file: a line in a retrievals.jsonl."""

    line: int
    place: Path
    already_there: bool


def add(archive: Archive, file: Path, record: Mapping[str, Any]) -> Added:
    """Copy a capture into raw/captures/<outlet>/ with its retrieval record.

    `record` holds the keys of a retrieval record that are known. The same bytes with the same
    record are left alone. Raises DataError if no outlet is recognised, UsageError, CannotRun.
    """
    record = {key: value for key, value in record.items() if value is not None}
    if file.suffix.lower() in RECORD_ENDINGS and record.keys() - {"outlet_id"}:
        stated = ", ".join(sorted(record.keys() - {"outlet_id"}))
        raise UsageError(
            f"{file}: the records of a JSONL file carry their own {stated}",
            "write it into each line's `retrieval`",
        )
    refuse_broken(archive)
    faults = check_record(record, "retrieval")
    if faults:
        raise UsageError(
            f"{faults[0].place.lstrip('/')}: {faults[0].message}", "correct the option"
        )
    _check_file(file)
    outlet_id, how, new = _outlet_of(archive, file, record)
    if new:
        copy_entry(archive.root, outlet_id)
    if is_container(file.name):
        _copy_known(archive, file, record)
    return _stored(archive, file, record, (outlet_id, how, new))


def refuse_broken(archive: Archive) -> None:
    """Raise DataError for an archive whose own files have errors."""
    broken = [finding for finding in archive.findings if finding.severity == "error"]
    if broken:
        raise DataError(f"the archive's own files have errors: {broken[0]}")


def files_in(folder: Path) -> list[tuple[Path, Mapping[str, Any]]]:
    """The files of a folder that may be captures, each with what its sidecar states.

    In the order of their paths. What systems and editors leave there, sidecars and what a browser
    saved beside a page are passed over. Raises CannotRun, or DataError for a sidecar that is none.
    """
    try:
        found = sorted(each for each in folder.rglob("*") if each.is_file())
    except OSError as error:
        raise unusable(folder, error) from error
    kept = []
    for file in found:
        inside = file.relative_to(folder)
        hidden = any(part.startswith(".") or part.endswith("~") for part in inside.parts)
        beside = (
            file.name.endswith(SIDECAR) and file.with_name(file.name[: -len(SIDECAR)]).is_file()
        )
        saved = any(is_page_folder(str(folder / each)) for each in inside.parents if each.name)
        if hidden or beside or saved or file.name in LEFT_BY_SYSTEMS:
            continue
        record, faults = retrieval_of(file)
        if wrong := [each for each in faults if each.code != "MF308"]:
            raise DataError(f"{file}: {wrong[0].message}", "correct its record")
        kept.append((file, record))
    return kept


def add_table(
    archive: Archive, reading: Reading, defaults: Mapping[str, Any]
) -> Iterator[Added | Observed]:
    """Add every row of a table; `defaults` hold for what a row leaves open.

    Raises DataError before anything is written if a row does not fit.
    """
    mismatches = [*reading.mismatches, *row_mismatches(archive, reading, defaults)]
    if mismatches:
        shown = "".join(f"\n  {each}" for each in mismatches[:50])
        raise DataError(
            f"{reading.table}: nothing was added, cells do not fit:{shown}",
            "correct the table; --dry-run lists them all",
        )
    for row in reading.rows:
        record = _with_defaults(row.record, defaults)
        if row.file is None:
            yield _observed(archive, row.line, record)
            continue
        added = add(archive, row.file, record)
        if added.from_registry:
            archive = open_archive(archive.root)
        yield added


def _with_defaults(record: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A row's record with what holds for all rows; notes of both."""
    known = {key: value for key, value in defaults.items() if value is not None}
    merged = {**known, **record}
    if "notes" in known and "notes" in record:
        merged["notes"] = f"{record['notes']}; {known['notes']}"
    return merged


def row_mismatches(
    archive: Archive, reading: Reading, defaults: Mapping[str, Any]
) -> Iterator[Mismatch]:
    """What of a table's rows could not be added: records, files, outlets that are none."""
    books = (archive.outlet_book(), known_outlets())
    for row in reading.rows:
        record = _with_defaults(row.record, defaults)
        for fault in check_record(record, "retrieval"):
            yield Mismatch(row.line, fault.place.strip("/"), fault.message)
        try:
            if row.file is not None:
                _check_file(row.file)
                _outlet_of(archive, row.file, record)
            elif not any(_owner(outlets, record) for outlets in books):
                host = f"{record['url']} is of no known outlet"
                yield Mismatch(row.line, reading.columns.get("url", "url"), host)
        except MicroficheError as error:
            yield Mismatch(row.line, reading.columns.get("file", "file"), str(error))


def _owner(outlets: Outlets, record: Mapping[str, Any]) -> str | None:
    """Outlet of an observation: the one stated, else the host's."""
    stated = record.get("outlet_id")
    if stated:
        return str(stated) if stated in outlets.by_id else None
    address = read_address(record["url"])
    claim = outlets.at(address.host, None) if address else None
    return claim[0].id if claim else None


def _observed(archive: Archive, line: int, record: Mapping[str, Any]) -> Observed:
    """Add an observation without bytes to its outlet's retrievals.jsonl, once."""
    outlet_id = _owner(archive.outlet_book(), record)
    if outlet_id is None:
        outlet_id = str(_owner(known_outlets(), record))
        copy_entry(archive.root, outlet_id)
    return Observed(line, *note_observation(archive, outlet_id, record))


def note_observation(
    archive: Archive, outlet_id: str, record: Mapping[str, Any]
) -> tuple[Path, bool]:
    """Write an observation without bytes into an outlet's retrievals.jsonl, once.

    Gives the file, and whether the line was there already. Raises CannotRun.
    """
    file = archive.raw / "captures" / outlet_id / LINES_FILE
    text = orjson.dumps(record, option=orjson.OPT_SORT_KEYS) + b"\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_bytes() if file.is_file() else b""
        there = text in before.splitlines(keepends=True)
        if not there:
            with file.open("ab") as out:
                out.write(b"\n" if before and not before.endswith(b"\n") else b"")
                out.write(text)
    except OSError as error:
        raise unusable(file, error) from error
    return file, there


def _check_file(file: Path) -> None:
    """Raise DataError or CannotRun for a file that can't be a capture."""
    try:
        if file.exists() and not file.is_file():
            raise DataError(f"{file}: no regular file", "add files one by one")
        size = file.stat().st_size
        is_whole = file.suffix.lower() in TEXT_ENDINGS | PAGE_ENDINGS and not is_container(
            file.name
        )
        if size > DEFAULT_CAPTURE_LIMIT and is_whole:
            raise DataError(f"{file}: {size:,} bytes are more than a capture may have", "split it")
        with file.open("rb") as opened:
            empty = not any(block.strip() for block in iter(lambda: opened.read(BLOCK), b""))
    except OSError as error:
        raise unusable(file, error) from error
    if not is_whole and file.suffix.lower() not in RECORD_ENDINGS and not is_container(file.name):
        raise DataError(
            f"{file}: files named *{file.suffix} are not read",
            "add .txt, .html, .mhtml, .jsonl, .csv, .warc, .wacz, .arc, .har or .webarchive",
        )
    if empty:
        raise DataError(f"{file}: the file is empty", "capture it again")


def _outlet_of(archive: Archive, file: Path, record: Mapping[str, Any]) -> tuple[str, str, bool]:
    """(outlet, how it was recognised, whether its file comes from the registry)."""
    for outlets, new in ((archive.outlet_book(), False), (known_outlets(), True)):
        captures = _captures(file, record)
        found = _recognised(outlets, captures, stated="outlet_id" in record)
        if found:
            return (*found, new)
    captures = _captures(file, record)
    own = ((capture.record or capture.retrieval).get("outlet_id") for capture in captures)
    stated = record.get("outlet_id") or next(filter(None, own), None)
    if stated:
        raise DataError(
            f"{file}: no outlet {stated!r} here or among the known ones",
            f"write raw/outlets/{stated}.toml first",
        )
    raise DataError(
        f"{file}: neither its address nor its text names a known outlet",
        "give --outlet ID (`microfiche outlets` lists known ones), or draft its file with "
        "`microfiche outlets --new HOST`",
    )


def _recognised(
    outlets: Outlets, captures: Iterable[Capture], *, stated: bool
) -> tuple[str, str] | None:
    """Outlet of the first capture that has one, and how it was known.

    `stated`: whoever adds the captures has said it.
    """
    for capture in captures:
        origin = read_origin(decoded(capture), observe(capture), outlets)
        if origin.outlet:
            host = f"by host {origin.address.host}" if origin.address else ""
            how = {
                "stated": "as stated" if stated else "as stated in its records",
                "host": host,
                "publication": "by the name of its publication",
                "canonical": "by its canonical link",
                "boilerplate": "by its boilerplate",
            }
            return origin.outlet.id, how[origin.outlet_source or "stated"]
    return None


def _captures(file: Path, record: Mapping[str, Any]) -> Iterator[Capture]:
    """The captures a file holds, as `record` would have them; those that can be read."""
    size = file.stat().st_size
    span = FileSpan(file.name, 0, size)
    for capture in captures_in(file, span, DEFAULT_CAPTURE_LIMIT):
        if capture.body is not None:
            known = {**capture.retrieval, **record}
            yield capture._replace(retrieval=known)


def _copy_known(archive: Archive, file: Path, record: Mapping[str, Any]) -> None:
    """Copy the files of known outlets whose hosts a WARC holds and the archive does not know."""
    here, known = archive.outlet_book(), known_outlets()
    found = (read_address(each.retrieval.get("url", "")) for each in _captures(file, record))
    for host in sorted({address.host for address in found if address}):
        claim = known.at(host, None)
        if claim and not here.at(host, None) and claim[0].id not in here.by_id:
            copy_entry(archive.root, claim[0].id)


def _stored(
    archive: Archive, file: Path, record: Mapping[str, Any], recognised: tuple[str, str, bool]
) -> Added:
    outlet_id, how, new = recognised
    folder = archive.raw / "captures" / outlet_id
    sidecar = _sidecar(file, record)
    ending = next((each for each in WARC_ENDINGS if file.name.endswith(each)), file.suffix)
    stem = UNSAFE.sub("-", file.name.removesuffix(ending)).strip("-.")[:MAX_STEM] or "capture"
    if f"{stem}{ending}" == LINES_FILE:
        stem = "records"  # a folder's retrievals.jsonl means something else
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place in _places(folder, stem, ending, file_digest(file)[1]):
            if not place.exists():
                _write(place, file, sidecar)
                return Added(file, place, outlet_id, how, new, already_there=False)
            same = filecmp.cmp(place, file, shallow=False)
            if same and (not sidecar or retrieval_of(place)[0] == sidecar):
                return Added(file, place, outlet_id, how, new, already_there=True)
    except OSError as error:
        raise unusable(folder, error) from error
    raise DataError(f"{file}: no free name in {folder}", "rename the file")


def _sidecar(file: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    """What the sidecar says: what is stated, and not what was recognised. Records carry theirs."""
    return {} if file.suffix.lower() in RECORD_ENDINGS else {**record, "original_name": file.name}


def _places(folder: Path, stem: str, suffix: str, digest: str) -> list[Path]:
    """Names to try: the file's own, then with its digest, then numbered."""
    stems = [stem, f"{stem}-{digest[:12]}", *(f"{stem}-{digest[:12]}-{n}" for n in range(2, 1000))]
    return [folder / f"{each}{suffix}" for each in stems]


def _write(place: Path, file: Path, record: Mapping[str, Any]) -> None:
    """Write the record first, so that no capture ever stands without one."""
    sidecar = place.with_name(place.name + SIDECAR)
    partial = place.with_name(f".{place.name}.part")
    try:
        if record:
            sidecar.write_text(tomlkit.dumps(record), encoding="utf-8")
        shutil.copyfile(file, partial)
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
