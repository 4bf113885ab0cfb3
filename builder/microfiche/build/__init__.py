"""The pipeline: an archive becomes the next release, or is found unchanged.

Stages, each pure over files: scan a chunk of captures into sheets (`scan`); link captures over a
few bytes each and collate the groups (`gather`); link articles whose texts are alike (`linking`);
decide the version from what differs (`changes`); write each shard. Descriptions follow from one
manifest (`manifest`), and the finished folder is renamed into place.
"""

from __future__ import annotations

import datetime
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from microfiche.archive import DEFAULT_CAPTURE_LIMIT, Archive
from microfiche.build.changes import differences, unfingerprinted_differ
from microfiche.build.gather import Sheets, gather, tombstones
from microfiche.build.linking import link_texts
from microfiche.build.manifest import (
    issue,
    manifest_of,
    record_issue,
    table_entries,
    unchanged_release,
)
from microfiche.describe.facts import FACT_COLUMNS, measure
from microfiche.describe.pages import describe_release
from microfiche.engine import Engine, Progress, local_engine, silent
from microfiche.errors import CannotRun, DataError, unusable
from microfiche.finding import Finding, has_errors
from microfiche.fixity import file_digest, sha256_hex
from microfiche.release import (
    Release,
    check_manifest,
    open_release,
    put_in_place,
    staging,
)
from microfiche.scan import Scanned, scan, scan_tasks, step_findings
from microfiche.schema import table_types
from microfiche.tables import (
    Index,
    SheetWriter,
    plan_shards,
    read_index,
    read_sheet,
    sync,
    write_shard,
)
from microfiche.validation import (
    alias_findings,
    archive_findings,
    latest_release,
    promise_findings,
    withdrawal_findings,
)
from microfiche.version import FIRST, chosen_version, next_version

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
    today: Callable[[], datetime.date] = datetime.date.today


@dataclass(frozen=True)
class Built:
    """What a build did: the release, and whether it was there already.

    `findings` are errors and warnings in order, at most 100 of a code; `counts` counts them all.
    """

    release: Release
    unchanged: bool
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

    def built(self, release: Release, *, unchanged: bool) -> Built:
        """The result of a build with these findings."""
        return Built(release, unchanged, tuple(sorted(self.kept)), dict(self.counts))


def build(archive: Archive, options: BuildOptions) -> Built:
    """Build the next release of an archive. Raises MicroficheError; then nothing is written."""
    _refuse_errors("the archive's own files have errors", archive.findings)
    out = options.out or archive.root / "dist"
    previous = open_release(options.previous) if options.previous else latest_release(archive, out)
    workers = options.workers or os.cpu_count() or 1
    try:
        with staging(out) as folder, local_engine(workers, options.progress) as engine:
            return _build(archive, options, previous, out, folder, engine)
    except OSError as error:
        raise unusable(error.filename or out, error) from error


def _build(
    archive: Archive,
    options: BuildOptions,
    previous: Release | None,
    out: Path,
    folder: Path,
    engine: Engine,
) -> Built:
    work, target = folder / "work", folder / "release"
    work.mkdir()
    target.mkdir()
    ledger = Ledger()
    ledger.add([*archive.findings, *archive_findings(archive)])
    scanned = _scan(archive, options, engine, work, ledger)
    sheets, gone = gather(engine, archive, scanned, work)
    _keep_promises(archive, previous, sheets, gone, ledger)
    sheets["outlets"] = _small_sheet(work, "outlets", outlet_rows(archive))
    sheets["withdrawn"] = _small_sheet(work, "withdrawn", tombstones(archive, gone, previous))
    shown = read_index(sheets["articles"])
    if not shown.n_rows:
        _refuse("no capture gave an article that may be shown", ledger.kept)
    sheets["links"] = link_texts(engine, sheets["articles"], shown, work)
    indexes = {name: read_index(held) for name, held in sorted(sheets.items())}
    facts = measure(read_sheet(sheet, FACT_COLUMNS) for sheet in sheets["articles"])
    manifest = manifest_of(archive, table_entries(engine, indexes), facts, options.extract)
    if previous and not unfingerprinted_differ(previous, sheets):
        same = unchanged_release(archive, previous, manifest, facts)
        if same:
            return ledger.built(same, unchanged=True)
    version, reasons = FIRST, ["the first release"]
    if previous:
        found = differences(previous, indexes, sheets)
        version, reasons = next_version(previous.version, found)
    version = chosen_version(options.version, version, reasons)
    place = out / archive.name / version
    if place.exists():
        raise CannotRun(f"{place} exists with other content", "choose a higher --version")
    manifest = issue(archive, manifest, version, reasons, previous, options.date, options.today)
    manifest = _write_tables(engine, manifest, indexes, sheets, target)
    shutil.rmtree(work)
    _write_pages(describe_release(archive, manifest, facts), target)
    check_manifest(manifest, target)
    put_in_place(target, place)
    if options.date is None and "SOURCE_DATE_EPOCH" not in os.environ:
        record_issue(archive, version, manifest["date"])
    return ledger.built(open_release(place), unchanged=False)


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


def _small_sheet(work: Path, name: str, rows: Sequence[Row]) -> list[Any]:
    """The rows of a table that one process makes, as its only sheet."""
    writer = SheetWriter(table_types()[name])
    for row in rows:
        writer.add(row)
    sheet = writer.write(work / f"{name}.arrow")
    return [sheet] if sheet else []


def outlet_rows(archive: Archive) -> list[Row]:
    """Rows of the outlets table, as the outlet files describe them."""
    kind = table_types()["outlets"]
    rows = []
    for outlet in archive.outlet_book().by_id.values():
        rights = outlet.rights
        row: Row = {field.name: outlet.entry.get(field.name) for field in kind.fields}
        row |= {
            "outlet_id": outlet.id,
            "license": rights.get("license"),
            "rights_statement": rights["statement"],
            "rights_basis": rights.get("basis"),
            "rights_evidence": rights.get("evidence"),
            "text_policy": rights["text"],
        }
        for field in kind.fields:
            if field.kind == "array":
                row[field.name] = [_with_nulls(item, field.spec) for item in row[field.name] or []]
        rows.append(row)
    return rows


def _with_nulls(item: Any, spec: Mapping[str, Any]) -> Any:
    """A list item with every member of its schema, null where it has none."""
    if not isinstance(item, dict):
        return item
    return {name: item.get(name) for name in spec["items"]["properties"]}


def _write_tables(
    engine: Engine,
    manifest: Mapping[str, Any],
    indexes: Mapping[str, Index],
    sheets: Sheets,
    target: Path,
) -> dict[str, Any]:
    """Write every shard of every table; the manifest with the files in it."""
    kinds = table_types()
    tasks = [
        (name, shard, tuple(sheet.path for sheet in sheets[name]), str(target))
        for name, index in indexes.items()
        for shard in plan_shards(kinds[name], index)
    ]
    entries = {entry["name"]: dict(entry) for entry in manifest["tables"]}
    for name, file in engine.run("writing tables", _write_one, tasks):
        entries[name]["files"] = [*entries[name]["files"], file.as_json()]
        entries[name]["size_bytes"] += file.arrow_bytes
    return {**manifest, "tables": list(entries.values())}


def _write_one(task: tuple[str, Any, Sequence[str], str]) -> tuple[str, Any]:
    name, shard, paths, target = task
    return name, write_shard(table_types()[name], shard, paths, Path(target))


def _write_pages(pages: Mapping[str, bytes], target: Path) -> None:
    """Write the describing files, flush them and read them back. Raises OSError."""
    for path, data in pages.items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        sync(file)
        if file_digest(file)[1] != sha256_hex(data):
            raise OSError(5, f"{path} does not read back as written")
