"""Building: the stages in their order, from an archive to a release in its place.

Descriptions follow from one manifest, and the finished folder is renamed into place.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from microfiche.archive import Archive
from microfiche.archive.files import DATASHEET
from microfiche.archive.opening import open_archive
from microfiche.archive.publications import places_of
from microfiche.describe.claims import denied, known, read_claims
from microfiche.describe.facts import measure
from microfiche.describe.pages import describe_release
from microfiche.describe.source import archive_source
from microfiche.engine import Engine, Progress, local_engine
from microfiche.errors import CannotRun, DataError, UsageError, unusable
from microfiche.finding import Finding, has_errors
from microfiche.outlets.rows import outlet_rows
from microfiche.pipeline import BuildOptions, Built, ends
from microfiche.pipeline.annotations import annotation_rows
from microfiche.pipeline.cache import Cache, open_cache, reader_digest
from microfiche.pipeline.collating import Sheets, published
from microfiche.pipeline.correcting import answered, correct, dated
from microfiche.pipeline.coverage import coverage_rows
from microfiche.pipeline.gather import gather, without_leads
from microfiche.pipeline.issuing import give_version, made_meanwhile, place_release
from microfiche.pipeline.job import Job, Ledger
from microfiche.pipeline.manifest import (
    check_day,
    manifest_of,
    odd_days,
    settled,
    table_entries,
    unchanged_release,
)
from microfiche.pipeline.noted import BROKEN
from microfiche.pipeline.promises import promises
from microfiche.pipeline.recalling import Reading, read_all
from microfiche.pipeline.recognising import Holdings, recognise
from microfiche.pipeline.replacing import with_former_ids
from microfiche.pipeline.reprints import link_texts
from microfiche.pipeline.rereading import no_article_findings, no_articles
from microfiche.pipeline.scan import Scanned, step_findings
from microfiche.pipeline.showing import keep_shown, refuse_quotations, refuse_withdrawn
from microfiche.pipeline.takedowns import Takedowns, read_takedowns
from microfiche.pipeline.validation import archive_findings, latest_release, releases_at_hand
from microfiche.pipeline.withdrawing import Taken, take_down_copies, tombstones, withdrawn_texts
from microfiche.pipeline.writing import (
    Written,
    restriction,
    small_sheet,
    write_pages,
    write_tables,
)
from microfiche.release import Release, folder_name
from microfiche.release.opening import open_release
from microfiche.release.placing import staging
from microfiche.release.signing import sign
from microfiche.release.version import check_wanted, version_key
from microfiche.report.page import report_page
from microfiche.schema import table_types
from microfiche.tables.sheets import read_index
from microfiche.verify.remembered import check_all

LEAST_FREE = 64 << 20  # bytes on the disk of a build of many captures


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
    if archive.only is None:
        _refuse_twice(archive, options, out, previous)
    workers = options.workers or os.cpu_count() or 1
    if options.engine == "dask":  # other processes are in other folders
        archive, out = replace(archive, root=archive.root.absolute()), out.absolute()
    try:
        with (
            staging(out) as folder,
            _cache_of(archive, options) as cache,
            _engine_of(options, workers, out) as engine,
        ):
            job = Job(archive, options, previous, out, folder, engine, Ledger(), cache)
            if archive.only is None:
                job = replace(job, archive=settled(archive, job.earlier))
            job.ledger.add(_untold(findings, archive, previous))
            job = replace(job, held=recognise(engine, job.archive, cache))
            engine.progress = _watched(engine.progress, out, job.held)
            return _ended_before(job) or _noted(job, _build(job))
    except OSError as error:
        raise unusable(error.filename or out, error) from error


def _untold(
    findings: Iterable[Finding], archive: Archive, previous: Release | None
) -> list[Finding]:
    """Findings but those on a datasheet that the release before has too: they were told then."""
    sheet = archive.files.get(DATASHEET)
    before = previous.root / "source" / DATASHEET if previous else None
    told = before is not None and before.is_file() and before.read_bytes() == sheet
    return [each for each in findings if not (told and each.where == DATASHEET)]


def _engine_of(options: BuildOptions, workers: int, out: Path) -> AbstractContextManager[Engine]:
    """The engine that is asked for. Raises UsageError for one that there is not."""
    if options.engine == "local" and options.scheduler is None:
        return local_engine(workers, options.progress)
    if options.engine != "dask":
        raise UsageError(f"engine {options.engine}: has no scheduler", "use dask, or local")
    from microfiche.cluster import cluster_engine

    return cluster_engine(workers, options.scheduler, out, reader_digest, options.progress)


def _watched(progress: Progress, out: Path, held: Holdings) -> Progress:
    """A progress report that stops the build before its disk is full. Raises CannotRun.

    What is left must be as much as the captures have, or `LEAST_FREE` of many.
    """
    least = min(LEAST_FREE, sum(span.end - span.start for span in held.spans))

    def watched(stage: str, done: int, total: int) -> None:
        free = shutil.disk_usage(out).free
        if free < least:
            raise CannotRun(
                f"{out}: {free:,} bytes are left on its disk, while {stage}",
                "make room, or name a folder on another disk with --out; nothing was built",
            )
        progress(stage, done, total)

    return watched


def _cache_of(archive: Archive, options: BuildOptions) -> AbstractContextManager[Cache | None]:
    """The archive's cache; none for a release that is rebuilt, which is to prove itself."""
    if options.cache is False or archive.only is not None or archive.captured:
        return contextlib.nullcontext()
    folder = options.cache if isinstance(options.cache, Path) else None
    return open_cache(archive.root, folder, options.extract)


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


def _refuse_twice(
    archive: Archive, options: BuildOptions, out: Path, previous: Release | None
) -> None:
    """Refuse to make a version again that is published but not at hand. Raises CannotRun.

    Full and public releases are lines of their own.
    """
    places = {each: places_of(entry, options.access) for each, entry in archive.releases.items()}
    newest = max((each for each, where in places.items() if where), key=version_key, default=None)
    if newest is None or (previous and version_key(previous.version) >= version_key(newest)):
        return
    full, own = (folder_name(archive.name, access) for access in ("full", options.access))
    if options.access == "public" and previous is None and (out / full / newest).is_dir():
        return  # the first public release, beside the full one
    raise CannotRun(
        f"raw/releases.toml: version {newest} is published ({', '.join(places[newest])}), and "
        f"{'--previous is older' if options.previous else f'it is not in {out}'}",
        f"fetch that release, and put it into {own}/{newest} there or name it with --previous",
    )


def _ended_before(job: Job) -> Built[Release] | None:
    """What a build of the same found, if it changed nothing; else None."""
    key = _end_key(job, job.archive, job.earlier)
    found = job.cache.end(key) if job.cache and key else None
    if job.previous is None or found is None:
        return None
    try:
        findings, counts = ends.from_json(found)
    except BROKEN:
        return None
    return Built(job.previous, unchanged=True, signed=False, findings=findings, counts=counts)


def _end_key(job: Job, archive: Archive, earlier: Sequence[Release]) -> str | None:
    if job.cache is None:
        return None
    return ends.end_key(job.cache, archive, job.options, earlier, job.held)


def _noted(job: Job, built: Built[Release]) -> Built[Release]:
    """What a build gave, noted for the next one of the same; what that needs no more, removed."""
    if job.cache is None:
        return built
    job.cache.prune()
    archive, earlier = job.archive, job.earlier
    findings = _untold(built.findings, archive, built.release)
    gone = Counter(each.code for each in built.findings) - Counter(f.code for f in findings)
    counts = Counter(built.counts) - gone
    if not built.unchanged:  # the release before is this one now, and its date is in the archive
        if ends.told_of_promises(built.counts):
            return built
        archive = open_archive(archive.root)
        earlier = [built.release, *releases_at_hand(archive, job.out)]
    if key := _end_key(job, archive, earlier):
        job.cache.keep_end(key, ends.as_json(findings, counts))
    return built


def _build(job: Job) -> Built[Release]:
    job.engine.begin()
    # What they promised is read there, and files of the last are taken over.
    seen = check_all(job.earlier)
    job.work.mkdir()
    job.target.mkdir()
    sheets, withdrawn = _make_sheets(job)
    manifest = manifest_of(job.archive, table_entries(job.engine, sheets), job.options)
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
        shown, found = keep_shown(job.engine, job.archive, sheets, job.work)
        job.ledger.add(found)
    keeps = job.cache is not None and shown is None  # what a public release shows is no content
    written = None
    if job.cache and keeps:
        whole = seen.get(job.previous.root, {}) if job.previous else {}
        written = Written(job.previous, job.cache.known_shards(), whole)
    manifest = write_tables(job.engine, manifest, sheets, job.target, shown, written=written)
    if job.cache and written:
        job.cache.keep_shards(written.known)
    manifest, place = give_version(job, manifest)
    if place.exists():
        return made_meanwhile(job, place, manifest, sheets)
    facts = measure(Release(job.target, manifest))
    counts = {entry["name"]: entry["n_rows"] for entry in manifest["tables"]}
    job.ledger.add(denied(read_claims(job.archive), known(facts, counts)))
    if job.archive.only is None:
        today, last = job.options.today(), facts.last_retrieved
        job.ledger.add(odd_days(job.archive, manifest, job.previous, last, today))
    manifest |= restriction(facts)
    release = Release(job.target, manifest)
    pages = describe_release(source, manifest, facts, report_page(release, source, facts))
    refuse_withdrawn(release, pages, withdrawn)
    if shown:
        refuse_quotations(job.engine, release, pages, sheets, shown)
    return place_release(job, manifest, pages, place)


def _make_sheets(job: Job) -> tuple[Sheets, list[tuple[str, str]]]:
    """(the rows of every table but `changes`, withdrawn texts with their ids).

    Raises DataError if no article may be shown.
    """
    archive, work = job.archive, job.work
    takedowns = read_takedowns(archive, job.earlier)
    scanned, known = _scan(job, takedowns), published(archive, job.earlier)
    sheets, gone, found = gather(job.engine, archive, scanned, work, takedowns, known, job.cache)
    rejected = [each for part in scanned for each in part.rejected]
    taken = Taken(sheets, gone, takedowns, found, rejected)
    taken = take_down_copies(job.engine, archive, taken, job.earlier, work)
    sheets = with_former_ids(archive, taken.sheets, known, taken.takedowns.ids, work)
    taken = taken._replace(sheets=sheets)
    takedowns = taken.takedowns
    job.ledger.add(taken.findings)
    job.ledger.keep(taken.may_tell)
    none = no_articles(archive, taken, job.earlier)
    job.ledger.add(no_article_findings(none, job.previous))
    if archive.only is None:  # a release that is rebuilt made no promise but to be the same
        found = promises(archive, taken, job.previous, job.earlier, none)
        job.ledger.add(found)
        if has_errors(found):
            _refuse("a promise of an earlier release would be broken", found)
    withdrawn = takedowns.ids
    sheets, withdrawn = without_leads(archive.outlet_book(), sheets, withdrawn)
    sheets, right, found = correct(archive, sheets, scanned, work)
    _refuse_errors("the archive's own files correct what is not there", found)
    job.ledger.add(found)
    sheets["corrections"] = small_sheet(work, table_types()["corrections"], right)
    tombs, found = tombstones(archive, taken.gone, takedowns, job.earlier)
    _refuse_errors("the archive's own files tell of what is withdrawn", found)
    outlets = outlet_rows(archive.outlet_book().by_id.values(), table_types()["outlets"])
    sheets["outlets"] = small_sheet(work, table_types()["outlets"], outlets)
    sheets["withdrawn"] = small_sheet(work, table_types()["withdrawn"], [*tombs, *none])
    articles = read_index(sheets["articles"])
    if not articles.n_rows:
        _refuse("no capture gave an article that may be shown", job.ledger.kept)
    kept = (Path(each.annotations) for each in scanned if each.annotations)
    judged, found = annotation_rows(archive, sheets, kept)
    _refuse_errors("the archive's own files speak of articles that are not there", found)
    job.ledger.add(found)
    sheets["annotations"] = small_sheet(work, table_types()["annotations"], judged)
    sheets["links"] = link_texts(job.engine, sheets["articles"], articles, work)
    places = coverage_rows(archive, sheets, withdrawn, rejected)
    sheets["coverage"] = small_sheet(work, table_types()["coverage"], places)
    return sheets, withdrawn_texts(takedowns, taken.gone, job.earlier)


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


def _scan(job: Job, takedowns: Takedowns) -> list[Scanned]:
    private, is_answered = takedowns.private(), answered(job.archive)
    scanned = []
    reading = Reading(job.options.max_capture_bytes, job.options.extract)
    for each in read_all(job.engine, job.archive, reading, job.work, job.held, job.cache):
        job.ledger.add(
            told.finding for told in each.findings if not (told.ids & private or is_answered(told))
        )
        scanned.append(each._replace(findings=[]))
    job.ledger.add(step_findings(scanned, dated(job.archive)))
    return scanned
