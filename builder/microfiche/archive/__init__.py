"""The folder that releases are built from, as a value: what its own files say.

`opening` finds, parses and checks these files. A value knows nothing of what is done with it:
building, validating and the like are verbs of `library`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from microfiche.archive.withdrawals import in_force
from microfiche.finding import Finding
from microfiche.outlets.lookup import Outlets

DEFAULT_CAPTURE_LIMIT = 64 << 20


@dataclass(frozen=True)
class Archive:
    """An archive as its own files describe it.

    dataset       raw/dataset.toml
    outlets       outlet files, parsed, by id
    aliases       lines of raw/aliases.jsonl
    annotations   lines of raw/annotations.jsonl
    corrections   lines of raw/corrections.jsonl
    replaced      lines of raw/replaced.jsonl
    withdrawals   lines of raw/withdrawals.jsonl, also those that lift one
    releases      raw/releases.toml: by version its date of issue, DOI and where it is published
    reserved      the same file: what is reserved for the next release, by access
    findings      what is wrong with these files
    files         their octets, by path, as they were read: a release carries these
    captured      folder of captures/ if that is not raw/ (a release rebuilt)
    only          capture and rejected ids to be read, all others being passed over; None: all
    tombstones    rows of `withdrawn` that captures need not show any more (a release rebuilt)
    source        folder of the release that is rebuilt; None: none is
    expected      rows of `coverage` that stand for the lists under raw/expected/ (also then)
    """

    root: Path
    dataset: Mapping[str, Any]
    outlets: Sequence[Mapping[str, Any]]
    aliases: Sequence[Mapping[str, str]] = ()
    annotations: Sequence[Mapping[str, Any]] = ()
    corrections: Sequence[Mapping[str, Any]] = ()
    replaced: Sequence[Mapping[str, Any]] = ()
    withdrawals: Sequence[Mapping[str, Any]] = ()
    releases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reserved: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    captured: Path | None = None
    only: frozenset[str] | None = None
    tombstones: Sequence[Mapping[str, Any]] = ()
    source: Path | None = None
    expected: Sequence[Mapping[str, Any]] | None = None

    @property
    def holdings(self) -> Path:
        """Folder of captures/."""
        return self.captured or self.raw

    @property
    def raw(self) -> Path:
        """Folder of captures and of what describes them."""
        return self.root / "raw"

    @property
    def name(self) -> str:
        """Slug of the dataset."""
        return str(self.dataset["name"])

    @cached_property
    def in_force(self) -> Mapping[str, Mapping[str, Any]]:
        """The line by which each withdrawn article is withdrawn, by its id."""
        return in_force(self.withdrawals)

    def withdrawn_roots(self) -> dict[str, str]:
        """Every id that is withdrawn, with the one whose line says so: its own, or an alias's.

        What an alias that is withdrawn became is withdrawn too.
        """
        roots = {each: each for each in self.in_force}
        grown = True
        while grown:
            stated = [each for each in self.aliases if each["old_id"] in roots]
            found = {each["new_id"]: roots[each["old_id"]] for each in stated}
            grown = not found.keys() <= roots.keys()
            roots = found | roots
        return roots

    def outlet_book(self) -> Outlets:
        """The outlets, ready to look up."""
        return self._outlet_book

    @cached_property
    def _outlet_book(self) -> Outlets:
        return Outlets(self.outlets)


def draft_reasons(dataset: Mapping[str, Any]) -> list[str]:
    """What a dataset file lacks for a release that may be published."""
    reasons = []
    if not dataset.get("creators"):
        reasons.append("no creators are named")
    if not dataset.get("license"):
        reasons.append("no license is stated")
    return reasons
