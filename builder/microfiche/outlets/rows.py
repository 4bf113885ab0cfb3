"""Rows of the table `outlets`: outlet files in columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from microfiche.outlets.outlet import Outlet
from microfiche.schema import RecordType


def outlet_rows(outlets: Iterable[Outlet], kind: RecordType) -> list[dict[str, Any]]:
    """Rows of the outlets table, as the outlet files describe them, without their digests."""
    rows = []
    for outlet in outlets:
        row: dict[str, Any] = {field.name: outlet.entry.get(field.name) for field in kind.fields}
        row |= {
            "outlet_id": outlet.id,
            **outlet.article_rights,
            "text_policy": outlet.rights["text"],
        }
        for field in kind.fields:
            if field.kind == "array":
                row[field.name] = [_with_nulls(item, field.spec) for item in row[field.name] or []]
        rows.append(row)
    return rows


def _with_nulls(item: Any, spec: Mapping[str, Any]) -> Any:
    """A list item with every member of its schema, null where it has none."""
    if not isinstance(item, dict):
        return item
    return {name: item.get(name) for name in spec["items"]["properties"]}
