"""An archive on disk: the folder with raw/ and DATASHEET.md that releases are built from.

Owns finding, parsing and checking the files that describe it, and starting a new one. Captures
are `capture`'s, building is `build`'s.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from microfiche.dates import is_day
from microfiche.errors import DataError, unusable
from microfiche.finding import Finding
from microfiche.outlet import Outlets, check_entry
from microfiche.schema import record_type, toml_data

if TYPE_CHECKING:
    from microfiche.build import BuildOptions, Built
    from microfiche.learning import Learned
    from microfiche.validation import Validation

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

    def validate(
        self,
        *,
        max_capture_bytes: int = DEFAULT_CAPTURE_LIMIT,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Validation:
        """Every finding on the archive, sorted; writes nothing. Raises MicroficheError."""
        from microfiche.engine import silent
        from microfiche.validation import validate

        return validate(self, max_capture_bytes, progress or silent)

    def build(self, options: BuildOptions | None = None) -> Built:
        """Build the next release, or find that nothing changed. Raises MicroficheError."""
        from microfiche.build import BuildOptions, build

        return build(self, options or BuildOptions())

    def learn(self, outlet: str | None = None) -> list[Learned]:
        """Learn recurring lines into raw/outlets/<id>.boilerplate.toml. Raises MicroficheError."""
        from microfiche.learning import learn

        return learn(self, outlet)


def draft_reasons(dataset: Mapping[str, Any]) -> list[str]:
    """What a dataset file lacks for a release that may be published."""
    reasons = []
    if not dataset.get("creators"):
        reasons.append("no creators are named")
    if not dataset.get("license"):
        reasons.append("no license is stated")
    return reasons


def open_archive(root: Path | str = ".") -> Archive:
    """The archive at `root`; faults in its files are findings of it.

    Raises DataError if there is no archive, CannotRun if a file cannot be read.
    """
    root = Path(root)
    if not (root / "raw" / "dataset.toml").is_file():
        raise DataError(
            f"{root}: no archive here, raw/dataset.toml is missing",
            "give the archive's folder, or start one with `microfiche init`",
        )
    try:
        return _read_archive(root)
    except OSError as error:
        raise unusable(error.filename or root, error) from error


def _read_archive(root: Path) -> Archive:
    findings: list[Finding] = []
    dataset = _toml(root, "raw/dataset.toml", "dataset", findings)
    outlets = [
        entry
        for file in sorted((root / "raw" / "outlets").glob("*.toml"))
        if not file.name.endswith(LEARNED)
        if (entry := _outlet(root, f"raw/outlets/{file.name}", findings))
    ]
    for file in sorted((root / "raw" / "outlets").glob(f"*{LEARNED}")):
        if not file.with_name(file.name.removesuffix(LEARNED) + ".toml").is_file():
            message = "learned lines of an outlet that has no file"
            findings.append(Finding(f"raw/outlets/{file.name}", "", "MF203", message))
    for host, first, second in Outlets(outlets).conflicts():
        message = f"host {host} is claimed by {first} and by {second}"
        findings.append(Finding(f"raw/outlets/{second}.toml", "/domains", "MF202", message))
    if not (root / "DATASHEET.md").is_file():
        findings.append(Finding("DATASHEET.md", "", "MF101", "the archive has no datasheet"))
    return Archive(
        root=root,
        dataset=dataset,
        outlets=outlets,
        aliases=_lines(root, "raw/aliases.jsonl", "alias", findings),
        withdrawals=_lines(root, "raw/withdrawals.jsonl", "withdrawal", findings),
        releases=_releases(root, findings),
        findings=tuple(findings),
    )


def _parsed(root: Path, where: str, findings: list[Finding]) -> Any:
    """A TOML file as data, or None and a finding."""
    try:
        if not (root / where).is_file():
            raise ValueError("not a regular file")  # a pipe would never end
        return toml_data((root / where).read_bytes().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        findings.append(Finding(where, "", "MF103", f"no TOML: {error}"))
        return None


def _toml(root: Path, where: str, schema: str, findings: list[Finding]) -> Mapping[str, Any]:
    value = _parsed(root, where, findings)
    if value is None:
        return {}
    kind = record_type(schema)
    if not kind.is_valid(value):
        findings += [
            Finding(where, pointer, "MF102", message) for pointer, message in kind.explain(value)
        ]
    return dict(value)


def _outlet(root: Path, where: str, findings: list[Finding]) -> Mapping[str, Any] | None:
    """An outlet file with the lines learned of the outlet as `learned`; None if it has faults."""
    entry = _parsed(root, where, findings)
    if entry is None:
        return None
    faults = check_entry(entry, where)
    findings += faults
    if faults:
        return None
    return {**entry, "learned": _learned(root, where.removesuffix(".toml") + LEARNED, findings)}


def _learned(root: Path, where: str, findings: list[Finding]) -> list[str]:
    """The learned lines that are to be taken out."""
    if not os.path.lexists(root / where):
        return []
    known = _toml(root, where, "boilerplate", findings)
    if not record_type("boilerplate").is_valid(known):
        return []
    return [each["line"] for each in known["lines"] if each.get("apply", True)]


def _lines(root: Path, where: str, schema: str, findings: list[Finding]) -> list[dict[str, Any]]:
    """The good lines of a JSONL file of the archive, in order; the others are findings."""
    file, kind, good = root / where, record_type(schema), []
    if os.path.lexists(file) and not file.is_file():
        findings.append(Finding(where, "", "MF103", "not a regular file"))
    for number, raw in enumerate(file.read_bytes().splitlines() if file.is_file() else [], 1):
        try:
            value = orjson.loads(raw)
        except ValueError as error:
            findings.append(Finding(where, f"line {number}", "MF103", f"no JSON: {error}"))
            continue
        if kind.is_valid(value):
            good.append(value)
        else:
            findings += [
                Finding(where, f"line {number}, {pointer}", "MF102", message)
                for pointer, message in kind.explain(value)
            ]
    return good


def _releases(root: Path, findings: list[Finding]) -> Mapping[str, Mapping[str, Any]]:
    """raw/releases.toml: `[versions."1.0.0"]` with `issued`, `doi` and `published`."""
    where = "raw/releases.toml"
    if not (root / where).is_file():
        return {}
    versions = (_parsed(root, where, findings) or {}).get("versions", {})
    good = isinstance(versions, dict) and all(map(_is_version_entry, versions.values()))
    if not good:
        message = (
            'expected [versions."X.Y.Z"] tables: issued = "YYYY-MM-DD", doi = "10.…", '
            'published = ["where", …]'
        )
        findings.append(Finding(where, "/versions", "MF102", message))
        return {}
    return dict(versions)


def _is_version_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or not is_day(entry.get("issued", "2000-01-01")):
        return False
    published = entry.get("published", [])
    others = [value for key, value in entry.items() if key != "published"]
    return isinstance(published, list) and all(
        isinstance(value, str) and value.isprintable() for value in (*published, *others)
    )
