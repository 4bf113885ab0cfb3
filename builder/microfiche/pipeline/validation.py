"""Every finding on an archive: its own files, each capture, and what earlier releases promised."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import Archive, draft_reasons
from microfiche.archive.files import CARD, DATASHEET, LEARNED, OUTLETS
from microfiche.captures import PAGE_MEDIA, TEXT_MEDIA
from microfiche.captures.expected import expected_findings
from microfiche.describe.claims import Known, denied, known, read_claims
from microfiche.describe.facts import FACT_COLUMNS, Facts
from microfiche.describe.questions import read_answers, unknown_blocks
from microfiche.engine import Progress, local_engine, silent
from microfiche.errors import MicroficheError
from microfiche.finding import Finding, has_errors
from microfiche.pipeline.annotations import annotation_rows
from microfiche.pipeline.cache import open_cache
from microfiche.pipeline.collating import Sheets, published
from microfiche.pipeline.correcting import answered, correct, dated
from microfiche.pipeline.coverage import coverage_rows
from microfiche.pipeline.gather import gather
from microfiche.pipeline.promises import promises
from microfiche.pipeline.recalling import Reading, read_all
from microfiche.pipeline.recognising import recognise
from microfiche.pipeline.replacing import with_former_ids
from microfiche.pipeline.rereading import no_article_findings, no_articles
from microfiche.pipeline.scan import step_findings
from microfiche.pipeline.takedowns import read_takedowns
from microfiche.pipeline.withdrawing import Taken, take_down_copies, tombstones
from microfiche.release import Release, folder_name
from microfiche.release.opening import open_release, refuse_broken, releases_of
from microfiche.tables.sheets import read_index, read_sheet

# Of a file that may be no TOML.
HOST_LINE = re.compile(r"""^\s*["']?host["']?\s*=\s*["']([^"']+)["']""", re.MULTILINE)
ID_LINE = re.compile(r"""^\s*["']?id["']?\s*=\s*["']([^"']+)["']""", re.MULTILINE)


LEARNED_OF, ENOUGH = (PAGE_MEDIA, TEXT_MEDIA), 3


@dataclass(frozen=True)
class Validation:
    """What a validation found: findings in order, how many captures were read, what it leaves open.

    n_missing   expected addresses that were never captured
    unlearned   ids of outlets with pages and texts, of which nobody has looked for lines that recur
    """

    findings: tuple[Finding, ...]
    n_captures: int
    n_missing: int = 0
    unlearned: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error among the findings."""
        return not has_errors(self.findings)


def validate(archive: Archive, max_capture_bytes: int, progress: Progress = silent) -> Validation:
    """Validate an archive; writes but its cache. Raises MicroficheError if it cannot be read."""
    findings = [*archive.findings, *archive_findings(archive)]
    parts = []
    with tempfile.TemporaryDirectory(prefix="microfiche-") as folder:
        work, earlier = Path(folder), list(releases_at_hand(archive))
        takedowns = read_takedowns(archive, earlier)
        private, reading = takedowns.private(), Reading(max_capture_bytes)
        is_answered = answered(archive)
        with (
            open_cache(archive.root, None, reading.extract) as cache,
            local_engine(os.cpu_count() or 1, progress) as engine,
        ):
            engine.begin()
            held = recognise(engine, archive, cache)
            for scanned in read_all(engine, archive, reading, work, held, cache):
                told = (
                    each
                    for each in scanned.findings
                    if not (each.ids & private or is_answered(each))
                )
                findings += (each.finding for each in told)
                parts.append(scanned._replace(findings=[]))
            findings += step_findings(parts, dated(archive))
            known_ids = published(archive, earlier)
            sheets, gone, found = gather(engine, archive, parts, work, takedowns, known_ids, cache)
            rejected = [each for part in parts for each in part.rejected]
            taken = Taken(sheets, gone, takedowns, found, rejected)
            taken = take_down_copies(engine, archive, taken, earlier, work)
            ids = taken.takedowns.ids
            sheets = with_former_ids(archive, taken.sheets, known_ids, ids, work)
            taken = taken._replace(sheets=sheets)
        findings = [*filter(taken.may_tell, findings), *taken.findings]
        findings += denied(read_claims(archive), _known(archive, taken.sheets))
        previous, none = latest_release(archive), no_articles(archive, taken, earlier)
        findings += no_article_findings(none, previous)
        kept = (Path(each.annotations) for each in parts if each.annotations)
        findings += annotation_rows(archive, taken.sheets, kept)[1]
        findings += correct(archive, taken.sheets, parts, work).findings
        findings += promises(archive, taken, previous, earlier, none)
        findings += tombstones(archive, taken.gone, taken.takedowns, earlier)[1]
        places = coverage_rows(archive, taken.sheets, taken.takedowns.ids, rejected)
        missing = sum((row["kind"], row["state"]) == ("address", "missing") for row in places)
        unlearned = tuple(_unlearned(archive, taken.sheets))
    findings = _without_followers(archive, findings)
    n_captures = sum(each.n_captures for each in parts)
    return Validation(tuple(sorted(set(findings))), n_captures, missing, unlearned)


def _unlearned(archive: Archive, sheets: Sheets) -> Iterator[str]:
    """Outlets with enough pages and texts to learn from, and no file of learned lines."""
    counts: Counter[str] = Counter()
    for sheet in sheets["captures"]:
        table = read_sheet(sheet, ["outlet_id", "media_type", "article_id"])
        shown = pc.and_(
            pc.is_in(table["media_type"], pa.array(LEARNED_OF)), pc.is_valid(table["article_id"])
        )
        counts.update(table.filter(shown)["outlet_id"].to_pylist())
    for outlet_id, count in sorted(counts.items()):
        if count >= ENOUGH and f"{OUTLETS}{outlet_id}{LEARNED}" not in archive.files:
            yield outlet_id


def _without_followers(archive: Archive, findings: Sequence[Finding]) -> list[Finding]:
    """Findings, less those that follow from a broken outlet file; of these a count at the file.

    A capture of its hosts, or that states its id, is of no outlet until it is mended.
    """
    waiting: Counter[str] = Counter()
    kept = list(findings)
    for where in _broken_outlets(archive):
        text = archive.files[where].decode("utf-8", "replace")
        hosts = {match[1].casefold() for match in HOST_LINE.finditer(text)}
        told = {
            *(("MF402", f"host {host} is of no outlet") for host in hosts),
            *(("MF403", repr(each)) for each in (Path(where).stem, *ID_LINE.findall(text))),
        }
        left = [each for each in kept if not any(_tells(each, *one) for one in told)]
        waiting[where] = len(kept) - len(left)
        kept = left
    return [*kept, *(Finding(w, "", "MF206", f"{n:,} of them") for w, n in waiting.items() if n)]


def _tells(finding: Finding, code: str, message: str) -> bool:
    return finding.code == code and finding.message.startswith(message)


def _broken_outlets(archive: Archive) -> list[str]:
    """Outlet files that cannot be used."""
    wrong = {each.where for each in archive.findings if each.severity == "error"}
    names = (where for where in archive.files if where.startswith(OUTLETS))
    return [where for where in names if where in wrong and not where.endswith(LEARNED)]


def _known(archive: Archive, sheets: Sheets) -> Known:
    """What the captures give once collated, as a build would count it."""
    facts = Facts()
    for sheet in sheets["articles"]:
        facts.add_articles(read_sheet(sheet, FACT_COLUMNS), {})
    counts = {name: read_index(held).n_rows for name, held in sheets.items()}
    return known(facts, {**counts, "outlets": len(archive.outlets)})


def latest_release(
    archive: Archive, out: Path | None = None, access: str = "full"
) -> Release | None:
    """The highest version of this dataset and access in `out` (ARCHIVE/dist by default)."""
    if has_errors(archive.findings):
        return None
    folder = (out or archive.root / "dist") / folder_name(archive.name, access)
    refuse_broken(folder)
    found = releases_of(folder)
    return open_release(found[-1]) if found else None


def releases_at_hand(archive: Archive, out: Path | None = None) -> Iterator[Release]:
    """Every release of this dataset in `out` and in ARCHIVE/dist, full or public, newest first."""
    if "name" not in archive.dataset:
        return
    folders = dict.fromkeys([out or archive.root / "dist", archive.root / "dist"])
    for folder in folders:
        for access in ("full", "public"):
            for place in reversed(releases_of(folder / folder_name(archive.name, access))):
                with contextlib.suppress(MicroficheError):  # a broken one knows nothing
                    yield open_release(place)


def archive_findings(archive: Archive) -> Iterator[Finding]:
    """Findings on the archive's describing files that their schemas cannot make."""
    where = "raw/dataset.toml"
    reasons = draft_reasons(archive.dataset)
    unread = any((each.where, each.severity) == (where, "error") for each in archive.findings)
    if reasons and not unread:
        yield Finding(where, "", "MF104", ", ".join(reasons))
    for entry in archive.outlets:
        if not entry.get("rights", {}).get("basis"):
            file = f"raw/outlets/{entry['id']}.toml"
            yield Finding(file, "/rights/basis", "MF106", f"outlet {entry['id']}: none recorded")
    if archive.expected is None:
        yield from expected_findings(archive.raw)
    yield from page_findings(archive.files)


def page_findings(files: Mapping[str, bytes]) -> Iterator[Finding]:
    """Questions of the datasheet left open, and placeholders in it and in the card."""
    for where in (DATASHEET, CARD):
        if where not in files:
            continue
        page = files[where].decode("utf-8").replace("\r\n", "\n")
        answers = read_answers(page)
        for section, numbers in answers.missing.items() if where == DATASHEET else ():
            shown = ", ".join(map(str, numbers))
            yield Finding(where, section, "MF110", f"numbers {shown}")
        for line, words in answers.placeholders:
            yield Finding(where, f"line {line}", "MF111", repr(words))
        for name in unknown_blocks(page):
            yield Finding(where, "", "MF111", f"no generated block is called {name!r}")
