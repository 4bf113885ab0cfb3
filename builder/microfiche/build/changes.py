"""What differs between the release before and the one being built: reasons for its version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from microfiche.errors import DataError
from microfiche.fixity import key_digest
from microfiche.release import Release
from microfiche.schema import RecordType, resolved, table_types, type_name
from microfiche.tables import Index, Sheet, read_sheet, to_rows
from microfiche.version import Difference, column_differences, value_differences

Row = dict[str, Any]
Sheets = Mapping[str, list[Sheet]]


def differences(
    previous: Release, indexes: Mapping[str, Index], sheets: Sheets
) -> Iterator[Difference]:
    """Every difference of columns and rows, by digests; only changed articles are read."""
    aliases = _alias_targets(sheets["articles"])
    for name, kind in table_types().items():
        schema_file = previous.root / "schema" / f"{kind.name}.json"
        if schema_file.is_file():
            yield from column_differences(_inlined(previous, kind.name), kind)
        old, new = _old_digests(previous, kind), _new_digests(indexes.get(name))
        if name == "articles":
            yield from _article_differences(previous, kind, old, new, sheets, aliases)
        elif name == "revisions":
            yield from _revision_differences(previous, kind, new, aliases)
        elif name != "changes":
            yield from _row_differences(name, old, new)


def unfingerprinted_differ(previous: Release, sheets: Sheets) -> bool:
    """Whether values that the fingerprint leaves out (x-withhold: omit) differ in any capture."""
    kind = table_types()["captures"]
    columns = ["capture_id", *(f.name for f in kind.fields if f.withheld_as == "omit")]
    old = previous.table("captures", columns).sort_by("capture_id")
    parts = [read_sheet(sheet, columns) for sheet in sheets["captures"]]
    return not parts or not pa.concat_tables(parts).sort_by("capture_id").equals(old)


def _inlined(release: Release, name: str) -> Mapping[str, Any]:
    folder = release.root / "schema"
    try:
        document = resolved(folder, name)
        {field: type_name(spec) for field, spec in document["properties"].items()}
    except (ValueError, LookupError, TypeError, AttributeError, OSError) as error:
        raise DataError(
            f"{folder / name}.json: no schema: {error}", "verify the release before"
        ) from error
    return document


def _old_digests(release: Release, kind: RecordType) -> dict[bytes, bytes]:
    """Record digest by key digest of a table of the release before."""
    key = kind.table.key
    rows = release.table(kind.table.name, [*key, "record_sha256"]).to_pylist()
    return {key_digest(row, key): bytes.fromhex(row["record_sha256"]) for row in rows}


def _new_digests(index: Index | None) -> dict[bytes, bytes]:
    if index is None:
        return {}
    entries = index.entry
    keys = (entry.tobytes() for entry in entries["key"])
    return dict(zip(keys, (entry.tobytes() for entry in entries["digest"]), strict=True))


def _row_differences(
    name: str, old: Mapping[bytes, bytes], new: Mapping[bytes, bytes]
) -> Iterator[Difference]:
    for key, digest in new.items():
        if key not in old:
            yield Difference("minor", f"rows of {name} were added")
        elif old[key] != digest:
            yield Difference("minor", f"rows of {name} changed")
    for key in old:
        if key not in new:
            yield Difference("minor", f"rows of {name} are gone")


def _article_differences(
    previous: Release,
    kind: RecordType,
    old: Mapping[bytes, bytes],
    new: Mapping[bytes, bytes],
    sheets: Sheets,
    aliases: Mapping[str, str],
) -> Iterator[Difference]:
    changed = {key for key, digest in old.items() if new.get(key) != digest}
    before = _old_rows(previous, kind, changed)
    now = {row["article_id"]: aliases.get(row["article_id"], row["article_id"]) for row in before}
    after = {
        row["article_id"]: row for row in _new_rows(kind, sheets["articles"], set(now.values()))
    }
    for row in before:
        current = after.get(now[row["article_id"]])
        if current is None:
            yield Difference("major", "an article was withdrawn")
        else:
            yield from value_differences(row, current, kind)
    renamed = {key_digest({"article_id": each}, kind.table.key) for each in now.values()}
    for key in new:
        if key not in old and key not in renamed:
            yield Difference("minor", "rows of articles were added")


def _old_rows(previous: Release, kind: RecordType, keys: set[bytes]) -> list[Row]:
    """Rows of the release before with these key digests."""
    rows = previous.table("articles", ["article_id"]).to_pylist()
    ids = [row["article_id"] for row in rows if key_digest(row, kind.table.key) in keys]
    return previous.select("articles", "article_id", ids)


def _new_rows(kind: RecordType, held: list[Sheet], ids: set[str]) -> Iterator[Row]:
    wanted = pa.array(sorted(ids), pa.string())
    for sheet in held if ids else ():
        found = pc.is_in(read_sheet(sheet, ["article_id"])["article_id"], wanted)
        places = np.flatnonzero(found.to_numpy(zero_copy_only=False))
        if len(places):
            kept = places if sheet.kept is None else sheet.kept[places]
            yield from to_rows(kind, read_sheet(sheet._replace(kept=kept)))


def _alias_targets(held: list[Sheet]) -> dict[str, str]:
    """Article id by alias, over the articles being built."""
    targets: dict[str, str] = {}
    for sheet in held:
        table = read_sheet(sheet, ["article_id", "aliases"])
        having = table.filter(pc.greater(pc.list_value_length(table["aliases"]), 0))
        for row in having.to_pylist():
            targets |= dict.fromkeys(row["aliases"], row["article_id"])
    return targets


def _revision_differences(
    previous: Release, kind: RecordType, new: Mapping[bytes, bytes], aliases: Mapping[str, str]
) -> Iterator[Difference]:
    held = 0
    for row in previous.table("revisions", list(kind.table.key)).to_pylist():
        row["article_id"] = aliases.get(row["article_id"], row["article_id"])
        if key_digest(row, kind.table.key) in new:
            held += 1
        else:
            yield Difference("major", "a published revision is gone")
    if len(new) > held:
        yield Difference("minor", "rows of revisions were added")
