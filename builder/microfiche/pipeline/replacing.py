"""What captures that stand in the place of others owe to these: the ids under which they were."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.archive import Archive
from microfiche.archive.replacements import successors
from microfiche.collation.identity import id_digest
from microfiche.collation.linking import LINK
from microfiche.pipeline.scan import Scanned
from microfiche.tables.sheets import read_sheet


def with_replaced(archive: Archive, scanned: Sequence[Scanned]) -> Archive:
    """The archive, whose aliases say too what articles became whose captures were replaced.

    An id that a capture still gives is that of its article, and becomes no other.
    """
    stated = {line["old"]: line["old_id"] for line in archive.replaced if "old_id" in line}
    if not stated:
        return archive
    following = successors(archive.replaced)
    owners = _own_ids(scanned, {each for each in following.values() if each})
    given = _given(scanned)
    known = {alias["old_id"] for alias in archive.aliases}
    aliases = {
        old_id: owners[new]
        for old, old_id in stated.items()
        if (new := following.get(old)) in owners
        if old_id not in known and id_digest(old_id) not in given and old_id != owners[new]
    }
    lines = [{"old_id": old, "new_id": new} for old, new in sorted(aliases.items())]
    return dataclasses.replace(archive, aliases=[*archive.aliases, *lines])


def _own_ids(scanned: Sequence[Scanned], wanted: set[str]) -> dict[str | None, str]:
    """The article id that each capture alone gives, of those wanted."""
    ids, found = pa.array(sorted(wanted), pa.string()), dict[str | None, str]()
    for sheet in (each.sheets["captures"] for each in scanned if "captures" in each.sheets):
        table = read_sheet(sheet, ["capture_id", "article_id"])
        held = pc.and_(pc.is_in(table["capture_id"], ids), pc.is_valid(table["article_id"]))
        for row in table.filter(held).to_pylist():
            found[row["capture_id"]] = row["article_id"]
    return found


def _given(scanned: Sequence[Scanned]) -> set[bytes]:
    """Digests of all ids that captures give."""
    given: set[bytes] = set()
    for each in scanned:
        if each.links:
            links = np.fromfile(each.links, LINK)
            given.update(links["own"].tolist(), links["also"].tolist())
    return given
