"""Every row of a release: Parquet files, schemas, digests, roots, ids between tables."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from microfiche.dates import edtf_span
from microfiche.diff import Diff, diff
from microfiche.errors import MicroficheError
from microfiche.fixity import (
    bucket_roots,
    fingerprint,
    key_digest,
    list_digest,
    record_digest,
    sha256_hex,
    short_id,
    table_root,
)
from microfiche.release import (
    RELEASE_JSON,
    ROWS_AT_ONCE,
    Release,
    open_release,
    previous_folder,
    version_key,
)
from microfiche.schema import RecordType, Spec, kind_of, resolved, table_types
from microfiche.tables import to_rows, withheld_paths
from microfiche.text import body_of
from microfiche.withholding import masked_enough

MAX_GROUP_BYTES = 1 << 29  # twice what the builder puts into one, decoded
SAME = 1000  # the similarity of equal texts


def check_tables(release: Release) -> tuple[str, list[str]]:
    """Every Parquet file: page checksums, columns, counts; no statistics of what is withheld."""
    faults, n_files = [], 0
    for entry in release.manifest["tables"]:
        kind = _kind(release, entry["name"])
        total = 0
        for file in entry["files"]:
            n_files += 1
            path = release.root / file["path"]
            with pq.ParquetFile(path, page_checksum_verification=True) as parquet:
                schema = parquet.schema_arrow.remove_metadata()
                rows = sum(len(batch) for batch in parquet.iter_batches(batch_size=ROWS_AT_ONCE))
                if release.access == "public":
                    quoted = _quoted(parquet.metadata, withheld_paths(kind))
                    faults += [f"{file['path']}: statistics of {each}" for each in quoted]
            faults += [
                f"{file['path']}: column {name} is not as schema/{kind.name}.json has it"
                for name in _unlike(schema, kind.arrow_schema)
            ]
            if rows != file["n_rows"]:
                faults.append(f"{file['path']}: {rows} rows, release.json says {file['n_rows']}")
            if (size := path.stat().st_size) != file["size_bytes"]:
                stated = file["size_bytes"]
                faults.append(f"{file['path']}: {size} bytes, release.json says {stated}")
            total += rows
        if total != entry["n_rows"]:
            faults.append(f"{entry['name']}: {total} rows, release.json says {entry['n_rows']}")
    return f"{n_files} Parquet files: page checksums, columns, counts", faults


def _kind(release: Release, name: str) -> RecordType:
    """The record type of a table by the release's own schema files."""
    known = table_types()[name]
    return RecordType(known.name, resolved(release.root / "schema", known.name))


def _unlike(one: pa.Schema, other: pa.Schema) -> list[str]:
    """Columns that two schemas have of other types, in other places, or not both."""
    sides = [dict(zip(each.names, each.types, strict=True)) for each in (one, other)]
    names = sorted(sides[0].keys() | sides[1].keys())
    unlike = [name for name in names if sides[0].get(name) != sides[1].get(name)]
    return unlike or ([] if one.names == other.names else ["order"])


def oversized(release: Release) -> list[str]:
    """Files with a row group that decodes to more than any builder puts into one.

    What is broken beyond that is for the other checks to say.
    """
    found = []
    for entry in release.manifest["tables"]:
        for file in entry["files"]:
            try:
                metadata = pq.read_metadata(release.root / file["path"])
            except (OSError, pa.ArrowException):
                continue
            if _largest_group(metadata) > MAX_GROUP_BYTES:
                found.append(f"{file['path']}: a row group larger than any builder writes")
    return found


def _largest_group(metadata: Any) -> int:
    """Bytes of the largest row group once decoded, as the file states them."""
    groups = range(metadata.num_row_groups)
    return max((metadata.row_group(group).total_byte_size for group in groups), default=0)


def _quoted(metadata: Any, paths: frozenset[str]) -> list[str]:
    """Columns among `paths` that have statistics or a page index, which quote values."""
    columns = (
        metadata.row_group(group).column(place)
        for group in range(metadata.num_row_groups)
        for place in range(metadata.num_columns)
    )
    return sorted(
        {
            column.path_in_schema
            for column in columns
            if column.path_in_schema in paths
            and (column.is_stats_set or column.has_column_index or column.has_offset_index)
        }
    )


def check_records(release: Release) -> tuple[str, list[str]]:
    """Every row against its schema, its digest and its table's root; order and keys too."""
    faults: list[str] = []
    roots, count = {}, 0
    for entry in release.manifest["tables"]:
        kind = _kind(release, entry["name"])
        index: list[tuple[bytes, bytes]] = []
        for batch in release.batches(entry["name"]):
            for row in to_rows(kind, batch):
                index.append(_check_row(row, kind, release.access, faults))
        count += len(index)
        index.sort()
        keys, digests = [key for key, _ in index], [digest for _, digest in index]
        if len(set(keys)) != len(keys):
            faults.append(f"{entry['name']}: two rows have one primary key")
        root = table_root(bucket_roots(keys, digests))
        if root.hex() != entry["root"]:
            faults.append(f"{entry['name']}: its Merkle root is not the one in release.json")
        if index:
            roots[entry["name"]] = root
    found = fingerprint(roots.items())
    if found != release.fingerprint:
        faults.append(f"the fingerprint is {found}, release.json says {release.fingerprint}")
    return f"{count} records against schema, digest and fingerprint", faults


def _check_row(
    row: Mapping[str, Any], kind: RecordType, access: str, faults: list[str]
) -> tuple[bytes, bytes]:
    table = kind.table
    name = f"{table.name} {', '.join(str(row[key]) for key in table.key)}"
    digest = record_digest(row, kind)
    if digest.hex() != row["record_sha256"]:
        faults.append(f"{name}: record_sha256 is not the record's digest")
    if not kind.is_valid(row):
        faults.append(f"{name}: not valid by schema/{kind.name}.json")
        known = table_types()[table.name]  # another's schema is never asked to explain: patterns
        faults += [f"{name}: {pointer}: {message}" for pointer, message in known.explain(row)]
    if "text" in row:
        faults += [f"{name}: {fault}" for fault in _text_faults(row)]
    if table.name == "articles":
        faults += [f"{name}: {fault}" for fault in _article_faults(row)]
    if access == "public":
        faults += [
            f"{name}: {path} is shown, which a public release withholds"
            for path in _shown(row, kind.document["properties"])
            if path != "text"
        ]
    return key_digest(row, table.key), digest


def _article_faults(row: Mapping[str, Any]) -> Iterator[str]:
    """What an article's columns say against what others of its columns make it."""
    state = [row["title"], row["subtitle"], row["text_sha256"], row["captions_sha256"]]
    if row["revision_id"] != short_id(state):
        yield "revision_id is not the digest of the revision"
    span = edtf_span(row["published"]) if row["published"] else None
    days = (span.earliest, span.latest) if span else (None, None)
    if days != (row["published_earliest"], row["published_latest"]):
        yield "published_earliest and published_latest are not what published means"
    if (row["url"] or "//").split("/", 3)[2] != (row["domain"] or ""):
        yield "domain is not the host of url"
    if row["text_access"] == "full" and row["text"]:
        body = body_of(row["text"])
        if (body.n_words, body.n_paragraphs) != (row["n_words"], row["n_paragraphs"]):
            yield "n_words and n_paragraphs are not those of the text"


def _shown(row: Mapping[str, Any], properties: Spec, prefix: str = "") -> Iterator[str]:
    """Columns and members that may be withheld and hold something, dotted."""
    for name, spec in properties.items():
        if spec.get("x-withhold") and row[name] not in (None, []):
            yield prefix + name
        elif kind_of(spec) == "object":
            yield from _shown(row[name], spec["properties"], f"{prefix}{name}.")


def _text_faults(row: Mapping[str, Any]) -> Iterator[str]:
    """A text, captions and removed lines against their digests, as far as they are shown."""
    access, text = row.get("text_access", "full"), row["text"]
    if access == "full" and text is None and "text_access" in row:
        yield "text is missing, and text_access says full"
    if access == "withheld" and text is not None:
        yield "text is shown, and text_access says withheld"
    if access == "masked" and (text is None or not masked_enough(text)):
        yield "text is not masked as the rule asks"
    if access == "full" and text is not None and sha256_hex(text.encode()) != row["text_sha256"]:
        yield "text_sha256 is not the text's digest"
    for holder in (row, row.get("provenance") or {}):
        for field in ("captions", "removed_lines"):
            values = holder.get(field)
            if values and list_digest(values) != holder[f"{field}_sha256"]:
                yield f"{field}_sha256 is not the digest of {field}"


def check_references(release: Release) -> tuple[str, list[str]]:
    """Every id in one table that names a row of another."""

    def values(name: str, column: str) -> list[Any]:
        return list(release.table(name, [column]).column(column).to_pylist())

    articles, outlets = set(values("articles", "article_id")), set(values("outlets", "outlet_id"))
    checks = (
        ("captures", "article_id", articles),
        ("revisions", "article_id", articles),
        ("articles", "outlet_id", outlets),
        ("captures", "outlet_id", outlets),
        ("links", "from_id", articles),
        ("links", "to_id", articles),
        ("gaps", "article_id", articles),
        ("gaps", "outlet_id", outlets),
        ("articles", "revision_id", set(values("revisions", "revision_id"))),
    )
    faults = [
        f"{table}.{column}: {value!r} is in no row it could name"
        for table, column, known in checks
        for value in sorted({each for each in values(table, column) if each is not None} - known)
    ]
    faults += _link_faults(release)
    faults += _revision_faults(release)
    faults += _count_faults(release)
    faults += _gap_faults(release)
    shown = articles | {each for aliases in values("articles", "aliases") for each in aliases}
    withdrawn = set(values("withdrawn", "article_id"))
    faults += [f"articles: {each!r} is withdrawn" for each in sorted(shown & withdrawn)]
    return "ids between the tables", faults


def _link_faults(release: Release) -> Iterator[str]:
    """What links say against what the articles say."""
    links = release.table("links").to_pylist()
    if not links:
        return
    columns = ["article_id", "outlet_id", "text_sha256"]
    rows = {row["article_id"]: row for row in release.table("articles", columns).to_pylist()}
    for link in links:
        one, other = rows.get(link["from_id"]), rows.get(link["to_id"])
        if one is None or other is None:
            continue
        equal = one["text_sha256"] == other["text_sha256"]
        relation = "near" if one["outlet_id"] == other["outlet_id"] else "reprint"
        wrong = link["relation"] != relation or (link["rule"] == "equal-text") != equal
        if one is other or wrong or (equal and link["similarity"] != SAME):
            yield f"links: {link['from_id']} to {link['to_id']} is not what the articles say"


def _count_faults(release: Release) -> Iterator[str]:
    """Counts of captures and revisions in articles against the tables."""
    states = Counter(release.table("revisions", ["article_id"])["article_id"].to_pylist())
    seen: Counter[str] = Counter()
    for batch in release.batches("captures", ["article_id", "outcome"]):
        of_articles = batch.filter(pc.equal(batch["outcome"], "article"))
        seen.update(of_articles["article_id"].to_pylist())
    for batch in release.batches("articles", ["article_id", "n_revisions", "provenance"]):
        for row in batch.to_pylist():
            article_id = row["article_id"]
            if row["n_revisions"] != states[article_id]:
                yield f"articles {article_id}: n_revisions is not the number of its revisions"
            if row["provenance"]["n_captures"] != seen[article_id]:
                yield f"articles {article_id}: n_captures is not the number of its captures"


def _revision_faults(release: Release) -> Iterator[str]:
    """A public release shows an earlier text only where outlet and article allow it."""
    if release.access != "public":
        return
    columns = ["outlet_id", "text_policy", "rights_basis"]
    outlets = release.table("outlets", columns).to_pylist()
    open_ = {r["outlet_id"] for r in outlets if r["text_policy"] == "full" and r["rights_basis"]}
    rows = release.table("articles", ["article_id", "outlet_id", "text_access"]).to_pylist()
    whole = {
        row["article_id"]
        for row in rows
        if row["text_access"] == "full" and row["outlet_id"] in open_
    }
    for batch in release.batches("revisions", ["article_id", "text"]):
        for row in batch.filter(pc.is_valid(batch["text"])).to_pylist():
            if row["article_id"] not in whole:
                yield f"revisions {row['article_id']}: text is shown, which its rights withhold"


def _gap_faults(release: Release) -> Iterator[str]:
    """The counts of the gap ledger against the articles."""
    articles = release.table("articles", ["outlet_id", "published_earliest", "published_latest"])
    counts: dict[tuple[str, str], int] = {}
    for row in articles.to_pylist():
        first, last = row["published_earliest"], row["published_latest"]
        if first and last:
            for width in (4, 7):
                subject = first.isoformat()[:width]
                if subject == last.isoformat()[:width] and (first.month == last.month):
                    key = (row["outlet_id"], subject)
                    counts[key] = counts.get(key, 0) + 1
    columns = ["outlet_id", "kind", "subject", "state", "n_articles"]
    rows = [row for row in release.table("gaps", columns).to_pylist() if row["kind"] == "period"]
    told = {(row["outlet_id"], row["subject"][:4]) for row in rows}
    for outlet_id, subject in sorted(counts):
        if (outlet_id, subject[:4]) not in told:
            yield f"gaps: {outlet_id} {subject}: there are articles, and no row"
    for row in rows:
        found = counts.get((row["outlet_id"], row["subject"]), 0)
        if found != row["n_articles"] or (found > 0) != (row["state"] == "captured"):
            yield (
                f"gaps: {row['outlet_id']} {row['subject']}: {row['n_articles']} articles, "
                f"{row['state']}; the articles give {found}"
            )


def check_chain(release: Release) -> tuple[str, list[str]]:
    """The releases before, as far as they lie beside this one, and the table of changes."""
    faults: list[str] = []
    at, versions = release, []
    while before := at.manifest["previous"]:
        place = previous_folder(at)
        if place is None:
            if _is_in_the_way(at, before["version"]):
                faults.append(
                    f"{RELEASE_JSON}: the release before, {before['version']}, has another digest "
                    f"than {before['release_sha256']}"
                )
            break
        older = open_release(place)
        found = diff(older, at)
        faults += _link_of_chain(at, older, found)
        if at is release:
            faults += _change_faults(release, older, found)
        versions.append(older.version)
        at = older
    before = at.manifest["previous"]
    missing = f"; {before['version']} and what is before it are not at hand" if before else ""
    known = ", ".join(versions) or "none at hand"
    return f"releases before: {known if release.manifest['previous'] else 'none'}{missing}", faults


def _is_in_the_way(release: Release, version: str) -> bool:
    """Whether another release of the same line lies where the one before should."""
    try:
        beside = open_release(release.root.resolve().parent / version)
    except MicroficheError:
        return False
    return (beside.name, beside.access) == (release.name, release.access)


def _link_of_chain(release: Release, older: Release, found: Diff) -> Iterator[str]:
    before = release.manifest["previous"]
    lowest = found.version_after(older.version)[0]
    if version_key(release.version) < version_key(lowest):
        yield f"{RELEASE_JSON}: version {release.version}, but what changed makes it {lowest}"
    for key, value in (("version", older.version), ("fingerprint", older.fingerprint)):
        if before[key] != value:
            yield f"{RELEASE_JSON}: previous {key} is {before[key]}, that release says {value}"
    if version_key(older.version) >= version_key(release.version):
        yield f"{RELEASE_JSON}: version {release.version} is not above {older.version}"
    if older.name != release.name or older.access != release.access:
        yield f"{RELEASE_JSON}: the release before is of {older.name}, access {older.access}"


def _change_faults(release: Release, older: Release, found: Diff) -> Iterator[str]:
    """The table of changes against the two releases."""
    stated = {row["article_id"]: row for row in release.rows("changes")}
    differing = {row["article_id"]: row for row in found.changes}
    for article_id in sorted(stated.keys() | differing.keys()):
        row, other = stated.get(article_id), differing.get(article_id)
        if row is not None and other is not None:
            row, other = dict(row, record_sha256=""), dict(other, record_sha256="")
        if row != other:
            yield f"changes {article_id}: not what differs from {older.version}"


def check_load(release: Release) -> tuple[str, list[str]]:
    """Load every config with `datasets` in a temporary cache; the rows must have their digests."""
    from microfiche.load import load_folder

    faults, count = [], 0
    with tempfile.TemporaryDirectory(prefix="microfiche-") as cache:
        for entry in release.manifest["tables"]:
            if not entry["n_rows"]:
                continue
            loaded = load_folder(release.root, entry["name"], cache_dir=cache)["train"]
            count += len(loaded)
            expected = release.table(entry["name"], ["record_sha256"]).column(0).to_pylist()
            if list(loaded["record_sha256"]) != expected:
                faults.append(f"config {entry['name']}: datasets loads other rows")
            kind = _kind(release, entry["name"])
            for batch in loaded.with_format("arrow").iter(batch_size=ROWS_AT_ONCE):
                for row in to_rows(kind, batch):
                    if record_digest(row, kind).hex() != row["record_sha256"]:
                        faults.append(f"config {entry['name']}: a loaded row has other values")
    return f"{count} rows as `datasets` loads them", faults
