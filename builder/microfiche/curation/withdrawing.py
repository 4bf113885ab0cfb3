"""Withdrawing an article: the lines that do it, and every copy that somebody must see to.

The next release leaves the article out of every table and keeps a tombstone for each of its ids.
Releases that are out already are never changed; this module says where they are.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from microfiche.archive import Archive
from microfiche.archive.files import WITHDRAWALS
from microfiche.archive.withdrawals import standing
from microfiche.archive.writing import append_lines
from microfiche.curation.copies import Copy, copies_of, holding_rows
from microfiche.dates import is_day
from microfiche.errors import DataError, UsageError, unusable
from microfiche.pipeline.cache import FOLDER, forget
from microfiche.release import Release, folder_name
from microfiche.release.opening import open_release, releases_of
from microfiche.schema import record_type


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
    *,
    plan: bool = False,
) -> Withdrawn:
    """Withdraw an article by its id or an alias; with `plan` only tell what there is to do.

    `statement` has `reason`, `authority` and, if known, `date` and `note`. An article that is
    withdrawn already for another reason is so for this one too: the stronger counts. Raises
    DataError for an article of no release, UsageError for a statement that its schema refuses,
    CannotRun.
    """
    releases = list(_releases(archive))
    ids = _all_ids(releases, article_id)
    if ids is None:
        raise DataError(
            f"{article_id}: no release of this archive has such an article",
            "correct the id; what was never released need only be taken from raw/",
        )
    known = standing(archive.withdrawals)
    stated = [_line(each, statement, today) for each in ids]
    lines = [line for line in stated if (line["article_id"], line["reason"]) not in known]
    copies = list(copies_of(archive, releases, ids))
    if lines and not plan:
        try:
            append_lines(archive.root / WITHDRAWALS, lines)
        except OSError as error:
            raise unusable(archive.root / WITHDRAWALS, error) from error
        copies += _cached(archive, ids)
    return Withdrawn(ids, not lines, tuple(copies))


def _cached(archive: Archive, ids: tuple[str, ...]) -> Iterator[Copy]:
    """Remove what the archive's cache keeps of the article; what is left if it cannot be."""
    remedy = "run `microfiche cache --clear` once no build uses it"
    with contextlib.suppress(OSError):
        if forget(archive.root / FOLDER, ids):
            return
    yield Copy(FOLDER, remedy)


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
        for row in holding_rows(release, tuple(ids)):
            ids |= dict.fromkeys((row["article_id"], *row["aliases"]))
    if len(ids) > 1 or any(_knows(release, article_id) for release in releases):
        return tuple(ids)
    return None


def _knows(release: Release, article_id: str) -> bool:
    gone = release.table("withdrawn", ["article_id"])["article_id"].to_pylist()
    return article_id in gone or bool(holding_rows(release, (article_id,)))


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
    if line["date"] > (today() + datetime.timedelta(days=1)).isoformat():
        raise UsageError(f"--date: {line['date']} is to come", "give the day of the decision")
    if not line.get("authority"):
        raise UsageError("--authority: nothing is stated", "say who decided it")
    for pointer, message in kind.explain(line):
        raise UsageError(f"--{pointer.strip('/')}: {message}", "correct the option")
    return line
