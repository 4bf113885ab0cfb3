"""Bringing captures into an archive: copy the bytes, write the record, name the outlet."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from microfiche.archive import DEFAULT_CAPTURE_LIMIT, Archive
from microfiche.captures import Capture
from microfiche.captures.files import WHOLE_ENDINGS, FileSpan, captures_in, is_container
from microfiche.captures.mapping import PRESETS
from microfiche.captures.observation import observe
from microfiche.captures.retrieval import (
    RECORD_ENDINGS,
    check_record,
)
from microfiche.curation.filing import captures_of, place_of, restate, sidecar_of, write
from microfiche.errors import DataError, UsageError, printable, unusable
from microfiche.extract.reading import decoded, read_origin
from microfiche.outlets.lookup import Outlets
from microfiche.outlets.naming import host_slug
from microfiche.outlets.registry import known_outlets, registry
from microfiche.url import read_address

BLOCK = 1 << 20
OTHERWISE = "add .txt, .html, .pdf, .mhtml, .jsonl, .csv, .warc, .wacz, .arc, .har or .webarchive"
# What to do with a file of a kind that is not read.
INSTEAD = {
    **dict.fromkeys(
        (".doc", ".rtf", ".odt", ".docx", ".pages"), "save its text as .txt, and add that"
    ),
    **dict.fromkeys((".epub", ".mobi", ".azw3"), "save each article as .html, and add those"),
    **dict.fromkeys((".zip", ".7z", ".rar", ".tar", ".tgz"), "unpack it, and add the folder"),
    **dict.fromkeys((".gz", ".xz", ".bz2", ".zst"), "unpack it, and add what was in it"),
    **dict.fromkeys((".xls", ".ods", ".numbers"), "save it as .csv or .xlsx, and add that"),
    **dict.fromkeys((".eml", ".msg", ".mbox"), "save the message as .html or .txt, and add that"),
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif"),
        "have its text recognised, save that as .txt, and add it",
    ),
    **dict.fromkeys(
        (".db", ".sqlite", ".sqlite3", ".rds", ".rdata", ".pkl", ".sav", ".dta"),
        "save the table as .csv or .parquet, and add that",
    ),
}


@dataclass(frozen=True)
class Added:
    """What became of one file: where it lies, whose it is, and how that was known.

    `unclaimed` is the host by which the outlet is called, if no outlet's file claims it yet;
    `restated` says that its bytes were there, and their record is another now.
    """

    source: Path
    place: Path
    outlet_id: str
    outlet_source: str
    from_registry: bool
    already_there: bool
    unclaimed: str | None = None
    restated: bool = False


class Recognised(NamedTuple):
    """The outlet of a file: how it was known, whether its own file comes from the registry.

    `unclaimed` is its host, if no outlet claims that: the id is the one that it would have.
    """

    outlet_id: str
    how: str
    new: bool
    unclaimed: str | None = None


class Candidate(NamedTuple):
    """A file that can be added: its record, whose it is, where it goes, whether it is there.

    `stated` is the record under which its bytes lie there as the same capture; None if they do not.
    """

    file: Path
    record: Mapping[str, Any]
    recognised: Recognised
    place: Path
    there: bool
    stated: Mapping[str, Any] | None = None

    @property
    def outlet_id(self) -> str:
        """The outlet, or the id that it would have."""
        return self.recognised.outlet_id


def add(
    archive: Archive,
    file: Path,
    record: Mapping[str, Any],
    replace: Mapping[str, str] | None = None,
) -> Added:
    """Copy a capture into raw/captures/<outlet>/ with its retrieval record.

    `record` holds the keys of a retrieval record that are known. The same bytes with the same
    record are left alone; with another record of the same capture they are refused, unless
    `replace` says why that is the right one (`reason`, `by`, `date`). Raises DataError also if no
    outlet is recognised and no address known, UsageError, CannotRun.
    """
    return store(archive, candidate(archive, file, record, replaces=replace is not None), replace)


def candidate(
    archive: Archive, file: Path, record: Mapping[str, Any], *, replaces: bool = False
) -> Candidate:
    """A file as it would be added. Raises as `add`."""
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
    if "\ufffd" in printable(file.name) or not _is_utf8(file.name):
        raise DataError(f"{file}: its name is no plain UTF-8", "rename the file")
    check_file(file)
    recognised = outlet_of(archive, file, record)
    found = Candidate(
        file, record, recognised, *place_of(archive, file, record, recognised.outlet_id)
    )
    if found.stated and not replaces:
        raise DataError(
            f"{file}: its bytes are there with another record ({found.place}): "
            f"{_unlike(found.stated, record)}",
            "if that is wrong, correct it with --replace, --reason and --by; if it was captured "
            "again, say when with --retrieved-at",
        )
    return found


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unlike(stated: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """What two records say otherwise."""
    keys = sorted(key for key in record if record[key] != stated.get(key))
    return "; ".join(f"{key} is {stated.get(key, 'not stated')}, now {record[key]}" for key in keys)


def store(archive: Archive, found: Candidate, replace: Mapping[str, str] | None = None) -> Added:
    """Put a file into its place, with its record and its outlet's file.

    Raises DataError for one that can't be a capture any more, CannotRun.
    """
    file, record, known, *_ = found
    check_file(file)
    if known.new:
        copy_entry(archive.root, known.outlet_id)
    if is_container(file.name):
        _copy_known(archive, file, record)
    place, there, stated = place_of(archive, file, record, known.outlet_id)
    try:
        if stated is not None:
            restate(archive, place, (stated, record), replace)
        elif not there:
            place.parent.mkdir(parents=True, exist_ok=True)
            write(place, file, sidecar_of(file, record))
    except OSError as error:
        raise unusable(place, error) from error
    return Added(
        file, place, known.outlet_id, known.how, known.new, there, known.unclaimed,
        restated=stated is not None,
    )  # fmt: skip


def refuse_broken(archive: Archive) -> None:
    """Raise DataError for an archive whose own files have errors."""
    broken = [finding for finding in archive.findings if finding.severity == "error"]
    if broken:
        raise DataError(f"the archive's own files have errors: {broken[0]}")


def check_file(file: Path) -> None:
    """Raise DataError or CannotRun for a file that can't be a capture."""
    try:
        if file.exists() and not file.is_file():
            raise DataError(f"{file}: no regular file", "add files one by one")
        size = file.stat().st_size
        is_whole = file.suffix.lower() in WHOLE_ENDINGS and not is_container(file.name)
        if size > DEFAULT_CAPTURE_LIMIT and is_whole:
            raise DataError(f"{file}: {size:,} bytes are more than a capture may have", "split it")
        with file.open("rb") as opened:
            empty = not any(block.strip() for block in iter(lambda: opened.read(BLOCK), b""))
    except OSError as error:
        raise unusable(file, error) from error
    if not is_whole and file.suffix.lower() not in RECORD_ENDINGS and not is_container(file.name):
        raise DataError(
            f"{file}: files named *{file.suffix} are not read",
            INSTEAD.get(file.suffix.lower(), OTHERWISE),
        )
    if empty:
        raise DataError(f"{file}: the file is empty", "capture it again")


def outlet_of(archive: Archive, file: Path, record: Mapping[str, Any]) -> Recognised:
    """The outlet of a file, or the id that the one of its host would have."""
    for outlets, new in ((archive.outlet_book(), False), (known_outlets(), True)):
        captures = captures_of(file, record)
        found = _recognised(outlets, captures, stated="outlet_id" in record)
        if found:
            return Recognised(*found, new)
    stated, host = record.get("outlet_id"), None
    for seen in map(observe, captures_of(file, record)):
        stated = stated or seen.outlet_id
        host = host or (seen.address and seen.address.host)
    if stated:
        like = difflib.get_close_matches(stated, archive.outlet_book().by_id, 1)
        raise DataError(
            f"{file}: no outlet {stated!r} here or among the known ones",
            f"did you mean {like[0]}?" if like else f"write raw/outlets/{stated}.toml first",
        )
    if host:
        return Recognised(host_slug(host), "by no outlet's file", new=False, unclaimed=host)
    fault = next(_faults_in(file), None)
    if fault and is_container(file.name):
        raise DataError(f"{file}: nothing in it can be read: {fault}", "restore it from a copy")
    if file.suffix.lower() in RECORD_ENDINGS:
        raise DataError(
            f"{file}: no line is a record that names an address or a known outlet"
            + (f", the first since: {fault}" if fault else ""),
            f"if another tool wrote it, give --map KEY=MEMBER,... or --preset with one of "
            f"{', '.join(PRESETS)}",
        )
    raise DataError(
        f"{file}: it states no address, and its text names no known outlet",
        "give --url or --outlet ID (`microfiche outlets` lists known ones; "
        "`microfiche outlets --new HOST` drafts the file of one that is not)",
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


def _faults_in(file: Path) -> Iterator[str]:
    """What is wrong with the captures of a file that cannot be read."""
    span = FileSpan(file.name, 0, file.stat().st_size)
    for capture in captures_in(file, span, DEFAULT_CAPTURE_LIMIT):
        if capture.body is None:
            yield from (each.message[:200] for each in capture.faults if each.code != "MF308")


def _copy_known(archive: Archive, file: Path, record: Mapping[str, Any]) -> None:
    """Copy the files of known outlets whose hosts a WARC holds and the archive does not know."""
    here, known = archive.outlet_book(), known_outlets()
    found = (read_address(each.retrieval.get("url", "")) for each in captures_of(file, record))
    for host in sorted({address.host for address in found if address}):
        claim = known.at(host, None)
        if claim and not here.at(host, None) and claim[0].id not in here.by_id:
            copy_entry(archive.root, claim[0].id)


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
