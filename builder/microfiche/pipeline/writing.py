"""Writing a release's folder: sheets of rows made in one process, tables, pages.

Shared by what builds a release and by what puts texts back into one.
"""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from microfiche.describe.facts import Facts
from microfiche.engine import Engine
from microfiche.fixity import file_digest, sha256_hex
from microfiche.pipeline.collating import Sheets
from microfiche.release import Release
from microfiche.release.withholding import withhold
from microfiche.schema import RecordType, table_types
from microfiche.tables.regrouping import regroup
from microfiche.tables.shards import (
    Shard,
    ShardFile,
    link_shard,
    plan_shards,
    sync,
    write_shard,
)
from microfiche.tables.sheets import SheetWriter, read_index

Row = dict[str, Any]


def small_sheet(work: Path, kind: RecordType, rows: Sequence[Row]) -> list[Any]:
    """The rows of a table that one process makes, as its only sheet."""
    writer = SheetWriter(kind, work / f"{kind.table.name}.arrow")
    for row in rows:
        writer.add(row)
    sheet = writer.close()
    return [sheet] if sheet else []


def write_tables(
    engine: Engine,
    manifest: Mapping[str, Any],
    sheets: Sheets,
    target: Path,
    shown: str | None = None,
    kinds: Mapping[str, RecordType] | None = None,
    written: Written | None = None,
) -> dict[str, Any]:
    """Write every shard of every table; the manifest with the files in it.

    `shown` is a file with what a public release shows (`withholding.Shown`); None: everything.
    `kinds` are record types by table, where they are not this builder's. What is `written` already
    is taken over, and all that is now is added to it.
    """
    kinds = kinds or table_types()
    entries = {entry["name"]: dict(entry) for entry in manifest["tables"]}
    done: list[tuple[str, ShardFile]] = []
    tasks: list[_Write] = []
    work = target.parent / "regrouped"
    for name in sorted(sheets):
        shards = plan_shards(kinds[name], read_index(sheets[name]), known=written is not None)
        if written:
            known = [written.take(shard, target) for shard in shards]
            done += [(name, file) for file in known if file]
            shards = [each for each, file in zip(shards, known, strict=True) if file is None]
        paths = [sheet.path for sheet in sheets[name]]
        shards, paths = regroup(engine, shards, paths, work / name)
        held = tuple(paths)
        tasks += [_Write(kinds[name], shard, held, str(target), shown) for shard in shards]
    done += engine.run("writing tables", _write_one, tasks) if tasks else ()
    shutil.rmtree(work, ignore_errors=True)
    for name, file in sorted(done, key=lambda each: each[1].path):
        entries[name]["files"] = [*entries[name]["files"], file.as_json()]
        entries[name]["size_bytes"] += file.arrow_bytes
        if written:
            written.add(file)
    return {**manifest, "tables": list(entries.values())}


class Written:
    """Shards of the release before, with what they were written from.

    `known` has the digest of that, and the size in memory, by the digest of the file; `seen` with
    what SHA-256 and stamp each file was found to be whole.
    """

    def __init__(
        self,
        release: Release | None,
        known: Mapping[str, tuple[str, int]],
        seen: Mapping[str, Sequence[object]],
    ) -> None:
        self.known, self.seen = {**known}, seen
        self.files: dict[str, tuple[str, ShardFile]] = {}
        if release is None:
            return
        for entry in release.manifest["tables"]:
            for each in (each for each in entry["files"] if each["sha256"] in known):
                content, size = known[each["sha256"]]
                file = ShardFile(**each, arrow_bytes=size, content=content)
                self.files[file.path] = str(release.root / file.path), file

    def take(self, shard: Shard, target: Path) -> ShardFile | None:
        """Take over the shard of this path if it was written from the same; None if not."""
        place, file = self.files.get(shard.path, ("", None))
        if file is None or file.content != shard.content:
            return None
        whole = link_shard(Path(place), file, target, self.seen.get(file.path, ()))
        return file if whole else None

    def add(self, file: ShardFile) -> None:
        """Take note of a file of this release."""
        if file.content:
            self.known[file.sha256] = file.content, file.arrow_bytes


class _Write(NamedTuple):
    """A shard to write."""

    kind: RecordType
    shard: Shard
    sheets: Sequence[str]
    target: str
    shown: str | None


@lru_cache(maxsize=2)
def read_once(path: str) -> Any:
    """What a build kept for its workers in a file, read once a process: it may be large."""
    return pickle.loads(Path(path).read_bytes())  # noqa: S301 - this build wrote it


def _write_one(task: _Write) -> tuple[str, ShardFile]:
    kind, shard, target = task.kind, task.shard, Path(task.target)
    if task.shown is not None:
        show = partial(withhold, shown=read_once(task.shown))
        return kind.table.name, write_shard(kind, shard, task.sheets, target, show)
    return kind.table.name, write_shard(kind, shard, task.sheets, target)


def write_pages(pages: Mapping[str, bytes], target: Path) -> None:
    """Write the describing files, flush them and read them back. Raises OSError."""
    for path, data in pages.items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        sync(file)
        if file_digest(file)[1] != sha256_hex(data):
            raise OSError(5, f"{path} does not read back as written")


def restriction(facts: Facts) -> dict[str, Any]:
    """The marks of release.json for texts that are shown beyond their rights."""
    outlets = sorted(facts.beyond_rights)
    return {"restricted": bool(outlets), "restricted_outlets": outlets}
