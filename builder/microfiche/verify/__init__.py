"""Everything that a release alone can prove, check by check. Needs no archive and no network.

Files may be links, as in a snapshot that the Hub's client keeps; what a host adds is named and
left alone, every other unlisted file is refused. `files` checks the bytes, `rows` the records,
`references` what they say of each other, `descriptions` what is said of them, `chain` the releases
that came before. `sizes` bounds what small files may unpack to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from microfiche.describe.facts import measure
from microfiche.describe.source import release_source
from microfiche.engine import Progress, local_engine, silent
from microfiche.errors import MicroficheError, Unreachable, UsageError
from microfiche.release import Release
from microfiche.release.opening import open_release
from microfiche.release.signing import signature_faults
from microfiche.release.subset import select
from microfiche.verify.chain import check_chain
from microfiche.verify.descriptions import check_card, check_descriptions, check_marks
from microfiche.verify.files import check_files, irregular
from microfiche.verify.references import check_references
from microfiche.verify.rows import BROKEN, check_load, check_records, check_tables, look, told
from microfiche.verify.rules import (
    LOADED,
    REBUILT,
    REGULAR,
    RELEASE,
    SIGNED,
    SUBSET,
    UNREADABLE,
    Rule,
)
from microfiche.verify.sizes import oversized

MAX_FAULTS = 20
# Rows that one process looks through as soon as several are started.
FEW_ROWS = 5_000
Check = Callable[[], tuple[str, list[str]]]
Rebuild = Callable[[Release], tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check: its name, what it covered in words, and what it found wrong (empty: it holds)."""

    check: str
    covered: str
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the check holds."""
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        """The verdict as `verify --format json` prints it."""
        return {"check": self.check, "ok": self.ok, "covered": self.covered, "faults": self.faults}


def verify(
    root: Path,
    *,
    load: bool = False,
    rebuild: Rebuild | None = None,
    key: Path | None = None,
    cited: tuple[str, str] | None = None,
    workers: int = 1,
    progress: Progress = silent,
) -> list[Verdict]:
    """Verdicts of every check, in order.

    Raises UsageError for an expression that is none, WorkerLost if a worker was killed.

    `rebuild` builds the release anew and says what was found and what is wrong. `cited` is a subset
    as a citation gives it: its expression and the digest of its members. `workers` are the
    processes that look through a release of many rows.
    """
    verdicts = [_guarded("files", lambda: check_files(root))]
    if odd := irregular(root):
        return [
            *verdicts,
            Verdict("release.json", "not looked at", (REGULAR(f"{odd[0]}: no file"),)),
        ]
    try:
        release = open_release(root)
    except MicroficheError as error:
        return [*verdicts, Verdict("release.json", "opened", (RELEASE(str(error)),))]
    if large := oversized(release):
        return [*verdicts, Verdict("tables", "not read", tuple(large[:MAX_FAULTS]))]
    verdicts += _rows(release, workers, progress)
    checks: list[tuple[str, Check]] = [
        ("references", lambda: check_references(release)),
        *_described(release),
        ("chain", lambda: check_chain(release)),
        ("signature", lambda: _by(SIGNED, signature_faults(root, key))),
    ]
    if cited:
        checks.append(("subset", lambda: check_subset(release, *cited)))
    if load:
        checks.append(("load_dataset", lambda: check_load(release)))
    if rebuild:
        checks.append(("rebuild", lambda: _by(REBUILT, rebuild(release))))
    stopped_by = {"load_dataset": LOADED, "rebuild": REBUILT}
    return verdicts + [
        _guarded(name, check, stopped_by.get(name, UNREADABLE)) for name, check in checks
    ]


def _rows(release: Release, workers: int, progress: Progress) -> list[Verdict]:
    """The checks of the tables' files and of their rows, which are read once for both."""
    many = sum(entry["n_rows"] for entry in release.manifest["tables"]) > FEW_ROWS
    with local_engine(workers if many else 1, progress) as engine:
        try:
            looked = look(engine, release)
        except Unreachable:
            raise
        except BROKEN as error:
            return [Verdict("tables", "could not be read", (UNREADABLE(told(error)),))]
        return [
            _guarded("tables", lambda: check_tables(release, looked)),
            _guarded("records", lambda: check_records(engine, release, looked)),
        ]


def _described(release: Release) -> list[tuple[str, Check]]:
    """The checks that need the release's own describing files and what its rows give."""
    try:
        source, facts = release_source(release), measure(release)
    except BROKEN as error:
        fault = UNREADABLE(told(error))
        return [("descriptions", lambda: ("could not be read", [fault]))]
    return [
        ("descriptions", lambda: check_descriptions(release, source, facts)),
        ("card", lambda: check_card(release, source, facts)),
        ("marks", lambda: check_marks(release, source, facts)),
    ]


def _by(rule: Rule, checked: tuple[str, list[str]]) -> tuple[str, list[str]]:
    """What a check found, each fault with its rule."""
    covered, faults = checked
    return covered, [rule(fault) for fault in faults]


def check_subset(release: Release, where: str, members: str) -> tuple[str, list[str]]:
    """A subset against the digest of its members as cited. Raises UsageError."""
    found = select(release, where)
    stated = members.removeprefix("sha256:")
    wrong = SUBSET(f"the digest of the members is {found.members}, the citation says {stated}")
    return f"{found.count:,} articles where {found.where}", [wrong] * (found.members != stated)


def _guarded(name: str, check: Check, stopped_by: Rule = UNREADABLE) -> Verdict:
    """Run a check; whatever a broken file makes a library raise is a fault of the release."""
    try:
        covered, faults = check()
    except (UsageError, Unreachable):
        raise
    except BROKEN as error:
        return Verdict(name, "could not be finished", (stopped_by(told(error)),))
    more = [f"and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
    return Verdict(name, covered, tuple(faults[:MAX_FAULTS] + more))
