"""The datasheet of a release: the archive's DATASHEET.md with its measured facts filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from microfiche.describe import fill_blocks, plain, table
from microfiche.describe.card import counts, span
from microfiche.describe.facts import Facts


def datasheet(
    manifest: Mapping[str, Any],
    outlets: Sequence[Mapping[str, Any]],
    facts: Facts,
    written: str,
) -> str:
    """`written` (the archive's DATASHEET.md) with every known generated block filled in."""
    page, _ = fill_blocks(written.strip() + "\n", datasheet_blocks(manifest, outlets, facts))
    return page


def datasheet_blocks(
    manifest: Mapping[str, Any], outlets: Sequence[Mapping[str, Any]], facts: Facts
) -> dict[str, str]:
    """The generated parts a datasheet may hold."""
    rows = {entry["name"]: entry["n_rows"] for entry in manifest["tables"]}
    files = [file for entry in manifest["tables"] for file in entry["files"]]
    size = sum(file["size_bytes"] for file in files)
    missing = [(f"`{name}`", f"{count:,}") for name, count in sorted(facts.missing.items())]
    return {
        "counts": table(
            ("Table", "Rows"), [(f"`{name}`", f"{count:,}") for name, count in rows.items()]
        )
        + f"\n\n{facts.n_words:,} words; {facts.n_revised:,} articles with more than one revision.",
        "span": f"Articles were published from {span(facts)}, as far as dates are known.",
        "languages": f"Articles by language: {counts(facts.languages)}.",
        "missing": table(("Field of `articles`", "Null or empty"), missing),
        "outlets": table(
            ("Outlet", "Articles", "Hosts"),
            [
                (
                    plain(entry["name"]),
                    f"{facts.outlets.get(entry['id'], 0):,}",
                    plain(", ".join(each["host"] for each in entry.get("domains", ()))),
                )
                for entry in outlets
            ],
        ),
        "files": f"{len(files):,} Parquet files of {size:,} bytes in all; version "
        f"{manifest['version']}, fingerprint `{manifest['fingerprint']}`.",
    }
