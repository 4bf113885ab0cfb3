"""Building: the stages in their order, from an archive to a release in its place.

Descriptions follow from one manifest, and the finished folder is renamed into place.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from microfiche.archive import Archive
from microfiche.describe.claims import denied, known, read_claims
from microfiche.describe.facts import measure
from microfiche.describe.pages import describe_release
from microfiche.describe.source import archive_source
from microfiche.engine import Engine, local_engine
from microfiche.errors import CannotRun, DataError, UsageError, unusable
from microfiche.finding import Finding, has_errors
from microfiche.outlets.rows import outlet_rows
from microfiche.pipeline import BuildOptions, Built
from microfiche.pipeline.gaps import gap_rows
from microfiche.pipeline.gather import Sheets, gather, tombstones, without_leads
from microfiche.pipeline.manifest import (
    check_day,
    issue,
    manifest_of,
    record_issue,
    table_entries,
    twin_version,
    unchanged_release,
)
from microfiche.pipeline.reprints import link_texts
from microfiche.pipeline.scan import Scanned, scan, scan_tasks, step_findings
from microfiche.pipeline.showing import keep_shown, refuse_quotations
from microfiche.pipeline.validation import (
    alias_findings,
    archive_findings,
    latest_release,
    promise_findings,
    releases_at_hand,
    withdrawal_findings,
)
from microfiche.pipeline.writing import restriction, small_sheet, write_pages, write_tables
from microfiche.release import SIGNATURE, Release, folder_name
from microfiche.release.diff import diff
from microfiche.release.opening import check_manifest, open_release
from microfiche.release.placing import put_in_place, staging
from microfiche.release.signing import sign
from microfiche.release.version import FIRST, check_wanted, chosen_version, version_key
from microfiche.schema import table_types
from microfiche.tables.shards import sync
from microfiche.tables.sheets import read_index, read_sheet

Row = dict[str, Any]
FINDINGS_PER_CODE = 100


class Ledger:
    """Findings of a build: every one counted, the first of each code kept."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.kept: list[Finding] = []

    def add(self, findings: Iterable[Finding]) -> None:
        """Take findings in."""
        for finding in findings:
            self.counts[finding.code] += 1
            if self.counts[finding.code] <= FINDINGS_PER_CODE:
                self.kept.append(finding)

    def built(self, release: Release, *, unchanged: bool, signed: bool) -> Built[Release]:
        """The result of a build with these findings."""
        return Built(release, unchanged, signed, tuple(sorted(self.kept)), dict(self.counts))


def build(archive: Archive, options: BuildOptions) -> Built[Release]:
    """Build the next release of an archive. Raises MicroficheError; then nothing is written."""
    if options.version is not None:
        version_key(options.version)
    if options.date is not None:
        check_day(options.date)
    findings = [*archive.findings, *archive_findings(archive)]
    _refuse_errors("the archive's own files have errors", findings)
    out = options.out or archive.root / "dist"
    if options.previous:
        previous: Release | None = _before(archive, options.previous, options.access)
    else:
        previous = latest_release(archive, out, options.access)
    workers = options.workers or os.cpu_count() or 1
    try:
        with staging(out) as folder, local_engine(workers, options.progress) as engine:
            job = _Job(archive, options, previous, out, folder, engine, Ledger())
            job.ledger.add(findings)
            return _build(job)
    except OSError as error:
        raise unusable(error.filename or out, error) from error


def _before(archive: Archive, folder: Path, access: str) -> Release:
    """The release before that is given. Raises UsageError if it is of another line of releases."""
    release = open_release(folder)
    wanted = (archive.name, access, None)
    if (release.name, release.access, release.manifest["rehydrated"]) != wanted:
        raise UsageError(
            f"--previous {folder}: no built release of {archive.name} with access {access}",
            "give one of the same dataset and access",
        )
    return release


@dataclass(frozen=True)
class _Job:
    """What one build works with; `folder` is its own and gone afterwards."""

    archive: Archive
    options: BuildOptions
    previous: Release | None
    out: Path
    folder: Path
    engine: Engine
    ledger: Ledger

    @property
    def work(self) -> Path:
        """Folder of sheets, and of what workers share."""
        return self.folder / "work"

    @property
    def earlier(self) -> Iterator[Release]:
        """The release before, then every other that may know a withdrawn article."""
        if self.previous:
            yield self.previous
        if self.archive.only is None:
            yield from releases_at_hand(self.archive, self.out)

    @property
    def target(self) -> Path:
        """Folder of the release, until it is put in its place."""
        return self.folder / "release"


def _build(job: _Job) -> Built[Release]:
    job.work.mkdir()
    job.target.mkdir()
    sheets = _make_sheets(job)
    indexes = {name: read_index(held) for name, held in sorted(sheets.items())}
    manifest = manifest_of(job.archive, table_entries(job.engine, indexes), job.options)
    if job.previous:
        same = unchanged_release(job.archive, job.previous, manifest, sheets)
        if same:
            check_wanted(job.options.version, same.version, ["nothing changed"])
            signed = bool(job.options.sign) and sign(same.root, job.options.sign)
            return job.ledger.built(same, unchanged=True, signed=signed)
    source = archive_source(job.archive)
    write_pages({**source.schemas, **source.files}, job.target)
    shown = None
    if job.options.access == "public":
        shown = keep_shown(job.archive, sheets, job.work)
    manifest = write_tables(job.engine, manifest, indexes, sheets, job.target, shown)
    manifest, place = _give_version(job, manifest)
    facts = measure(Release(job.target, manifest))
    counts = {entry["name"]: entry["n_rows"] for entry in manifest["tables"]}
    job.ledger.add(denied(read_claims(job.archive), known(facts, counts)))
    manifest |= restriction(facts)
    pages = describe_release(source, manifest, facts)
    if shown:
        refuse_quotations(job.engine, Release(job.target, manifest), pages, sheets, shown)
    return _put_in_place(job, manifest, pages, place)


def _make_sheets(job: _Job) -> Sheets:
    """The rows of every table but `changes`. Raises DataError if no article may be shown."""
    archive, work = job.archive, job.work
    sheets, gone = gather(job.engine, archive, _scan(job), work)
    if archive.only is None:  # a release that is rebuilt made no promise but to be the same
        _keep_promises(job, sheets, gone)
    ids = {each for row in gone for each in (row["article_id"], *row["aliases"])}
    withdrawn = archive.withdrawn_ids() | ids
    sheets, withdrawn = without_leads(archive.outlet_book(), sheets, withdrawn)
    tombs = tombstones(archive, gone, job.earlier)
    outlets = outlet_rows(archive.outlet_book().by_id.values(), table_types()["outlets"])
    sheets["outlets"] = small_sheet(work, table_types()["outlets"], outlets)
    sheets["withdrawn"] = small_sheet(work, table_types()["withdrawn"], tombs)
    articles = read_index(sheets["articles"])
    if not articles.n_rows:
        _refuse("no capture gave an article that may be shown", job.ledger.kept)
    sheets["links"] = link_texts(job.engine, sheets["articles"], articles, work)
    sheets["gaps"] = small_sheet(work, table_types()["gaps"], gap_rows(archive, sheets, withdrawn))
    return sheets


def _give_version(job: _Job, manifest: dict[str, Any]) -> tuple[dict[str, Any], Path]:
    """(the manifest with version, date and changes, the folder of that version).

    Raises CannotRun if that version is there with other content.
    """
    archive, options, previous = job.archive, job.options, job.previous
    version, reasons = FIRST, ["the first release"]
    if previous:
        found = diff(previous, Release(job.target, manifest))
        version, reasons = found.version_after(previous.version)
        manifest = _write_changes(job, manifest, found.changes)
    twin = twin_version(archive, options.access, job.out, manifest)
    if archive.only is None or options.version is None:
        version = chosen_version(options.version, version, reasons, twin)
    else:  # a release that is rebuilt has the version it had
        version = options.version
    place = job.out / folder_name(archive.name, options.access) / version
    if place.exists():
        raise CannotRun(f"{place} exists with other content", "choose a higher --version")
    return (
        issue(archive, manifest, version, reasons, previous, options.date, options.today),
        place,
    )


def _put_in_place(
    job: _Job, manifest: dict[str, Any], pages: Mapping[str, bytes], place: Path
) -> Built[Release]:
    """Write the pages, check and sign the release, and rename its folder."""
    shutil.rmtree(job.work)
    write_pages(pages, job.target)
    check_manifest(manifest, job.target)
    signed = bool(job.options.sign) and sign(job.target, job.options.sign)
    if signed:
        sync(job.target / SIGNATURE)
    put_in_place(job.target, place)
    if job.options.date is None and "SOURCE_DATE_EPOCH" not in os.environ:
        record_issue(job.archive, manifest["version"], manifest["date"])
    return job.ledger.built(open_release(place), unchanged=False, signed=signed)


def _write_changes(job: _Job, manifest: dict[str, Any], changes: Sequence[Row]) -> dict[str, Any]:
    """Write the table of changes; the manifest with it, though never in the fingerprint."""
    sheets = {"changes": small_sheet(job.work, table_types()["changes"], changes)}
    indexes = {"changes": read_index(sheets["changes"])}
    with_changes = {**manifest, "tables": table_entries(job.engine, indexes)}
    written = write_tables(job.engine, with_changes, indexes, sheets, job.target)["tables"]
    tables = sorted([*manifest["tables"], *written], key=lambda entry: entry["name"])
    return {**manifest, "tables": tables}


def _refuse_errors(reason: str, findings: Iterable[Finding]) -> None:
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        _refuse(reason, errors)


def _refuse(reason: str, findings: Iterable[Finding]) -> None:
    errors = sorted(finding for finding in findings if finding.severity == "error")
    shown = "".join(f"\n  {finding}" for finding in errors[:20])
    more = f"\n  and {len(errors) - 20} more" if len(errors) > 20 else ""
    remedy = "" if errors else "see what `microfiche validate` finds"
    raise DataError(f"nothing was built: {reason}{shown}{more}", remedy)


def _scan(job: _Job) -> list[Scanned]:
    options = job.options
    tasks = scan_tasks(job.archive, options.max_capture_bytes, job.work, options.extract)
    scanned = []
    for each in job.engine.run("reading captures", scan, tasks):
        job.ledger.add(each.findings)
        scanned.append(each._replace(findings=[]))
    job.ledger.add(step_findings(scanned))
    return scanned


def _keep_promises(job: _Job, sheets: Sheets, gone: Sequence[Row]) -> None:
    """Every id and capture of the release before must still be there. Raises DataError."""
    archive, previous = job.archive, job.previous
    if previous is None and not archive.aliases and not archive.withdrawals:
        return
    ids = {each for row in gone for each in (row["article_id"], *row["aliases"])}
    for sheet in sheets["articles"]:
        table = read_sheet(sheet, ["article_id", "aliases"])
        ids.update(table["article_id"].to_pylist())
        ids.update(table["aliases"].combine_chunks().flatten().to_pylist())
    found = [*alias_findings(archive, ids), *withdrawal_findings(archive, ids, job.earlier)]
    if previous is not None:
        captures: set[str] = set()
        for sheet in sheets["captures"]:
            table = read_sheet(sheet, ["capture_id", "sha256"])
            captures.update(table["capture_id"].to_pylist())
            captures.update(filter(None, table["sha256"].to_pylist()))
        found += promise_findings(archive, previous, ids, captures)
    job.ledger.add(found)
    if has_errors(found):
        _refuse("a promise of an earlier release would be broken", found)
