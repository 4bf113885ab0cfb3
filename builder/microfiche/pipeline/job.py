"""What one build works with, and what it finds on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from microfiche.archive import Archive
from microfiche.engine import Engine
from microfiche.finding import Finding
from microfiche.pipeline import BuildOptions, Built
from microfiche.pipeline.cache import Cache
from microfiche.pipeline.recognising import NOTHING, Holdings
from microfiche.pipeline.validation import releases_at_hand
from microfiche.release import Release

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

    def keep(self, tells: Callable[[Finding], bool]) -> None:
        """Forget the findings that may not be told."""
        self.counts -= Counter(each.code for each in self.kept if not tells(each))
        self.kept = [each for each in self.kept if tells(each)]

    def built(self, release: Release, *, unchanged: bool, signed: bool) -> Built[Release]:
        """The result of a build with these findings."""
        return Built(release, unchanged, signed, tuple(sorted(self.kept)), dict(self.counts))


@dataclass(frozen=True)
class Job:
    """What one build works with; `folder` is its own and gone afterwards."""

    archive: Archive
    options: BuildOptions
    previous: Release | None
    out: Path
    folder: Path
    engine: Engine
    ledger: Ledger
    cache: Cache | None = None
    held: Holdings = NOTHING

    @property
    def work(self) -> Path:
        """Folder of sheets, and of what workers share."""
        return self.folder / "work"

    @cached_property
    def earlier(self) -> list[Release]:
        """The release before, then every other at hand; none for a release that is rebuilt."""
        if self.archive.only is not None:
            return []
        known = [self.previous] if self.previous else []
        return [*known, *releases_at_hand(self.archive, self.out)]

    @property
    def target(self) -> Path:
        """Folder of the release, until it is put in its place."""
        return self.folder / "release"
