"""The datasheet of a release: the archive's DATASHEET.md with its measured facts filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from microfiche.describe import block, fill_blocks, plain, table
from microfiche.describe.card import counts, span
from microfiche.describe.coverage import coverage, gathered
from microfiche.describe.facts import Facts
from microfiche.describe.questions import (
    N_QUESTIONS,
    numbered,
    read_answers,
    with_open_answers,
    without_placeholders,
)
from microfiche.describe.source import Source


def datasheet(manifest: Mapping[str, Any], source: Source, facts: Facts) -> str:
    """The archive's DATASHEET.md with every generated block filled in.

    Placeholders do not survive: what is not answered is said to be so.
    """
    written = source.page("DATASHEET.md").replace("\r\n", "\n").strip() + "\n"
    blocks = datasheet_blocks(manifest, source.outlets, facts)
    page, _ = fill_blocks(with_open_answers(without_placeholders(written)), blocks)
    return page + _open_questions(written)


def _open_questions(written: str) -> str:
    """The questions a datasheet leaves open, as a part of its own; empty if there are none."""
    missing = {number for numbers in read_answers(written).missing.values() for number in numbers}
    rows = [
        (str(number), section, question)
        for number, section, question in numbered()
        if number in missing
    ]
    if not rows:
        return ""
    note = f"{len(rows)} of the {N_QUESTIONS} questions of a datasheet are not answered here."
    body = f"{note}\n\n{table(('Number', 'Section', 'Question'), rows)}"
    return f"\n## Not answered\n\n{block('unanswered', body)}\n"


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
        "span": f"Captures were made {gathered(facts)}. "
        f"Published: {span(facts)}, as far as dates are known.",
        "coverage": coverage(facts),
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
