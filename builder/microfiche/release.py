"""Releases on disk: opening one, and putting a new one in place whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from microfiche.errors import CannotRun, DataError, MicroficheError, UsageError, unusable
from microfiche.fixity import sha256_hex
from microfiche.schema import record_type, table_types, toml_data

if TYPE_CHECKING:
    import pyarrow as pa

    from microfiche.diff import Diff
    from microfiche.subset import Subset
    from microfiche.verify import Verdict

SIGNATURE = "tagmanifest-sha256.txt.sig"
MANIFEST, TAG_MANIFEST, RELEASE_JSON = (
    "manifest-sha256.txt",
    "tagmanifest-sha256.txt",
    "release.json",
)
TEMPORARY = ".tmp-"
VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")
Row = dict[str, Any]
ROWS_AT_ONCE = 4096


def version_key(version: str) -> tuple[int, int, int]:
    """Sort key of a version. Raises UsageError if it is none."""
    match = VERSION.fullmatch(version)
    if not match:
        raise UsageError(f"{version!r} is no version", "write it as MAJOR.MINOR.PATCH")
    major, minor, patch = map(int, match.groups())
    return major, minor, patch


@dataclass(frozen=True)
class Release:
    """One release. `manifest` is its release.json."""

    root: Path
    manifest: Mapping[str, Any]

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

    def files(self, table: str) -> list[str]:
        """Parquet files of a table, in order; none for a table without rows."""
        entries = (entry for entry in self.manifest["tables"] if entry["name"] == table)
        return [file["path"] for entry in entries for file in entry["files"]]

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Rows of a table, in order. Raises CannotRun, or DataError for a broken file."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        from microfiche.columns import check_types, check_values

        parts = []
        for path in self.files(name):
            with _reading(self.root / path), pq.ParquetFile(self.root / path) as parquet:
                check_types(table_types()[name], parquet.schema_arrow, columns, self.root / path)
                parts.append(parquet.read(columns))
                check_values(table_types()[name], parts[-1], self.root / path)
        if parts:
            return pa.concat_tables(parts)
        schema = table_types()[name].arrow_schema
        empty: pa.Table = schema.empty_table()
        return empty.select(columns) if columns else empty

    def columns(self, name: str) -> list[str]:
        """Columns of a table as its files have them. Raises as `table`."""
        import pyarrow.parquet as pq

        for path in self.files(name):
            return list(pq.read_schema(self.root / path).names)
        return list(table_types()[name].arrow_schema.names)

    def batches(self, name: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Rows of a table a few thousand at a time, in order. Raises as `table`."""
        import pyarrow.parquet as pq

        from microfiche.columns import check_types, check_values

        chosen = list(columns) if columns else None
        for path in self.files(name):
            file = self.root / path
            with _reading(file), pq.ParquetFile(file) as parquet:
                check_types(table_types()[name], parquet.schema_arrow, chosen, file)
                for batch in parquet.iter_batches(batch_size=ROWS_AT_ONCE, columns=chosen):
                    check_values(table_types()[name], batch, file)
                    yield batch

    def rows(self, name: str) -> list[Row]:
        """Rows of a table in their JSON form."""
        from microfiche.tables import to_rows

        return to_rows(table_types()[name], self.table(name))

    def select(self, name: str, key: str, values: Sequence[str]) -> list[Row]:
        """Rows of a table whose `key` is one of `values`, in order. Raises as `table`."""
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        from microfiche.columns import check_types, check_values
        from microfiche.tables import to_rows

        found: list[Row] = []
        wanted = pa.array(values, pa.string())
        for path in self.files(name):
            with _reading(self.root / path), pq.ParquetFile(self.root / path) as parquet:
                check_types(table_types()[name], parquet.schema_arrow, None, self.root / path)
                for group in range(parquet.num_row_groups):
                    held = pc.is_in(parquet.read_row_group(group, [key])[key], wanted)
                    if pc.any(held).as_py():  # only then the other columns are read
                        rows = parquet.read_row_group(group).filter(held)
                        check_values(table_types()[name], rows, self.root / path)
                        found += to_rows(table_types()[name], rows)
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
            what = f"withdrawn on {gone[0]['date']}, reason {gone[0]['reason']}"
            raise DataError(f"article {article_id} was {what}", "nothing else is told of it here")
        raise DataError(
            f"{self.root}: no article {article_id}", "list the ids with `microfiche show RELEASE`"
        )

    def revisions(self, article_id: str) -> list[Row]:
        """Revisions of an article in order, each with its text."""
        article = self.article(article_id)
        rows = self.select("revisions", "article_id", [article["article_id"]])
        for row in rows:
            if row["revision_id"] == article["revision_id"]:
                row["text"] = article["text"]
        return sorted(rows, key=lambda row: row["revision"])

    def verify(
        self,
        *,
        load: bool = False,
        rebuild: Path | None = None,
        key: Path | None = None,
        cited: tuple[str, str] | None = None,
        workers: int = 1,
    ) -> list[Verdict]:
        """Check everything that the release can prove; a verdict for each check.

        With `load` `datasets` loads it too; `rebuild` is an archive to build it anew from; `key`
        a public key or allowed-signers file its signature must be made with; `cited` a subset as
        cited, its expression and the digest of its members; `workers` the number of processes.
        Raises UsageError.
        """
        from microfiche.verify import verify

        return verify(self.root, load=load, rebuild=rebuild, key=key, cited=cited, workers=workers)

    def diff(self, new: Release) -> Diff:
        """What differs from this release to another. Raises MicroficheError."""
        from microfiche.diff import diff

        return diff(self, new)

    def prove(self, article_id: str) -> dict[str, Any]:
        """Proof that an article is in this release, by its id or an alias. Raises DataError."""
        from microfiche.proof import prove

        return prove(self, article_id)

    def subset(self, where: str) -> Subset:
        """Articles for which an expression over columns holds. Raises UsageError."""
        from microfiche.subset import select

        return select(self, where)

    def check_may_leave(self, *, restricted: bool = False) -> None:
        """Refuse to hand on what nobody may: the one check of every way out of an archive.

        `restricted` says that the target is private or gated. Both marks are worked out from the
        rows and the dataset file, whatever release.json says. Raises DataError.
        """
        from microfiche.archive import draft_reasons
        from microfiche.describe.facts import measure

        reasons, beyond = draft_reasons(self.dataset()), sorted(measure(self).beyond_rights)
        if reasons:
            raise DataError(
                f"{self.root} is a draft: {', '.join(reasons)}", "complete raw/dataset.toml"
            )
        if beyond and not restricted:
            raise DataError(
                f"{self.root} is restricted: the text of {', '.join(beyond)} is not to be shown",
                "build with --access public, or record a basis and the text policy full in the "
                "outlet's file",
            )

    def cite(
        self,
        style: str = "bibtex",
        article: str | None = None,
        revision: str | None = None,
        where: str | None = None,
    ) -> str:
        """Citation of the release, of one article of it, or of a subset, in a style.

        `where` is an expression over columns of articles. Raises UsageError, DataError.
        """
        from microfiche.describe.citation import cite, cite_article

        if article is not None and where is not None:
            raise UsageError("an article and a subset cannot be cited at once", "give one of them")
        if article is None and where is None and style == "datacite":
            return self.read("datacite.json").decode("utf-8")
        if article is None:
            subset = None if where is None else self.subset(where)
            if subset and not subset.count:
                raise DataError(f"--where {where}: no article fits", "correct the expression")
            return cite(self.manifest, self.dataset(), style, subset)
        row = self.article(article)
        state = self._revision(row, revision)
        return cite_article(self.manifest, self.dataset(), row, state, style)

    def _revision(self, article: Row, revision_id: str | None) -> Row:
        rows = self.revisions(article["article_id"])
        wanted = revision_id or article["revision_id"]
        for row in rows:
            if wanted in (row["revision_id"], str(row["revision"])):
                return row
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
            raise DataError(f"{self.root / path}: no TOML: {error}", "fetch it again") from error
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


def open_release(root: Path | str) -> Release:
    """The release in a folder. Raises DataError if there is none, CannotRun if unreadable."""
    root = Path(root)
    file = root / RELEASE_JSON
    if not file.is_file():
        raise DataError(f"{root}: no release here, {RELEASE_JSON} is missing", "give its folder")
    try:
        manifest = orjson.loads(file.read_bytes())
    except OSError as error:
        raise unusable(file, error) from error
    except ValueError as error:
        raise DataError(f"{file}: no JSON: {error}", "fetch the release again") from error
    check_manifest(manifest, root)
    return Release(root, manifest)


def check_manifest(manifest: object, root: Path) -> None:
    """Check a release.json against its schema. Raises DataError."""
    kind = record_type("release")
    if not kind.is_valid(manifest):
        pointer, message = next(iter(kind.explain(manifest)))
        raise DataError(f"{root / RELEASE_JSON}: {pointer}: {message}", "fetch the release again")
    assert isinstance(manifest, dict)  # noqa: S101 - it is valid
    if fault := _listing_fault(manifest["tables"]):
        raise DataError(f"{root / RELEASE_JSON}: {fault}", "fetch the release again")


def _listing_fault(tables: Sequence[Mapping[str, Any]]) -> str | None:
    """What no schema can say of a list of tables: each is there once, with files of its own."""
    files = [(entry["name"], file["path"]) for entry in tables for file in entry["files"]]
    listed = Counter([*(entry["name"] for entry in tables), *(path for _, path in files)])
    for each in (each for each, count in listed.items() if count > 1):
        return f"{each} is listed twice"
    for path in (path for name, path in files if not path.startswith(f"data/{name}/")):
        return f"{path} is listed as a file of another table"
    return None


def folder_name(name: str, access: str) -> str:
    """Name of the folder that holds a dataset's releases of one access."""
    return f"{name}-public" if access == "public" else name


def previous_folder(release: Release, archive: Path | None = None) -> Path | None:
    """Folder of the release before, beside this one or in the archive's dist/; None if not there.

    It is the one that release.json names by its digest, or none.
    """
    before = release.manifest["previous"]
    if not before:
        return None
    places: list[Path] = [release.root.resolve().parent / before["version"]]
    if archive:
        folder = folder_name(release.name, release.access)
        places.append(archive / "dist" / folder / before["version"])
    for place in places:
        try:
            if open_release(place).sha256 == before["release_sha256"]:
                return place
        except MicroficheError:
            continue
    return None


def releases_of(folder: Path) -> list[Path]:
    """Release folders of one dataset, lowest version first."""
    found = [
        entry
        for entry in (folder.iterdir() if folder.is_dir() else ())
        if VERSION.fullmatch(entry.name) and (entry / RELEASE_JSON).is_file()
    ]
    return sorted(found, key=lambda entry: version_key(entry.name))


@contextlib.contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A temporary folder in `out` that nobody else clears while this process lives.

    Temporary folders whose process is dead are removed first. The folder goes away at the end;
    what is to stay must have been renamed out of it. Raises CannotRun.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _locked(out):  # or another build could clear the folder before it has its lock
            clear_dead(out)
            folder = out / f"{TEMPORARY}{secrets.token_hex(6)}"
            folder.mkdir()
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        raise unusable(out, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock on a folder. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def clear_dead(out: Path) -> None:
    """Remove temporary folders that no living process holds a lock on."""
    for folder in out.glob(f"{TEMPORARY}*"):
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass  # its process lives
        finally:
            os.close(lock)


def put_in_place(built: Path, target: Path) -> None:
    """Rename a finished release folder to where it belongs. Raises CannotRun if that is taken."""
    from microfiche.tables import sync

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            raise CannotRun(f"{target} exists", "a published version is never overwritten")
        for folder, _, _ in os.walk(built):
            sync(Path(folder))
        built.rename(target)
        sync(target.parent)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise CannotRun(f"{target} exists", "another build was faster; build again") from error
        raise unusable(target, error) from error


def manifest_lines(digests: Mapping[str, str]) -> bytes:
    """A BagIt manifest: digest, two spaces, path, sorted by path."""
    return b"".join(f"{digests[path]}  {_encoded(path)}\n".encode() for path in sorted(digests))


def _encoded(path: str) -> str:
    """A path as BagIt writes it: %, CR and LF percent-encoded (RFC 8493, 2.1.3)."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def read_manifest(data: bytes) -> dict[str, str]:
    """Digest by path of a BagIt manifest. Raises ValueError for any line not as written here."""
    digests = {}
    for line in data.decode("utf-8").split("\n")[:-1]:
        if not re.fullmatch(r"[0-9a-f]{64}  [^\s].*", line):
            raise ValueError(f"not a manifest line: {line[:80]!r}")
        digests[line[66:].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")] = line[:64]
    if manifest_lines(digests) != data:
        raise ValueError("the manifest is not in its canonical form")
    return digests
