"""What releases promised, and what an archive's own lists say of it.

Ids that resolve, captures that are there, withdrawals that are in force.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.archive.files import REPLACED, WITHDRAWALS
from microfiche.archive.replacements import successors
from microfiche.archive.withdrawals import undone
from microfiche.describe.source import source_lines
from microfiche.finding import Finding
from microfiche.pipeline.collating import all_ids
from microfiche.pipeline.held import Held, article_ids
from microfiche.pipeline.withdrawing import Taken
from microfiche.release import Release
from microfiche.schema import record_type
from microfiche.tables.sheets import read_sheet


def promises(
    archive: Archive,
    taken: Taken,
    previous: Release | None,
    earlier: Sequence[Release],
    none: Iterable[Mapping[str, Any]] = (),
) -> list[Finding]:
    """What earlier releases promised and the archive does not keep, or its own lists misname.

    `taken` is what it would give now, `earlier` are all releases at hand, `none` the tombstones of
    what is no article any more.
    """
    ids = article_ids(taken.sheets["articles"], all_ids(taken.gone))
    found = [
        *alias_findings(archive, ids),
        *withdrawal_findings(archive, ids, earlier),
        *takedown_findings(archive, earlier),
    ]
    if previous is None and not archive.replaced:
        return found
    names = ["capture_id", "sha256"]
    tables = [read_sheet(sheet, names) for sheet in taken.sheets["captures"]]
    captures = Held(table[name] for table in tables for name in names)
    found += replacement_findings(archive, captures, taken.takedowns.captures, earlier)
    if previous is not None:
        withdrawn = taken.takedowns.ids | {row["article_id"] for row in none}
        found += promise_findings(archive, previous, ids, captures, withdrawn)
    return found


def resolvable(ids: Iterable[str], aliases: Iterable[Mapping[str, str]]) -> set[str]:
    """Every id that resolves: those captures give alone, and aliases of any of these."""
    known, waiting = set(ids), list(aliases)
    while waiting:
        found = [alias for alias in waiting if alias["new_id"] in known]
        if not found:
            break
        known |= {alias["old_id"] for alias in found}
        waiting = [alias for alias in waiting if alias not in found]
    return known


def _resolving(archive: Archive, ids: Held) -> set[str]:
    """Ids that lines of raw/aliases.jsonl make resolve, and those that they lead to."""
    return resolvable(ids.among(each["new_id"] for each in archive.aliases), archive.aliases)


def alias_findings(archive: Archive, own_ids: Held) -> Iterator[Finding]:
    """Aliases whose target is not there."""
    known = _resolving(archive, own_ids) | archive.in_force.keys()
    targets: dict[str, str] = {}
    for number, alias in enumerate(archive.aliases, start=1):
        old, new = alias["old_id"], alias["new_id"]
        message = ""
        if new not in known or new == old:
            message = f"new_id {new!r} is no other article of this archive"
        elif targets.setdefault(old, new) != new:
            message = f"old_id {old!r} resolves to {targets[old]!r} already"
        if message:
            yield Finding("raw/aliases.jsonl", f"line {number}", "MF603", message)


def promise_findings(
    archive: Archive,
    previous: Release,
    own_ids: Held,
    captures: Held,
    withdrawn: frozenset[str],
) -> Iterator[Finding]:
    """What the release before promised and the archive no longer holds.

    `captures` are the ids of captures and the SHA-256 of their bytes: a capture whose record was
    corrected has another id, but its bytes are still there. `withdrawn` are ids that need not be.
    """
    gone = set()
    table = previous.table("articles", ["article_id", "aliases"])
    kept = pc.and_(
        own_ids.mask(table["article_id"]), pc.equal(pc.list_value_length(table["aliases"]), 0)
    )
    kept = pc.and_not(kept, pc.is_in(table["article_id"], pa.array(sorted(withdrawn), pa.string())))
    rows = table.filter(pc.invert(kept)).to_pylist()
    ended = previous.table("withdrawn", ["article_id"])["article_id"].to_pylist()
    asked = {each for row in rows for each in (row["article_id"], *row["aliases"])}
    known = own_ids.among({*asked, *ended}) | _resolving(archive, own_ids) | withdrawn
    for row in rows:
        ids = {row["article_id"], *row["aliases"]}
        if ids & withdrawn:
            gone.add(row["article_id"])
            continue
        for each in sorted(ids - known):
            message = f"{each}, published in version {previous.version}"
            yield Finding("raw/captures", "", "MF601", message)
    for each in ended:
        if each not in known:
            message = f"{each}, withdrawn in version {previous.version}, lifted and not captured"
            yield Finding("raw/captures", "", "MF601", message)
    columns = ["capture_id", "article_id", "source_file", "sha256"]
    table = previous.table("captures", columns)
    following = successors(archive.replaced)
    rows = table.filter(pc.invert(captures.mask(table["capture_id"]))).to_pylist()
    there = captures.among([*(row["sha256"] for row in rows), *following.values()])
    for row in rows:
        held = row["sha256"] in there
        if row["capture_id"] in following:
            new = following[row["capture_id"]]
            held = held or new is None or new in there
        if not held and row["article_id"] not in gone:
            where = f"raw/{row['source_file']}" if row["source_file"] else "raw/captures"
            message = f"capture {row['capture_id']} of version {previous.version}"
            yield Finding(where, "", "MF602", message)


def replacement_findings(
    archive: Archive, captures: Held, withdrawn: Collection[str], earlier: Iterable[Release]
) -> Iterator[Finding]:
    """Lines of raw/replaced.jsonl that name a capture nobody knows, or one that is still there.

    `captures` and `withdrawn` are ids of captures that are here; what an earlier release had and
    is gone is told as a broken promise.
    """
    standing = successors(archive.replaced)
    there = captures.among((*standing, *standing.values()))
    wanted = {new for new in standing.values() if new is not None} - there - set(withdrawn)
    for release in earlier if wanted else ():
        wanted -= set(release.table("captures", ["capture_id"])["capture_id"].to_pylist())
    for number, line in enumerate(archive.replaced, start=1):
        old, new = line["old"], line["new"]
        if new in wanted and standing.get(old) == new:
            message = f"new {new!r} is no capture of this archive"
            yield Finding(REPLACED, f"line {number}", "MF603", message)
        elif old in there and old in standing:
            yield Finding(REPLACED, f"line {number}", "MF610", f"capture {old}")


def withdrawal_findings(
    archive: Archive, ids: Held, releases: Iterable[Release]
) -> Iterator[Finding]:
    """Withdrawals of articles that neither the captures (`ids`) nor any of the releases know."""
    unknown = {line["article_id"] for line in archive.withdrawals}
    unknown -= ids.among(unknown)
    unknown -= {row["article_id"] for row in archive.tombstones}
    for release in releases if unknown else ():
        unknown -= set(release.table("withdrawn", ["article_id"])["article_id"].to_pylist())
        for row in release.table("articles", ["article_id", "aliases"]).to_pylist():
            unknown -= {row["article_id"], *row["aliases"]}
    for number, line in enumerate(archive.withdrawals, start=1):
        if line["article_id"] in unknown:
            known = "of no capture here, and of no release in dist/ or where this one goes"
            message = f"{line['article_id']!r} is an article {known}"
            yield Finding("raw/withdrawals.jsonl", f"line {number}", "MF603", message)


def takedown_findings(archive: Archive, releases: Iterable[Release]) -> Iterator[Finding]:
    """MF604 for each withdrawal that a release carries and that stands no more, though not lifted.

    Whoever empties raw/withdrawals.jsonl, or writes a weaker reason into a line, undoes none.
    """
    told = set()
    for release in releases:
        for line in undone(carried_withdrawals(release), archive.withdrawals):
            key = (line["article_id"], line["reason"])
            if key not in told:
                told.add(key)
                message = f"{orjson.dumps(line).decode()}, in force in version {release.version}"
                yield Finding(WITHDRAWALS, "", "MF604", message)


def carried_withdrawals(release: Release) -> list[Mapping[str, str]]:
    """The lines of raw/withdrawals.jsonl that a release carries, as far as they can be read."""
    kinds = (record_type("withdrawal"), record_type("lift"))
    lines = []
    for raw in source_lines(release, WITHDRAWALS):
        with contextlib.suppress(ValueError):
            value = orjson.loads(raw)
            if any(kind.is_valid(value) for kind in kinds):
                lines.append(value)
    return lines
