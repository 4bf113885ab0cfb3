"""What the next release of an archive would be, built aside and thrown away; with every finding."""

from __future__ import annotations

import dataclasses
import datetime
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from microfiche.archive import DEFAULT_CAPTURE_LIMIT, Archive
from microfiche.captures.lines import locate
from microfiche.describe.facts import measure
from microfiche.describe.source import release_source
from microfiche.engine import Progress, silent
from microfiche.errors import DataError
from microfiche.extract.alone import lines_alone
from microfiche.extract.looking import OUTSIDE
from microfiche.finding import CODES, Finding
from microfiche.pipeline import BuildOptions
from microfiche.pipeline.build import build
from microfiche.pipeline.inspecting import captures_in
from microfiche.pipeline.validation import latest_release, validate
from microfiche.release import Release
from microfiche.report.causes import Look, causes_of
from microfiche.report.coverage import Place, coverage_of
from microfiche.report.page import archive_page

RAW, CAPTURES = "raw/", "raw/captures/"
LARGEST = 5 << 20  # bytes of a file of which a finding's capture is looked up


class Preview(NamedTuple):
    """What validation finds in an archive, and the release that it would give.

    `release` is the one before if nothing changes, and None if none can be built: `refusal` says
    why.
    """

    findings: tuple[Finding, ...]
    n_captures: int
    release: Release | None
    unchanged: bool
    refusal: str | None


@contextmanager
def preview(archive: Archive, progress: Progress = silent) -> Iterator[Preview]:
    """The next release of an archive, in a folder that is gone afterwards.

    Nothing is written but the cache. Raises MicroficheError if the archive cannot be read.
    """
    checked = validate(archive, DEFAULT_CAPTURE_LIMIT, progress)
    known = (checked.findings, checked.n_captures)
    previous = latest_release(archive)
    with tempfile.TemporaryDirectory(prefix="microfiche-") as folder:
        options = BuildOptions(
            out=Path(folder),
            date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
            previous=previous.root if previous else None,
            reread=True,
            progress=progress,
        )
        try:  # what is reserved for a release, or was published, is not this one's
            built = build(dataclasses.replace(archive, reserved={}, releases={}), options)
        except DataError as error:
            yield Preview(*known, None, unchanged=False, refusal=error.message)
            return
        yield Preview(*known, built.release, unchanged=built.unchanged, refusal=None)


def report(archive: Archive, progress: Progress = silent) -> bytes:
    """The page of an archive: what to do, and what its next release would be."""
    with preview(archive, progress) as found:
        causes = causes_of(found.findings, lambda each: _look(archive, each))
        title = str(archive.dataset.get("title") or archive.root.name)
        if found.release is None:
            return archive_page(title, causes, found.n_captures, refusal=found.refusal)
        release = found.release
        described = (release, release_source(release), measure(release))
        return archive_page(
            title, causes, found.n_captures, described=described, unchanged=found.unchanged
        )


def coverage(archive: Archive, progress: Progress = silent) -> list[Place]:
    """What the next release would have and lack. Raises DataError if there can be none."""
    with preview(archive, progress) as found:
        if found.release is None:
            raise DataError(f"{archive.root}: {found.refusal}", "see `microfiche validate`")
        return coverage_of(found.release)


def _look(archive: Archive, finding: Finding) -> Look:
    """Where a finding stands, and what its capture was read as."""
    path, line = locate(archive.root, finding)
    file = archive.root / finding.where
    if not finding.where.startswith(CAPTURES) or not file.is_file():
        return Look(path, line)
    if file.stat().st_size > LARGEST:
        return Look(path, line)
    for capture, outlet, _ in captures_in(archive, finding.where.removeprefix(RAW)):
        if capture.place not in ("", finding.place.partition(",")[0]):
            continue
        url = capture.retrieval.get("url") or (capture.record or {}).get("url")
        broken = any(CODES[fault.code].severity == "error" for fault in capture.faults)
        readable = capture.media_type and not broken and (capture.body or capture.record)
        kinds = lines_alone(capture, outlet) if readable else []
        told = [(each.kind, each.line) for each in kinds if each.kind != OUTSIDE]
        return Look(path, line, url, tuple(told))
    return Look(path, line)
