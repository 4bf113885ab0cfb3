"""The end of a build: the version, the changes and the day of a release, and its place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from microfiche.archive.files import RELEASES
from microfiche.errors import CannotRun, MicroficheError, in_words
from microfiche.finding import Finding
from microfiche.pipeline import Built
from microfiche.pipeline.collating import Sheets
from microfiche.pipeline.job import Job
from microfiche.pipeline.manifest import (
    issue,
    record_issue,
    table_entries,
    twin_version,
    unchanged_release,
)
from microfiche.pipeline.rereading import refuse_rereading
from microfiche.pipeline.writing import small_sheet, write_pages, write_tables
from microfiche.release import SIGNATURE, Release, folder_name
from microfiche.release.diff import diff
from microfiche.release.opening import check_manifest, open_release
from microfiche.release.placing import Taken, put_in_place
from microfiche.release.signing import sign
from microfiche.release.version import FIRST, chosen_version
from microfiche.schema import table_types
from microfiche.tables.shards import sync

Row = dict[str, Any]


def give_version(job: Job, manifest: dict[str, Any]) -> tuple[dict[str, Any], Path]:
    """(the manifest with version, date and changes, the folder of that version)."""
    archive, options, previous = job.archive, job.options, job.previous
    version, reasons = FIRST, ["the first release"]
    if previous:
        found = diff(previous, Release(job.target, manifest))
        if archive.only is None and not options.reread:
            refuse_rereading(previous, manifest, found)
        version, reasons = found.version_after(previous.version)
        manifest = _write_changes(job, manifest, found.changes)
    twin = twin_version(archive, options.access, job.out, manifest)
    if archive.only is None or options.version is None:
        version = chosen_version(options.version, version, reasons, twin)
    else:  # a release that is rebuilt has the version it had
        version = options.version
    place = job.out / folder_name(archive.name, options.access) / version
    return (
        issue(archive, manifest, version, reasons, previous, options.date, options.today),
        place,
    )


def made_meanwhile(
    job: Job, place: Path, manifest: dict[str, Any], sheets: Sheets
) -> Built[Release]:
    """The release that lies where this one would, if it is of the same.

    Raises CannotRun if it has other content.
    """
    other = CannotRun(f"{place} exists with other content", "choose a higher --version")
    if job.archive.only is not None:
        raise other
    try:
        there = open_release(place)
    except MicroficheError as error:  # something else that lies there
        raise other from error
    if unchanged_release(job.archive, there, manifest, sheets):
        return job.ledger.built(there, unchanged=True, signed=False)
    if job.options.previous:
        raise other
    # it is newer than the newest release was when this build began
    raise CannotRun(f"{place}: another build made it meanwhile, of other content", "build again")


def place_release(
    job: Job, manifest: dict[str, Any], pages: Mapping[str, bytes], place: Path
) -> Built[Release]:
    """Write the pages, check and sign the release, and rename its folder."""
    shutil.rmtree(job.work)
    write_pages(pages, job.target)
    check_manifest(manifest, job.target)
    signed = bool(job.options.sign) and sign(job.target, job.options.sign)
    if signed:
        sync(job.target / SIGNATURE)
    digest = Release(job.target, manifest).sha256
    try:
        put_in_place(job.target, place)
    except Taken:
        there = open_release(place)
        if there.sha256 != digest:
            raise
        return job.ledger.built(there, unchanged=True, signed=False)
    dated = job.options.date is None and "SOURCE_DATE_EPOCH" not in os.environ
    try:
        record_issue(job.archive, manifest, dated=dated)
    except OSError as error:  # of an archive that cannot be written to; the release is whole
        told = f"issued = {manifest['date']!r}: {in_words(error)}"
        at = f"/versions/{manifest['version']}"
        job.ledger.add([Finding(RELEASES, at, "MF114", told)])
    return job.ledger.built(open_release(place), unchanged=False, signed=signed)


def _write_changes(job: Job, manifest: dict[str, Any], changes: Sequence[Row]) -> dict[str, Any]:
    """Write the table of changes; the manifest with it, though never in the fingerprint."""
    sheets = {"changes": small_sheet(job.work, table_types()["changes"], changes)}
    with_changes = {**manifest, "tables": table_entries(job.engine, sheets)}
    written = write_tables(job.engine, with_changes, sheets, job.target)["tables"]
    tables = sorted([*manifest["tables"], *written], key=lambda entry: entry["name"])
    return {**manifest, "tables": tables}
