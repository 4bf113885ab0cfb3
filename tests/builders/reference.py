"""Writes docs/schemas.md and docs/api.md: the tables from their schemas, the library from its code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import microfiche
from microfiche import library
from microfiche.describe import plain
from microfiche.schema import record_type, table_types

FILES = {
    "dataset": "raw/dataset.toml",
    "outlet": "raw/outlets/ID.toml",
    "boilerplate": "raw/outlets/ID.boilerplate.toml",
    "retrieval": "FILE.toml beside a capture",
    "retrieval-line": "raw/captures/…/retrievals.jsonl",
    "record": "Lines of JSONL in raw/captures/",
    "annotation-line": "raw/annotations.jsonl",
    "alias": "raw/aliases.jsonl",
    "withdrawal": "raw/withdrawals.jsonl",
    "lift": "raw/withdrawals.jsonl, lifting",
}
DOCS = Path(__file__).parents[2] / "docs"


def schemas() -> str:
    """Every table of a release and every file of an archive, as the schemas describe them."""
    parts = [
        "# Tables, columns and files",
        "Every table of a release and every file of an archive, from the schemas in `schema/`. A "
        "release carries the schemas it was made by, and its card has the same descriptions. Lists "
        "are never null. Times are UTC.",
    ]
    for name, kind in sorted(table_types().items()):
        parts.append(f"## {name}\n\n{plain(kind.document['description'])}")
        rows = [
            f"| `{column}` | {type_} | {'yes' if never_null else ''} | {plain(text)} |"
            for column, type_, never_null, text in kind.field_rows()
        ]
        parts.append(
            "\n".join(
                ["| Column | Type | Never null | Meaning |", "| --- | --- | --- | --- |", *rows]
            )
        )
    for name, title in FILES.items():
        document = record_type(name).document
        rows = [f"| `{member}` | {plain(text)} |" for member, text in _members(document, "")]
        head = ["| Member | Meaning |", "| --- | --- |"]
        parts.append(f"## {title}\n\n{plain(document['description'])}")
        parts.append("\n".join([*head, *rows]))
    return "\n\n".join(parts) + "\n"


def _members(spec: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    """(path, description) of each member of a schema, those of what it holds below it."""
    for name, own in spec.get("properties", {}).items():
        yield f"{before}{name}", own.get("description", "")
        inner = own.get("items", own)
        yield from _members(inner, f"{before}{name}.")


def api() -> str:
    """Every public name with its signature and what its docstring says."""
    parts = [
        "# Names of the library",
        "What `import microfiche` offers, from the code; [library.md](library.md) tells how they go "
        "together.",
    ]
    functions = (name for name in sorted(microfiche.__all__) if not name.startswith("_"))
    parts += [_entry(name, getattr(microfiche, name), "##") for name in functions]
    for held in (library.Archive, library.Release):
        parts.append(_entry(held.__name__, held, "##"))
        for own, verb in sorted(vars(held).items()):
            if not own.startswith("_") and inspect.isfunction(verb):
                parts.append(_entry(f"{held.__name__}.{own}", verb, "###"))
    return "\n\n".join(parts) + "\n"


def _entry(name: str, held: object, level: str) -> str:
    stated = str(inspect.signature(held))  # type: ignore[arg-type]
    signature = (
        re.sub(r"<[^<>]*>", "…", stated)
        .replace("'", "")
        .replace("(self, ", "(")
        .replace("(self)", "()")
    )
    if held in (library.Archive, library.Release):
        signature = ""  # nobody makes one by hand
    told = inspect.getdoc(held) or ""
    return f"{level} {name}\n\n```text\n{name}{signature}\n\n{told}\n```"


if __name__ == "__main__":
    (DOCS / "schemas.md").write_text(schemas(), "utf-8")
    (DOCS / "api.md").write_text(api(), "utf-8")
