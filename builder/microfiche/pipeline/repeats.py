"""Captures that are one capture, of the same bytes, address and time, but are told of otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from microfiche.finding import Finding
from microfiche.pipeline.scan import Scanned
from microfiche.schema import table_types
from microfiche.tables.arrow import to_rows
from microfiche.tables.sheets import read_sheet

# What a retrieval record says; the rest is the id's, follows from the bytes, or is where they lie.
TOLD = (
    *("outlet_id", "outcome", "retrieved_by", "http_status", "redirected_to", "memento_url"),
    *("media_type", "access", "notes"),
)


def repeat_findings(
    linked: Sequence[Scanned], starts: Any, links: Any, repeated: Sequence[Any]
) -> Iterator[Finding]:
    """MF320 for every capture whose record says otherwise than that of the one that is kept.

    `links` is one LINK row a capture, those of each of `linked` from its `starts` on; `repeated`
    are numbers of equal ones, the one that is kept first.
    """
    if not repeated:
        return
    rows: dict[int, dict[str, Any]] = {}
    asked = np.sort(np.concatenate(repeated))
    for number, each in enumerate(linked):
        mine = asked[(asked >= starts[number]) & (asked < starts[number + 1])]
        if len(mine):
            sheet = each.sheets["captures"]._replace(kept=links["row"][mine])
            read = to_rows(table_types()["captures"], read_sheet(sheet))
            rows |= zip(mine.tolist(), read, strict=True)
    for numbers in repeated:
        kept, *others = (rows[number] for number in numbers.tolist())
        for row in others:
            if unlike := [key for key in TOLD if row[key] != kept[key]]:
                place = "" if row["source_offset"] is None else f"byte {row['source_offset']}"
                # not what they say: the article may be withdrawn for it
                message = f"other {', '.join(unlike)} than {kept['source_file']}, which was taken"
                yield Finding(f"raw/{row['source_file']}", place, "MF320", message)
