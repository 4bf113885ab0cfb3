"""The pipeline: an archive becomes the next release, or is found unchanged.

The only place that knows the order of the stages, each pure over files. `build` runs them: `scan`
a chunk of captures into sheets; link captures and collate the groups (`gather`); put right what is
corrected (`correcting`); link articles whose texts are alike (`reprints`); say what is there and
what is not (`coverage`); write each shard (`writing`); compare with the release before, which gives
the version (`manifest`); for a public release show what rights allow (`showing`). `validation` runs
the first stages and writes nothing, `rebuilding` and `rehydrating` run them again for a release
that is there.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from microfiche.archive import DEFAULT_CAPTURE_LIMIT
from microfiche.engine import Progress, silent
from microfiche.finding import Finding
from microfiche.release import Release

AnyRelease = TypeVar("AnyRelease", bound=Release)
Other = TypeVar("Other", bound=Release)


@dataclass(frozen=True)
class BuildOptions:
    """How to build. None: the default that the command line documents.

    `cache` is a folder to keep what was read in, True for the archive's own, False for none.
    `engine` is local, or dask: a cluster, whose `scheduler` has this address.
    """

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
    reread: bool = False
    cache: Path | bool = True
    engine: str = "local"
    scheduler: str | None = None
    today: Callable[[], datetime.date] = datetime.date.today


@dataclass(frozen=True)
class Rehydrated(Generic[AnyRelease]):
    """A release with texts put back: how many, and ids of articles whose text stays withheld."""

    release: AnyRelease
    put_back: int
    still_withheld: tuple[str, ...]

    def with_release(self, release: Other) -> Rehydrated[Other]:
        """The same, of the release as another kind of value."""
        return Rehydrated(release, self.put_back, self.still_withheld)


@dataclass(frozen=True)
class Built(Generic[AnyRelease]):
    """What a build did: the release, whether it was there already, whether it was signed now.

    `findings` are errors and warnings in order, at most 100 of a code; `counts` counts them all.
    """

    release: AnyRelease
    unchanged: bool
    signed: bool
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]

    def with_release(self, release: Other) -> Built[Other]:
        """The same, of the release as another kind of value."""
        return Built(release, self.unchanged, self.signed, self.findings, self.counts)

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
