"""Every copy of an article that somebody must see to when it is withdrawn.

In releases, packages and where these are published; in captures, their records and lists; and in
other articles whose texts are alike.
"""

from __future__ import annotations

import contextlib
import glob
import zipfile
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from microfiche.archive import Archive
from microfiche.archive.files import CORRECTIONS
from microfiche.archive.publications import places_of
from microfiche.captures.expected import read_expected
from microfiche.captures.files import REPLACED
from microfiche.captures.retrieval import LINES_FILE, SIDECAR, folder_lines
from microfiche.release import RELEASE_JSON, Release

# What to do with a copy, by the scheme of where it was published.
AT_HOSTS: Mapping[str, str] = {
    "hf": "make the repository private or gated, publish the next release there, then have the "
    "old files removed from its history (super_squash_history); its tags keep them otherwise",
    "zenodo": "restrict the record's files, or ask Zenodo to remove them; the DOI and its "
    "landing page stay; publish the next release as a new version",
    "s3": "delete the release's objects with all their versions, and any copy behind a cache",
    "file": "remove the release's folder, and tell whoever reads it there",
}
TABLES = "tables"
SHOWN_OFFSETS, MAX_MANIFEST = 8, 64 << 20
ELSEWHERE = "ask whoever runs it to take the release down and to name the next one instead"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a withdrawn article: where it is, and what to do there."""

    where: str
    remedy: str


def copies_of(
    archive: Archive, releases: Sequence[Release], ids: tuple[str, ...]
) -> Iterator[Copy]:
    """Where the article's text or captures are, as far as the archive knows."""
    files: dict[str, _Held] = {}
    holding: list[Release] = []
    addresses: set[str] = set()
    for release in releases:
        rows = holding_rows(release, ids)
        if not rows:
            continue
        holding.append(release)
        place = release.root.relative_to(archive.root).as_posix()
        withheld = all(row["text"] is None for row in rows)
        note = " (it withholds the text, but has title, address and digests)" if withheld else ""
        yield Copy(place, f"build the next release, then remove this folder if it must go{note}")
        addresses |= {row["url"] for row in rows if row["url"]}
        files |= _capture_files(release, tuple({*ids, *(row["article_id"] for row in rows)}))
    for version in dict.fromkeys(release.version for release in holding):
        yield from _published(archive, version)
    yield from _wheels(archive, {release.version for release in holding})
    yield from _reprints(holding, ids)
    for file, held in sorted(files.items()):
        attic = f"{REPLACED}/{Path(file).stem}.jsonl"
        if (archive.raw / attic).exists():
            yield Copy(f"raw/{attic}", "rows in whose place there are others: take its own out")
        if (archive.raw / file).exists() or (archive.raw / attic).exists():
            yield from _tables_of(archive, file)
        if (archive.raw / file).exists():
            yield Copy(f"raw/{file}", held.remedy())
            if not held.n_others:
                yield from _records_of(archive.raw / file, archive.root)
    yield from _corrected(archive, holding, ids)
    yield from _listed(archive, addresses)


def _tables_of(archive: Archive, file: str) -> Iterator[Copy]:
    """The table whose rows a file of captures has."""
    for table in sorted((archive.raw / TABLES).glob(f"{glob.escape(Path(file).stem)}*")):
        if table.suffix != SIDECAR:
            place = table.relative_to(archive.root).as_posix()
            yield Copy(place, "the table that it came from: take its row out, or delete it")


@dataclass(frozen=True)
class _Held:
    """What a file holds of an article: where its records begin, and how many other articles'."""

    offsets: tuple[int, ...]
    n_others: int

    def remedy(self) -> str:
        """What to do with the file."""
        if not self.n_others:
            return "may be deleted once the next release is built"
        noun = "article" if self.n_others == 1 else "articles"
        shown = ", ".join(f"{offset:,}" for offset in self.offsets[:SHOWN_OFFSETS])
        more = ", …" if self.offsets[SHOWN_OFFSETS:] else ""
        return (
            f"holds captures of {self.n_others:,} other {noun} too: take out its own records "
            f"(at byte {shown}{more}) once the next release is built, do not delete the file"
        )


def _wheels(archive: Archive, versions: set[str]) -> Iterator[Copy]:
    """Packages beside the archive that hold one of these versions of its dataset."""
    folders = (archive.root / "dist", archive.root / "build")
    for file in sorted(each for folder in folders for each in folder.rglob("*.whl")):
        if versions & set(_packed(file, archive.name)):
            place = file.relative_to(archive.root).as_posix()
            yield Copy(place, "delete it, and have it removed from every index that it is on")


def _packed(file: Path, name: str) -> Iterator[str]:
    """Versions of a dataset that a package holds; none of a file that is no package."""
    broken = (OSError, ValueError, RuntimeError, zipfile.BadZipFile)
    with contextlib.suppress(*broken), zipfile.ZipFile(file) as package:
        for member in package.namelist():
            if member.endswith(RELEASE_JSON):
                with package.open(member) as packed:
                    manifest = orjson.loads(packed.read(MAX_MANIFEST))
                if isinstance(manifest, dict) and manifest.get("name") == name:
                    yield str(manifest.get("version"))


def _reprints(releases: Sequence[Release], ids: Sequence[str]) -> Iterator[Copy]:
    """Articles whose texts are like this one's, as the newest release that has it links them."""
    for release in releases[:1]:
        own = {each for row in holding_rows(release, ids) for each in (row["article_id"], *ids)}
        for row in release.rows("links"):
            ends = {row["from_id"], row["to_id"]}
            for other in sorted(ends - own) if ends & own else ():
                alike = f"{row['similarity']} thousandths of the text are the same"
                remedy = "the next release withdraws it too; lift that if it is to stay"
                yield Copy(f"article {other}", f"{alike}: {remedy}")


def _corrected(archive: Archive, releases: Sequence[Release], ids: Sequence[str]) -> Iterator[Copy]:
    """Lines that correct the article or a capture of it: they have words of its text."""
    captures = {
        row["capture_id"]
        for release in releases
        for row in release.select("captures", "article_id", list(ids))
    }
    named = captures.union(ids)
    for number, line in enumerate(archive.corrections, start=1):
        if (line.get("capture_id") or line.get("article_id")) in named:
            remedy = "corrects it: take the line out once the next release is built"
            yield Copy(f"{CORRECTIONS}, line {number}", remedy)


def _listed(archive: Archive, addresses: Container[str]) -> Iterator[Copy]:
    """Lists of expected addresses that name one of the article's."""
    files = {each.file for each in read_expected(archive.raw, []) if each.url in addresses}
    for file in sorted(files):
        yield Copy(f"raw/{file}", "names its address; releases leave it out, the list keeps it")


def _records_of(capture: Path, root: Path) -> Iterator[Copy]:
    """Where the retrieval record of a whole file is, which would be left without its capture."""
    place = capture.relative_to(root).as_posix()
    if capture.with_name(capture.name + SIDECAR).exists():
        yield Copy(f"{place}{SIDECAR}", "its retrieval record: delete it together with the file")
    for line in folder_lines(capture.parent).get(capture.name, ()):
        lines = capture.with_name(LINES_FILE).relative_to(root).as_posix()
        yield Copy(f"{lines}, line {line.line}", "its retrieval record: take it out together")


def _published(archive: Archive, version: str) -> Iterator[Copy]:
    for target in places_of(archive.releases.get(version, {})):
        scheme = target.partition(":")[0].lower()
        yield Copy(f"{target}, version {version}", AT_HOSTS.get(scheme, ELSEWHERE))


def _capture_files(release: Release, ids: tuple[str, ...]) -> dict[str, _Held]:
    """Files that hold captures of the article, and what they hold."""
    columns = ["article_id", "source_file", "source_offset"]
    own: dict[str, set[int]] = {}
    others: dict[str, set[str]] = {}
    for row in release.table("captures", columns).to_pylist():
        if row["source_file"] and row["article_id"] in ids:
            own.setdefault(row["source_file"], set()).add(row["source_offset"] or 0)
        elif row["source_file"]:
            others.setdefault(row["source_file"], set()).add(row["article_id"] or "")
    return {
        file: _Held(tuple(sorted(offsets)), len(others.get(file, ())))
        for file, offsets in own.items()
    }


def holding_rows(release: Release, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The articles of a release that have one of these ids, or had it once."""
    known = release.table("articles", ["article_id", "aliases"]).to_pylist()
    own = ((row["article_id"], {row["article_id"], *row["aliases"]}) for row in known)
    found = [article_id for article_id, held in own if not held.isdisjoint(ids)]
    return release.select("articles", "article_id", found) if found else []
