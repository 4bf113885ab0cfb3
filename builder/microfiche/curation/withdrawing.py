"""Withdrawing an article: the lines that do it, and every copy that somebody must see to.

The next release leaves the article out of every table and keeps a tombstone for each of its ids.
Releases that are out already are never changed; this module says where they are.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from microfiche.archive import Archive
from microfiche.captures.retrieval import LINES_FILE, SIDECAR, folder_lines
from microfiche.dates import is_day
from microfiche.errors import DataError, UsageError, unusable
from microfiche.release import Release, folder_name
from microfiche.release.opening import open_release, releases_of
from microfiche.schema import record_type

# What to do with a copy, by the scheme of where it was published.
AT_HOSTS: Mapping[str, str] = {
    "hf": "make the repository private or gated, publish the next release there, then have the "
    "old files removed from its history (super_squash_history); its tags keep them otherwise",
    "zenodo": "restrict the record's files, or ask Zenodo to remove them; the DOI and its "
    "landing page stay; publish the next release as a new version",
    "s3": "delete the release's objects with all their versions, and any copy behind a cache",
    "file": "remove the release's folder, and tell whoever reads it there",
}
ELSEWHERE = "ask whoever runs it to take the release down and to name the next one instead"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a withdrawn article: where it is, and what to do there."""

    where: str
    remedy: str


@dataclass(frozen=True)
class Withdrawn:
    """What a withdrawal wrote and found.

    article_ids   the article's id and its aliases, each withdrawn by a line of its own
    already       whether all of them were withdrawn before
    copies        every copy known of
    """

    article_ids: tuple[str, ...]
    already: bool
    copies: tuple[Copy, ...]


def withdraw(
    archive: Archive,
    article_id: str,
    statement: Mapping[str, str | None],
    today: Callable[[], datetime.date] = datetime.date.today,
) -> Withdrawn:
    """Withdraw an article by its id or an alias.

    `statement` has `reason`, `authority` and, if known, `date` and `note`. Raises DataError for
    an article of no release, UsageError for a statement that its schema refuses, CannotRun.
    """
    releases = list(_releases(archive))
    ids = _all_ids(releases, article_id)
    if ids is None:
        raise DataError(
            f"{article_id}: no release of this archive has such an article",
            "correct the id; what was never released need only be taken from raw/",
        )
    known = {line["article_id"] for line in archive.withdrawals}
    stated = [_line(each, statement, today) for each in ids]
    lines = [line for line in stated if line["article_id"] not in known]
    if lines:
        _append(archive, lines)
    return Withdrawn(ids, not lines, tuple(_copies(archive, releases, ids)))


def _releases(archive: Archive) -> Iterator[Release]:
    """Every release of the archive, newest first."""
    names = [folder_name(archive.name, access) for access in ("full", "public")]
    for name in (*names, f"{archive.name}-rehydrated"):
        folder = archive.root / "dist" / name
        for place in reversed(releases_of(folder)):
            yield open_release(place)


def _all_ids(releases: list[Release], article_id: str) -> tuple[str, ...] | None:
    """The article's id and its aliases, in the newest release that has it and in those before.

    None if no release has it, or had it before it was withdrawn.
    """
    ids = {article_id: None}
    for release in releases:
        for row in _holding(release, tuple(ids)):
            ids |= dict.fromkeys((row["article_id"], *row["aliases"]))
    if len(ids) > 1 or any(_knows(release, article_id) for release in releases):
        return tuple(ids)
    return None


def _knows(release: Release, article_id: str) -> bool:
    gone = release.table("withdrawn", ["article_id"])["article_id"].to_pylist()
    return article_id in gone or bool(_holding(release, (article_id,)))


def _holding(release: Release, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The articles of a release that have one of these ids, or had it once."""
    known = release.table("articles", ["article_id", "aliases"]).to_pylist()
    own = ((row["article_id"], {row["article_id"], *row["aliases"]}) for row in known)
    found = [article_id for article_id, held in own if not held.isdisjoint(ids)]
    return release.select("articles", "article_id", found) if found else []


def _line(
    article_id: str, statement: Mapping[str, str | None], today: Callable[[], datetime.date]
) -> dict[str, str]:
    stated = {name: value for name, value in statement.items() if value}
    line = {"article_id": article_id, "date": today().isoformat(), **stated}
    kind = record_type("withdrawal")
    reasons = kind.document["properties"]["reason"]["enum"]
    if line.get("reason") not in reasons:
        raise UsageError(
            f"--reason: {line.get('reason')!r} is none", f"reasons are {', '.join(reasons)}"
        )
    if not is_day(line["date"]):
        raise UsageError(f"--date: {line['date']!r} is no day", "write it as YYYY-MM-DD")
    if not line.get("authority"):
        raise UsageError("--authority: nothing is stated", "say who decided it")
    for pointer, message in kind.explain(line):
        raise UsageError(f"--{pointer.strip('/')}: {message}", "correct the option")
    return line


def _append(archive: Archive, lines: list[dict[str, str]]) -> None:
    """Add lines to raw/withdrawals.jsonl, whole or not at all. Raises CannotRun."""
    file = archive.raw / "withdrawals.jsonl"
    partial = file.with_name(".withdrawals.jsonl.part")
    try:
        before = file.read_bytes() if file.is_file() else b""
        ends = b"" if before.endswith(b"\n") or not before else b"\n"
        added = b"".join(orjson.dumps(line) + b"\n" for line in lines)
        partial.write_bytes(before + ends + added)
        partial.replace(file)
    except OSError as error:
        raise unusable(file, error) from error


def _copies(archive: Archive, releases: list[Release], ids: tuple[str, ...]) -> Iterator[Copy]:
    """Where the article's text or captures are, as far as the archive knows."""
    files: dict[str, int] = {}
    published: set[str] = set()
    for release in releases:
        rows = _holding(release, ids)
        if not rows:
            continue
        place = release.root.relative_to(archive.root).as_posix()
        withheld = all(row["text"] is None for row in rows)
        note = " (it withholds the text, but has title, address and digests)" if withheld else ""
        yield Copy(place, f"build the next release, then remove this folder if it must go{note}")
        if release.version not in published:
            published.add(release.version)
            yield from _published(archive, release.version)
        files |= _capture_files(release, tuple({*ids, *(row["article_id"] for row in rows)}))
    for file, n_others in sorted(files.items()):
        if (archive.raw / file).exists():
            remedy = "may be deleted once the next release is built"
            if n_others:
                noun = "article" if n_others == 1 else "articles"
                remedy = (
                    f"holds captures of {n_others:,} other {noun} too: take out its own records "
                    "once the next release is built, do not delete the file"
                )
            yield Copy(f"raw/{file}", remedy)
            if not n_others:
                yield from _records_of(archive.raw / file, archive.root)


def _records_of(capture: Path, root: Path) -> Iterator[Copy]:
    """Where the retrieval record of a whole file is, which would be left without its capture."""
    place = capture.relative_to(root).as_posix()
    if capture.with_name(capture.name + SIDECAR).exists():
        yield Copy(f"{place}{SIDECAR}", "its retrieval record: delete it together with the file")
    for line in folder_lines(capture.parent).get(capture.name, ()):
        lines = capture.with_name(LINES_FILE).relative_to(root).as_posix()
        yield Copy(f"{lines}, line {line.line}", "its retrieval record: take it out together")


def _published(archive: Archive, version: str) -> Iterator[Copy]:
    targets: list[Any] = archive.releases.get(version, {}).get("published", [])
    for target in targets:
        scheme = target.partition(":")[0].lower()
        yield Copy(f"{target}, version {version}", AT_HOSTS.get(scheme, ELSEWHERE))


def _capture_files(release: Release, ids: tuple[str, ...]) -> dict[str, int]:
    """Files that hold captures of the article, and how many other articles each holds."""
    rows = release.table("captures", ["article_id", "source_file"]).to_pylist()
    own = {row["source_file"] for row in rows if row["article_id"] in ids} - {None}
    others: dict[str, set[str]] = {file: set() for file in own}
    for row in rows:
        if row["source_file"] in own and row["article_id"] not in ids:
            others[row["source_file"]].add(row["article_id"] or "")
    return {file: len(found) for file, found in others.items()}
