"""The folder that releases are built from, as a value: what its own files say.

`opening` finds, parses and checks these files. A value knows nothing of what is done with it:
building, validating and the like are verbs of `library`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from microfiche.finding import Finding
from microfiche.outlets.lookup import Outlets

# For these reasons a tombstone tells nothing of the article but its id.
PRIVATE_REASONS = ("privacy", "safety")


DEFAULT_CAPTURE_LIMIT = 64 << 20
LEARNED = ".boilerplate.toml"


@dataclass(frozen=True)
class Archive:
    """An archive as its own files describe it.

    dataset       raw/dataset.toml
    outlets       outlet files, parsed, by id
    aliases       lines of raw/aliases.jsonl
    withdrawals   lines of raw/withdrawals.jsonl
    releases      raw/releases.toml: by version its date of issue, DOI and where it is published
    findings      what is wrong with these files
    captured      folder of captures/ if that is not raw/ (a release rebuilt)
    only          capture and rejected ids to be read, all others being passed over; None: all
    tombstones    rows of `withdrawn` that captures need not show any more (a release rebuilt)
    expected      rows of `gaps` that stand for the lists under raw/expected/ (a release rebuilt)
    """

    root: Path
    dataset: Mapping[str, Any]
    outlets: Sequence[Mapping[str, Any]]
    aliases: Sequence[Mapping[str, str]] = ()
    withdrawals: Sequence[Mapping[str, Any]] = ()
    releases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    captured: Path | None = None
    only: frozenset[str] | None = None
    tombstones: Sequence[Mapping[str, Any]] = ()
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

    def withdrawn_ids(self) -> frozenset[str]:
        """Every id that is withdrawn: by itself, or as what an alias that is withdrawn became."""
        ids = {line["article_id"] for line in self.withdrawals}
        while found := {a["new_id"] for a in self.aliases if a["old_id"] in ids} - ids:
            ids |= found
        return frozenset(ids)

    def outlet_book(self) -> Outlets:
        """The outlets, ready to look up."""
        return Outlets(self.outlets)


def draft_reasons(dataset: Mapping[str, Any]) -> list[str]:
    """What a dataset file lacks for a release that may be published."""
    reasons = []
    if not dataset.get("creators"):
        reasons.append("no creators are named")
    if not dataset.get("license"):
        reasons.append("no license is stated")
    return reasons
