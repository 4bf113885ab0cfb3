"""The pipeline: an archive becomes the next release, or is found unchanged.

Stages, each pure over files: scan a chunk of captures into sheets (`scan`); link captures over a
few bytes each and collate the groups (`gather`); link articles whose texts are alike (`linking`);
say what is not there (`gaps`); write each shard; compare with the release before, which gives the
version. Descriptions follow from one manifest (`manifest`), and the finished folder is renamed
into place.
"""

from __future__ import annotations

import datetime
import os
import pickle
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from microfiche.archive import DEFAULT_CAPTURE_LIMIT, Archive
from microfiche.build.gaps import gap_rows
from microfiche.build.gather import Sheets, gather, tombstones, without_leads
from microfiche.build.linking import link_texts
from microfiche.build.manifest import (
    issue,
    manifest_of,
    record_issue,
    table_entries,
    twin_version,
    unchanged_release,
)
from microfiche.build.writing import read_once, restriction, small_sheet, write_pages, write_tables
from microfiche.claims import denied, known, read_claims
from microfiche.describe.facts import measure
from microfiche.describe.pages import describe_release
from microfiche.describe.source import archive_source
from microfiche.diff import diff
from microfiche.engine import Engine, Progress, local_engine, silent
from microfiche.errors import CannotRun, DataError, UsageError, unusable
from microfiche.finding import Finding, has_errors
from microfiche.outlet import outlet_rows
from microfiche.quoting import published_runs, quotation, refusal
from microfiche.release import (
    SIGNATURE,
    Release,
    check_manifest,
    folder_name,
    open_release,
    put_in_place,
    staging,
)
from microfiche.scan import Scanned, scan, scan_tasks, step_findings
from microfiche.schema import table_types
from microfiche.signing import sign
from microfiche.tables import Sheet, read_index, read_sheet, sync
from microfiche.validation import (
    alias_findings,
    archive_findings,
    latest_release,
    promise_findings,
    withdrawal_findings,
)
from microfiche.version import FIRST, chosen_version
from microfiche.withholding import Shown

Row = dict[str, Any]
FINDINGS_PER_CODE = 100


@dataclass(frozen=True)
class BuildOptions:
    """How to build. None: the default that the command line documents."""

    out: Path | None = None
    version: str | None = None
    date: str | None = None
    workers: int | None = None
    previous: Path | None = None
    max_capture_bytes: int = DEFAULT_CAPTURE_LIMIT
    progress: Progress = silent
    extract: str = "balanced"
    access: str = "full"
    sign: Path | None = None
    today: Callable[[], datetime.date] = datetime.date.today


@dataclass(frozen=True)
class Built:
    """What a build did: the release, whether it was there already, whether it was signed now.

    `findings` are errors and warnings in order, at most 100 of a code; `counts` counts them all.
    """

    release: Release
    unchanged: bool
    signed: bool
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """What `build --format json` prints."""
        previous = self.release.manifest["previous"]
        return {
            "release": str(self.release.root),
            "version": self.release.version,
            "previous": previous["version"] if previous else None,
            "fingerprint": self.release.fingerprint,
            "unchanged": self.unchanged,
            "tables": {entry["name"]: entry["n_rows"] for entry in self.release.manifest["tables"]},
            "findings": [finding.as_json() for finding in self.findings],
        }


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

    def built(self, release: Release, *, unchanged: bool, signed: bool) -> Built:
        """The result of a build with these findings."""
        return Built(release, unchanged, signed, tuple(sorted(self.kept)), dict(self.counts))


def build(archive: Archive, options: BuildOptions) -> Built:
    """Build the next release of an archive. Raises MicroficheError; then nothing is written."""
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
            ledger = Ledger()
            ledger.add(findings)
            return _build(archive, options, previous, out, folder, engine, ledger)
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


def _build(
    archive: Archive,
    options: BuildOptions,
    previous: Release | None,
    out: Path,
    folder: Path,
    engine: Engine,
    ledger: Ledger,
) -> Built:
    work, target = folder / "work", folder / "release"
    work.mkdir()
    target.mkdir()
    scanned = _scan(archive, options, engine, work, ledger)
    sheets, gone = gather(engine, archive, scanned, work)
    if archive.only is None:  # a release that is rebuilt made no promise but to be the same
        _keep_promises(archive, previous, sheets, gone, ledger)
    ids = {each for row in gone for each in (row["article_id"], *row["aliases"])}
    withdrawn = archive.withdrawn_ids() | ids
    sheets, withdrawn = without_leads(archive.outlet_book(), sheets, withdrawn)
    sheets["outlets"] = small_sheet(
        work, "outlets", outlet_rows(archive.outlet_book().by_id.values(), table_types()["outlets"])
    )
    sheets["withdrawn"] = small_sheet(work, "withdrawn", tombstones(archive, gone, previous))
    articles = read_index(sheets["articles"])
    if not articles.n_rows:
        _refuse("no capture gave an article that may be shown", ledger.kept)
    sheets["links"] = link_texts(engine, sheets["articles"], articles, work)
    sheets["gaps"] = small_sheet(work, "gaps", gap_rows(archive, sheets, withdrawn))
    indexes = {name: read_index(held) for name, held in sorted(sheets.items())}
    entries = table_entries(engine, indexes)
    manifest = manifest_of(archive, entries, options)
    if previous:
        same = unchanged_release(archive, previous, manifest, sheets)
        if same:
            signed = bool(options.sign) and sign(same.root, options.sign)
            return ledger.built(same, unchanged=True, signed=signed)
    source = archive_source(archive)
    write_pages({**source.schemas, **source.files}, target)
    shown = None
    if options.access == "public":
        shown = str(work / "shown.pickle")
        Path(shown).write_bytes(pickle.dumps(what_is_shown(archive, sheets)))
    manifest = write_tables(engine, manifest, indexes, sheets, target, shown)
    version, reasons = FIRST, ["the first release"]
    if previous:
        found = diff(previous, Release(target, manifest))
        version, reasons = found.version_after(previous.version)
        manifest = _write_changes(engine, manifest, found.changes, work, target)
    version = chosen_version(
        options.version, version, reasons, twin_version(archive, options.access, out, manifest)
    )
    place = out / folder_name(archive.name, options.access) / version
    if place.exists():
        raise CannotRun(f"{place} exists with other content", "choose a higher --version")
    facts = measure(Release(target, manifest))
    counts = {entry["name"]: entry["n_rows"] for entry in manifest["tables"]}
    ledger.add(denied(read_claims(archive), known(facts, counts)))
    manifest = issue(archive, manifest, version, reasons, previous, options.date, options.today)
    manifest |= restriction(facts)
    pages = describe_release(source, manifest, facts)
    if shown:
        _refuse_quotations(engine, Release(target, manifest), pages, sheets, shown)
    shutil.rmtree(work)
    write_pages(pages, target)
    check_manifest(manifest, target)
    signed = bool(options.sign) and sign(target, options.sign)
    if signed:
        sync(target / SIGNATURE)
    put_in_place(target, place)
    if options.date is None and "SOURCE_DATE_EPOCH" not in os.environ:
        record_issue(archive, version, manifest["date"])
    return ledger.built(open_release(place), unchanged=False, signed=signed)


def _write_changes(
    engine: Engine, manifest: dict[str, Any], changes: Sequence[Row], work: Path, target: Path
) -> dict[str, Any]:
    """Write the table of changes; the manifest with it, though never in the fingerprint."""
    sheets = {"changes": small_sheet(work, "changes", changes)}
    indexes = {"changes": read_index(sheets["changes"])}
    with_changes = {**manifest, "tables": table_entries(engine, indexes)}
    written = write_tables(engine, with_changes, indexes, sheets, target)["tables"]
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
    raise DataError(f"nothing was built: {reason}{shown}{more}")


def _scan(
    archive: Archive, options: BuildOptions, engine: Engine, work: Path, ledger: Ledger
) -> list[Scanned]:
    tasks = scan_tasks(archive, options.max_capture_bytes, work, options.extract)
    scanned = []
    for each in engine.run("reading captures", scan, tasks):
        ledger.add(each.findings)
        scanned.append(each._replace(findings=[]))
    ledger.add(step_findings(scanned))
    return scanned


def _keep_promises(
    archive: Archive,
    previous: Release | None,
    sheets: Sheets,
    gone: Sequence[Row],
    ledger: Ledger,
) -> None:
    """Every id and capture of the release before must still be there. Raises DataError."""
    if previous is None and not archive.aliases and not archive.withdrawals:
        return
    ids = {each for row in gone for each in (row["article_id"], *row["aliases"])}
    for sheet in sheets["articles"]:
        table = read_sheet(sheet, ["article_id", "aliases"])
        ids.update(table["article_id"].to_pylist())
        ids.update(table["aliases"].combine_chunks().flatten().to_pylist())
    found = [*alias_findings(archive, ids), *withdrawal_findings(archive, ids, previous)]
    if previous is not None:
        captures: set[str] = set()
        for sheet in sheets["captures"]:
            table = read_sheet(sheet, ["capture_id", "sha256"])
            captures.update(table["capture_id"].to_pylist())
            captures.update(filter(None, table["sha256"].to_pylist()))
        found += promise_findings(archive, previous, ids, captures)
    ledger.add(found)
    if has_errors(found):
        _refuse("a promise of an earlier release would be broken", found)


def what_is_shown(archive: Archive, sheets: Sheets) -> Shown:
    """What decides how much a public release shows of each article."""
    outlets = archive.outlet_book().by_id.values()
    without: set[str] = set()
    for sheet in sheets["articles"]:
        table = read_sheet(sheet, ["article_id", "rights_basis"])
        without.update(table.filter(pc.is_null(table["rights_basis"]))["article_id"].to_pylist())
    return Shown(
        policies={each.id: each.rights["text"] for each in outlets},
        based=frozenset(each.id for each in outlets if each.rights.get("basis")),
        without=frozenset(without),
    )


def _refuse_quotations(
    engine: Engine, release: Release, pages: Mapping[str, bytes], sheets: Sheets, shown: str
) -> None:
    """Refuse a public release that quotes what it withholds. Raises DataError."""
    published = Path(shown).with_name("published.pickle")
    published.write_bytes(pickle.dumps(published_runs(release, pages)))
    tasks = [
        (name, sheet, shown, str(published))
        for name in ("articles", "revisions")
        for sheet in sheets[name]
    ]
    results = engine.run("looking for quotations", _quotations_in, tasks) if tasks else ()
    found = [each for part in results for each in part]
    if found:
        raise refusal(found)


def _quotations_in(task: tuple[str, Sheet, str, str]) -> list[tuple[str, str, str]]:
    """(article, where, words) of a quotation of each hidden text of a sheet that has one."""
    name, sheet, shown_path, published_path = task
    shown, published = read_once(shown_path), read_once(published_path)
    quoted = []
    for row in read_sheet(sheet, ["article_id", "text"]).to_pylist() if published else ():
        article_id = row["article_id"]
        names = (article_id, article_id.partition(":")[0])
        visible = shown.shows_revisions(*names)
        if name == "articles":
            visible = shown.access(*names) == "full"
        if row["text"] and not visible:
            found = quotation(row["text"], published)
            if found:
                quoted.append((article_id, *found))
    return quoted
