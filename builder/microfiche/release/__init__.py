"""A release as a value: its manifest and its tables, read from a folder.

`contract` is what its own schemas say of its tables, by which it is judged. `opening` finds
releases and checks what they list, `placing` puts a new one in its place whole or
not at all, `bag` knows BagIt's manifests. What differs and what follows from it are `diff` and
`version`; `withholding` and `quoting` are what a public release shows; `subset`, `proof` and
`signing` let it be cited and checked. A value knows nothing of what is done with it: verifying,
citing and the like are verbs of `library`.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microfiche.documents import toml_data
from microfiche.errors import DataError, in_words, unusable
from microfiche.fixity import sha256_hex
from microfiche.release.contract import (
    completed,
    earlier_names,
    known_columns,
    own_types,
    with_columns,
)
from microfiche.schema import RecordType, record_type, table_types

if TYPE_CHECKING:
    import pyarrow as pa

SIGNATURE = "tagmanifest-sha256.txt.sig"
MANIFEST, TAG_MANIFEST, RELEASE_JSON, REPORT = (
    "manifest-sha256.txt",
    "tagmanifest-sha256.txt",
    "release.json",
    "report.html",
)
Row = dict[str, Any]
CAPTURE_ID = re.compile(r"[0-9a-f]{20}")


@dataclass(frozen=True)
class Release:
    """One release. `manifest` is its release.json."""

    root: Path
    manifest: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """Slug of the dataset."""
        return str(self.manifest["name"])

    @property
    def version(self) -> str:
        """Version of the release."""
        return str(self.manifest["version"])

    @property
    def access(self) -> str:
        """full, or public: text withheld or masked by rights."""
        return str(self.manifest["access"])

    @property
    def fingerprint(self) -> str:
        """Digest of the records."""
        return str(self.manifest["fingerprint"])

    @property
    def sha256(self) -> str:
        """Digest of the whole release: SHA-256 of its tag manifest. Raises CannotRun."""
        return sha256_hex(self.read(TAG_MANIFEST))

    def read(self, path: str) -> bytes:
        """Bytes of one file. Raises CannotRun."""
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            raise unusable(self.root / path, error) from error

    def called(self, table: str) -> str:
        """What the release calls a table, which has another name now if that was renamed."""
        if table in self.types:
            return table
        was = (each for each, now in earlier_names().items() if now == table)
        return next((each for each in was if each in self.types), table)

    def files(self, table: str) -> list[str]:
        """Parquet files of a table, in order; none for a table without rows."""
        name = self.called(table)
        entries = (entry for entry in self.manifest["tables"] if entry["name"] == name)
        return [file["path"] for entry in entries for file in entry["files"]]

    @functools.cached_property
    def types(self) -> Mapping[str, RecordType]:
        """Record types of its tables, by its own schema/. Raises DataError."""
        return own_types(self.root)

    def kind(self, name: str) -> RecordType:
        """Record type of a table by its own schema/, the builder's for one that it has not yet.

        Raises DataError for a table that neither has.
        """
        found = self.types.get(self.called(name)) or table_types().get(name)
        if found is None:
            raise DataError(f"{self.root}: no table {name!r}", f"it has {', '.join(self.types)}")
        return found

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Rows of a table, in order. Raises CannotRun, or DataError for a broken file.

        A column that this builder knows, and the release has not yet, is null.
        """
        import pyarrow as pa

        parts = list(self._parts(name, columns, whole=True))
        if parts:
            return pa.concat_tables(parts)
        empty: pa.Table = self.kind(name).arrow_schema.empty_table()
        return with_columns(empty, name, columns)

    def columns(self, name: str) -> list[str]:
        """Columns of a table as its files have them. Raises as `table`."""
        from microfiche.tables.parquet import open_parquet

        for path in self.files(name):
            with _reading(self.root / path), open_parquet(self.root / path) as parquet:
                return list(parquet.schema_arrow.names)
        return list(self.kind(name).arrow_schema.names)

    def batches(self, name: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Rows of a table a few thousand at a time, in order. Raises as `table`."""
        return self._parts(name, columns, whole=False)

    def _parts(
        self, name: str, columns: Sequence[str] | None, *, whole: bool
    ) -> Iterator[pa.Table]:
        """Rows of each file of a table, or of a few thousand rows of it."""
        import pyarrow as pa

        from microfiche.tables.columns import check_types, check_values
        from microfiche.tables.parquet import batches, open_parquet

        kind = self.kind(name)
        own = set(kind.arrow_schema.names)
        chosen = None if columns is None else [each for each in columns if each in own]
        for path in self.files(name):
            file = self.root / path
            with _reading(file), open_parquet(file) as parquet:
                check_types(kind, parquet.schema_arrow, chosen, file)
                asked = chosen if chosen is None or chosen else list(kind.table.key)
                read = (pa.Table.from_batches([each]) for each in batches(parquet, asked))
                for part in [parquet.read(asked)] if whole else read:
                    check_values(kind, part, file)
                    yield with_columns(part, name, columns)

    def rows(self, name: str) -> list[Row]:
        """Rows of a table in their JSON form, with every column that this builder knows."""
        return self._rows(name, self.table(name))

    def _rows(self, name: str, table: pa.Table) -> list[Row]:
        from microfiche.tables.arrow import to_rows

        known = known_columns(name)
        return [completed(row, known) for row in to_rows(self.kind(name), table)]

    def select(self, name: str, key: str, values: Sequence[str]) -> list[Row]:
        """Rows of a table whose `key` is one of `values`, in order. Raises as `table`."""
        import pyarrow as pa
        import pyarrow.compute as pc

        from microfiche.tables.columns import check_types, check_values
        from microfiche.tables.parquet import open_parquet

        found: list[Row] = []
        kind, wanted = self.kind(name), pa.array(values, pa.string())
        for path in self.files(name):
            with _reading(self.root / path), open_parquet(self.root / path) as parquet:
                check_types(kind, parquet.schema_arrow, None, self.root / path)
                for group in range(parquet.num_row_groups):
                    held = pc.is_in(parquet.read_row_group(group, [key])[key], wanted)
                    if pc.any(held).as_py():  # only then the other columns are read
                        rows = parquet.read_row_group(group).filter(held)
                        check_values(kind, rows, self.root / path)
                        found += self._rows(name, rows)
        return found

    def article(self, article_id: str) -> Row:
        """The article with this id or alias. Raises DataError if there is none."""
        import pyarrow.compute as pc

        ids = self.table("articles", ["article_id", "aliases"])
        wanted = article_id
        if not pc.any(pc.equal(ids.column("article_id"), article_id)).as_py():
            for row in ids.filter(
                pc.greater(pc.list_value_length(ids.column("aliases")), 0)
            ).to_pylist():
                if article_id in row["aliases"]:
                    wanted = row["article_id"]
        found = self.select("articles", "article_id", [wanted])
        if found:
            return found[0]
        gone = self.select("withdrawn", "article_id", [article_id])
        if gone:
            day = f" on {gone[0]['date']}" if gone[0]["date"] else ""
            what = f"withdrawn{day}, reason {gone[0]['reason']}"
            raise DataError(f"article {article_id} was {what}", "nothing else is told of it here")
        raise DataError(
            f"{self.root}: no article {article_id}", "list the ids with `microfiche show RELEASE`"
        )

    def capture(self, capture_id: str) -> Row | None:
        """The capture with an id, None if there is none.

        Raises DataError if it shows no article.
        """
        if not CAPTURE_ID.fullmatch(capture_id):
            return None
        for row in self.select("captures", "capture_id", [capture_id]):
            if row["revision_id"] is None:
                raise DataError(
                    f"capture {capture_id} shows no article, but {row['outcome']}",
                    "cite one that does",
                )
            return row
        return None

    def revisions(self, article_id: str) -> list[Row]:
        """Revisions of an article in order, each with its text."""
        article = self.article(article_id)
        rows = self.select("revisions", "article_id", [article["article_id"]])
        for row in rows:
            if row["revision_id"] == article["revision_id"]:
                row["text"] = article["text"]
        return sorted(rows, key=lambda row: row["revision"])

    def revision(self, article: Row, wanted: str | None = None) -> Row:
        """A revision of an article by its id, the beginning of it, or number; the current one.

        Raises DataError.
        """
        rows = self.revisions(article["article_id"])
        wanted = wanted or article["revision_id"]
        for row in rows:
            if wanted in (row["revision_id"], str(row["revision"])):
                return row
        like = [row for row in rows if len(wanted) >= 4 and row["revision_id"].startswith(wanted)]
        if len(like) == 1:
            return like[0]
        known = ", ".join(row["revision_id"] for row in rows)
        raise DataError(
            f"article {article['article_id']} has no revision {wanted}", f"it has {known}"
        )

    def dataset(self) -> Mapping[str, Any]:
        """The dataset file the release was built from. Raises DataError."""
        path = "source/dataset.toml"
        kind = record_type("dataset")
        try:
            dataset = toml_data(self.read(path).decode("utf-8"))
        except ValueError as error:
            raise DataError(
                f"{self.root / path}: no TOML: {in_words(error)}", "fetch it again"
            ) from error
        if not kind.is_valid(dataset):
            pointer, message = next(iter(kind.explain(dataset)))
            raise DataError(f"{self.root / path}: {pointer}: {message}", "fetch the release again")
        return dataset


@contextlib.contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Raise what reading a Parquet file raises as CannotRun, or DataError if it is broken."""
    import pyarrow as pa

    try:
        yield
    except OSError as error:
        raise unusable(file, error) from error
    except pa.ArrowException as error:
        told = str(error).partition("\n")[0]
        raise DataError(f"{file}: {told}", "fetch the release again") from error


def folder_name(name: str, access: str) -> str:
    """Name of the folder that holds a dataset's releases of one access."""
    return f"{name}-public" if access == "public" else name
