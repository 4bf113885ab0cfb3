"""release.json: what a release holds, its version and date, and whether it is new at all."""

from __future__ import annotations

import dataclasses
import datetime
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from microfiche.about import BUILDER
from microfiche.archive import Archive, draft_reasons
from microfiche.archive.files import CORRECTIONS, RELEASES, REPLACED, WITHDRAWALS
from microfiche.archive.publications import change, doi_of, places_of, table
from microfiche.dates import is_day
from microfiche.describe.facts import measure
from microfiche.describe.pages import describe_release
from microfiche.describe.source import archive_source
from microfiche.engine import Engine
from microfiche.errors import MicroficheError, UsageError
from microfiche.finding import Finding
from microfiche.fixity import fingerprint
from microfiche.pipeline import BuildOptions
from microfiche.release import Release, folder_name
from microfiche.release.opening import open_release, releases_of
from microfiche.release.version import version_key
from microfiche.report.page import report_page
from microfiche.schema import SCHEMA_VERSION, table_types
from microfiche.tables.roots import in_order, table_roots
from microfiche.tables.sheets import Sheet, read_index, read_sheet

Manifest = Mapping[str, Any]
FIRST_PAGE = "1991-08-06"
Sheets = Mapping[str, list[Sheet]]


def table_entries(engine: Engine, sheets: Sheets) -> list[dict[str, Any]]:
    """Every table with its count and root, by name; files are still to be written."""
    entries = list[dict[str, Any]]()
    for name in sorted(sheets):  # one at a time: their leaves are the most that is held
        index = read_index(sheets[name])
        leaves = in_order(index.entry["key"], index.entry["digest"])
        if leaves.repeat:
            raise MicroficheError(f"two rows of {name} have one key", "report this as a bug")
        root = table_roots(engine, {name: leaves})[name].hex()
        n_rows = index.n_rows
        entries.append({"name": name, "n_rows": n_rows, "root": root, "size_bytes": 0, "files": []})
    return entries


def manifest_of(
    archive: Archive, entries: Sequence[Manifest], options: BuildOptions
) -> dict[str, Any]:
    """release.json but for what follows from the finished tables and the release before."""
    reasons = draft_reasons(archive.dataset)
    roots = [(entry["name"], bytes.fromhex(entry["root"])) for entry in entries if entry["n_rows"]]
    return {
        "name": archive.name,
        "title": archive.dataset["title"],
        "version": "",
        "date": "",
        "doi": None,
        "publications": publications(archive, options.access),
        "access": options.access,
        "rehydrated": None,
        "extraction": options.extract,
        "max_capture_bytes": options.max_capture_bytes,
        "draft": bool(reasons),
        "draft_reasons": reasons,
        "restricted": False,
        "restricted_outlets": [],
        "builder": BUILDER,
        "schema_version": SCHEMA_VERSION,
        "fingerprint": fingerprint(roots),
        "previous": None,
        "version_reasons": [],
        "tables": list(entries),
    }


def publications(archive: Archive, access: str) -> list[dict[str, str]]:
    """Where releases of one access were published, oldest version first.

    A folder of somebody's machine is nobody else's business.
    """
    return [
        {"version": version, "where": where}
        for version in sorted(archive.releases, key=version_key)
        for where in places_of(archive.releases[version], access)
        if not where.startswith("file:")
    ]


def unchanged_release(
    archive: Archive, previous: Release, manifest: Manifest, sheets: Sheets
) -> Release | None:
    """The release before, if nothing but the encoding or the builder differs; else None.

    The descriptions are written anew as if for the release before and compared byte for byte.
    """
    if manifest["fingerprint"] != previous.fingerprint or _unfingerprinted(previous, sheets):
        return None
    kept = (
        *("version", "date", "doi", "builder", "previous", "version_reasons", "tables"),
        *("restricted", "restricted_outlets", "publications"),
    )
    known = {name: previous.manifest[name] for name in kept if name in previous.manifest}
    same = {**manifest, **known}
    source, facts = archive_source(archive), measure(previous)
    report = report_page(Release(previous.root, same), source, facts)
    pages = describe_release(source, same, facts, report)
    unchanged = all(
        (previous.root / path).is_file() and (previous.root / path).read_bytes() == data
        for path, data in pages.items()
    )
    return previous if unchanged else None


def _unfingerprinted(previous: Release, sheets: Sheets) -> bool:
    """Whether values that the fingerprint leaves out (x-withhold: omit) differ in any capture."""
    if previous.access == "public":
        return False  # it has none of them
    kind = table_types()["captures"]
    columns = ["capture_id", *(f.name for f in kind.fields if f.withheld_as == "omit")]
    old = previous.table("captures", columns).sort_by("capture_id")
    parts = [read_sheet(sheet, columns) for sheet in sheets["captures"]]
    return not parts or not pa.concat_tables(parts).sort_by("capture_id").equals(old)


def twin_version(archive: Archive, access: str, out: Path, manifest: Manifest) -> str | None:
    """Version of the full release with the same records, which the public one is to share."""
    if access == "full":
        return None
    for folder in reversed(releases_of(out / folder_name(archive.name, "full"))):
        full = open_release(folder)
        if full.fingerprint == manifest["fingerprint"]:
            return full.version
    return None


def check_day(date: str) -> None:
    """Raise UsageError for a date that is none."""
    if not is_day(date):
        raise UsageError(f"{date!r} is no day", "write it as YYYY-MM-DD")


def issue(
    archive: Archive,
    manifest: Manifest,
    version: str,
    reasons: Sequence[str],
    previous: Release | None,
    date: str | None,
    today: Callable[[], datetime.date],
) -> dict[str, Any]:
    """The manifest with its version, its date and the release before.

    The date is the one given, else SOURCE_DATE_EPOCH's, else that of raw/releases.toml, else
    today's. Raises UsageError for a date that is none.
    """
    known, access = archive.releases.get(version, {}), manifest["access"]
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if date is None and epoch:
        date = _epoch_day(epoch)
    if date is None:
        date = known.get("issued") or today().isoformat()
    check_day(date)
    before = previous and {
        "version": previous.version,
        "fingerprint": previous.fingerprint,
        "release_sha256": previous.sha256,
    }
    return {
        **manifest,
        "version": version,
        "date": date,
        "doi": doi_of(known, access) or archive.reserved.get(access, {}).get("doi"),
        "previous": before,
        "version_reasons": list(reasons),
    }


def odd_days(
    archive: Archive,
    manifest: Manifest,
    previous: Release | None,
    last_retrieved: str | None,
    today: datetime.date,
) -> Iterator[Finding]:
    """MF113 for a day of issue that cannot be, by the release before, the captures or the clock.

    Also for what was withdrawn, corrected or replaced on a later day.
    """
    version, issued = manifest["version"], manifest["date"]
    place = f"/versions/{version}/issued"
    if previous and issued < previous.manifest["date"]:
        before = f"{previous.version}, the release before, is of {previous.manifest['date']}"
        yield Finding(RELEASES, place, "MF113", f"{issued}, and {before}")
    # a time of retrieval is UTC's, and a day of issue may be one earlier there
    elif last_retrieved and _day_after(issued) < last_retrieved[:10]:
        told = f"{issued}, and a capture is of {last_retrieved[:10]}"
        yield Finding(RELEASES, place, "MF113", told)
    elif issued > _day_after(today.isoformat()):
        yield Finding(RELEASES, place, "MF113", f"{issued}, and today is {today.isoformat()}")
    elif issued < FIRST_PAGE:
        yield Finding(RELEASES, place, "MF113", f"{issued}, before the first web page")
    latest = _day_after(max(issued, today.isoformat()))
    for where, lines in (
        (WITHDRAWALS, archive.withdrawals),
        (CORRECTIONS, archive.corrections),
        (REPLACED, archive.replaced),
    ):
        for number, line in enumerate(lines, start=1):
            if line["date"] > latest:
                told = f"{line['date']}, and the release is of {issued}"
                yield Finding(where, f"line {number}, /date", "MF113", told)


def _day_after(day: str) -> str:
    known = datetime.date.fromisoformat(day)
    return (known + datetime.timedelta(days=known < datetime.date.max)).isoformat()


def _epoch_day(epoch: str) -> str:
    try:
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date().isoformat()
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"SOURCE_DATE_EPOCH is no time: {epoch!r}", "give seconds since 1970"
        ) from error


def settled(archive: Archive, earlier: Iterable[Release]) -> Archive:
    """The archive without a reservation that a release at hand has used already.

    A build that was killed before it took note of that leaves one; it is given to its version.
    Raises OSError, DataError.
    """
    for release in earlier:
        access, version = release.access, release.version
        doi = archive.reserved.get(access, {}).get("doi")
        if doi and doi == release.manifest["doi"]:

            def edit(document: Any, access: str = access, version: str = version) -> None:
                _give(document, access, version)

            change(archive.raw, f"the DOI of version {version}", edit)
            left = {key: value for key, value in archive.reserved.items() if key != access}
            archive = dataclasses.replace(archive, reserved=left)
    return archive


def _give(document: Any, access: str, version: str) -> None:
    """Give what is reserved to a version."""
    own = table(document, "versions", version, access)
    for key, value in document["next"].pop(access).items():
        own[key] = value
    if not document["next"]:
        document.pop("next")


def record_issue(archive: Archive, manifest: Manifest, *, dated: bool) -> None:
    """Write into raw/releases.toml what a release was given: its date, unless one stands there.

    What was reserved for it goes to its version. `dated` says that the build chose the date itself.
    Raises OSError, or DataError for a file that cannot take another version.
    """
    version, access = manifest["version"], manifest["access"]
    undated = dated and "issued" not in archive.releases.get(version, {})
    reserved = archive.reserved.get(access, {})
    used = bool(reserved) and reserved.get("doi") == manifest["doi"]

    def edit(document: Any) -> None:
        entry = table(document, "versions", version)
        if undated:
            entry["issued"] = manifest["date"]
        if used:
            _give(document, access, version)

    if undated or used:
        change(archive.raw, f"version {version}", edit)
