"""The dataset card: README.md of a release, as the Hugging Face Hub and `datasets` read it.

`datasets` caches a local folder by the card's YAML and the folder's base name, not by content, so
every config states the release's version and a digest of its files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from microfiche.describe import block, fill_blocks, plain, table, yaml_page
from microfiche.describe.citation import cite
from microfiche.describe.coverage import coverage
from microfiche.describe.facts import Facts, languages_of, published_span, ranked, size_category
from microfiche.describe.questions import without_placeholders
from microfiche.describe.source import Source
from microfiche.describe.terms import hub_dataset
from microfiche.fixity import sha256_hex
from microfiche.release.bag import manifest_lines
from microfiche.schema import RecordType

# A heading that nothing follows, as where a placeholder stood.
EMPTY_SECTION = re.compile(r"^#{2,6} [^\n]*\n\s*(?=#{1,2} |\Z)", re.MULTILINE)
DEFAULT_CONFIG = "articles"
PLACEHOLDER = "ORG/NAME"


def config_digest(entry: Mapping[str, Any]) -> str:
    """Digest of one table's files: SHA-256 of its lines in the manifest."""
    digests = {file["path"]: file["sha256"] for file in entry["files"]}
    return sha256_hex(manifest_lines(digests))


def card_data(manifest: Mapping[str, Any], source: Source, facts: Facts) -> dict[str, Any]:
    """The card's YAML as data."""
    dataset = source.dataset
    loadable = [entry for entry in manifest["tables"] if entry["n_rows"]]
    loadable.sort(key=lambda entry: (entry["name"] != DEFAULT_CONFIG, entry["name"]))
    data: dict[str, Any] = {
        "pretty_name": " ".join(dataset["title"].split()),
        "license": str(dataset.get("license", "unknown")).lower(),
        "language": languages_of(dataset, facts),
        "tags": sorted({*dataset.get("keywords", ()), "news", "archive", "microfiche"}),
        "size_categories": [size_category(facts.n_articles)],
        "source_datasets": ["original"],
        "annotations_creators": ["no-annotation"],
        "configs": [_config(manifest, entry) for entry in loadable],
        "dataset_info": [_info(entry, source.types) for entry in loadable],
    }
    return {key: value for key, value in data.items() if value}


def _config(manifest: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    config = {
        "config_name": entry["name"],
        "version": manifest["version"],
        "description": f"sha256-{config_digest(entry)}",
        "data_files": [{"split": "train", "path": [file["path"] for file in entry["files"]]}],
    }
    return config | ({"default": True} if entry["name"] == DEFAULT_CONFIG else {})


def _info(entry: Mapping[str, Any], types: Mapping[str, RecordType]) -> dict[str, Any]:
    download = sum(file["size_bytes"] for file in entry["files"])
    split = {
        "name": "train",
        "num_bytes": entry["size_bytes"],
        "num_examples": entry["n_rows"],
    }
    return {
        "config_name": entry["name"],
        "features": types[entry["name"]].features(),
        "splits": [split],
        "download_size": download,
        "dataset_size": entry["size_bytes"],
    }


def card(manifest: Mapping[str, Any], source: Source, facts: Facts) -> str:
    """The whole card: raw/CARD.md, its generated blocks filled in or appended."""
    dataset = source.dataset
    blocks = card_blocks(manifest, source, facts)
    written = without_placeholders(source.page("CARD.md").replace("\r\n", "\n").strip())
    page, seen = fill_blocks(_without_empty_sections(written).strip(), blocks)
    missing = [block(name, body) for name, body in blocks.items() if name not in seen]
    front = yaml_page(card_data(manifest, source, facts), 1000)
    parts = [f"---\n{front}---", f"# {plain(dataset['title'])}", page, *missing]
    return "\n\n".join(part for part in parts if part) + "\n"


def _without_empty_sections(page: str) -> str:
    """A page without headings that nothing follows; one with code in it is left as it is."""
    before, page = "", f"{page.strip()}\n"
    while before != page and "```" not in page:
        before, page = page, EMPTY_SECTION.sub("", page)
    return page


def card_blocks(manifest: Mapping[str, Any], source: Source, facts: Facts) -> dict[str, str]:
    """The generated parts of a card, in their order."""
    dataset = source.dataset
    return {
        "status": _status(manifest),
        "summary": _summary(manifest, dataset, facts),
        "tables": _tables(manifest, source.types),
        "load": _load(manifest, facts),
        "verify": _verify(manifest),
        "cite": _cite(manifest, dataset),
        "access": _access(manifest, facts),
        "outlets": _outlets(source.outlets, facts),
        "coverage": f"## Coverage\n\n{coverage(facts)}",
        "fields": _fields(manifest, source.types),
        "contact": _contact(dataset),
    }


def _status(manifest: Mapping[str, Any]) -> str:
    lines = []
    if manifest["draft"]:
        reasons = ", ".join(manifest["draft_reasons"])
        lines.append(f"> **Draft.** Not to be published: {plain(reasons)}.")
    if manifest["restricted"]:
        names = ", ".join(f"`{name}`" for name in manifest["restricted_outlets"])
        lines.append(
            f"> **Restricted.** The text of {names} is shown, which by the rights recorded may not "
            "be republished: not for public hosts."
        )
    return "\n>\n".join(lines) or "Neither a draft nor restricted."


def _summary(manifest: Mapping[str, Any], dataset: Mapping[str, Any], facts: Facts) -> str:
    rows = [
        ("Version", f"{manifest['version']} of {manifest['date']}"),
        ("Fingerprint of the records", f"`{manifest['fingerprint']}`"),
        ("Articles", f"{facts.n_articles:,} ({facts.n_words:,} words)"),
        ("Published", span(facts)),
        ("Languages", counts(facts.languages)),
        ("License of metadata and descriptions", f"{plain(dataset.get('license', 'none stated'))}"),
        ("Built with", plain(manifest["builder"])),
    ]
    if facts.corrected:
        told = f"{counts(facts.corrected)}: table `corrections` says why, and by whom"
        rows.insert(5, ("Values corrected by hand", told))
    if manifest["doi"]:
        rows.insert(0, ("DOI", plain(manifest["doi"])))
    about = plain(dataset["description"]) + "\n\n" if "description" in dataset else ""
    return about + table(("", ""), rows)


def span(facts: Facts) -> str:
    """First and last day of publication in words."""
    days = published_span(facts)
    if days is None:
        return "no dates known"
    return f"{days[0] or 'open'} to {days[1] or 'open'}"


def counts(numbers: Mapping[str, int]) -> str:
    """Counts by name as words, largest first."""
    return ", ".join(f"{plain(name)} ({count:,})" for name, count in ranked(numbers)) or "none"


def _tables(manifest: Mapping[str, Any], kinds: Mapping[str, RecordType]) -> str:
    rows = [
        (
            f"`{entry['name']}`",
            f"{entry['n_rows']:,}",
            plain(kinds[entry["name"]].document["description"]),
        )
        for entry in manifest["tables"]
    ]
    note = "A table without rows has no config. Every config has one split, `train`."
    return f"## Tables\n\n{table(('Config', 'Rows', 'One row is'), rows)}\n\n{note}"


def _load(manifest: Mapping[str, Any], facts: Facts) -> str:
    version, hub = manifest["version"], hub_dataset(manifest) or PLACEHOLDER
    placeholder = " (ORG/NAME is the dataset there)" if hub == PLACEHOLDER else ""
    files = f"hf://datasets/{hub}@v{version}/data/articles/*.parquet"
    return f"""## How to load

```python
from datasets import load_dataset

articles = load_dataset("path/to/{version}", split="train")
captures = load_dataset("path/to/{version}", "captures", split="train")
```

From the Hub, where a version has its tag{placeholder}:

```python
articles = load_dataset("{hub}", revision="v{version}", split="train")
```

With pandas, polars or DuckDB, without a copy:

```python
import pandas, polars, duckdb

pandas.read_parquet("hf://datasets/{hub}@v{version}/data/articles")
polars.read_parquet("{files}")
duckdb.read_parquet("{files}")
```

The Hub's viewer shows each config of the table above as a table, `articles` first; lists and
structs as JSON, times in UTC. {_shown(facts)}

`datasets` caches a local folder by its name and this card, not by its content. That is why each
config states the version, and as `description` the SHA-256 of its files' lines in
`manifest-sha256.txt`: two releases never share a cache entry."""


def _shown(facts: Facts) -> str:
    """What the viewer shows of the texts."""
    shown = facts.text_access
    counts = (shown.get("full", 0), shown.get("masked", 0), shown.get("withheld", 0))
    return "Of the texts it shows {:,} whole, {:,} masked, and none of {:,}.".format(*counts)


def _verify(manifest: Mapping[str, Any]) -> str:
    chain = ""
    if before := manifest["previous"]:
        chain = (
            f"\n\nThe release before is {before['version']}, fingerprint "
            f"`{before['fingerprint']}`; the SHA-256 of its `tagmanifest-sha256.txt` is "
            f"`{before['release_sha256']}`."
        )
    return f"""## How to verify

`microfiche verify path/to/{manifest["version"]}` checks every file, row, digest and description of
this folder without a network. Without microfiche, `sha256sum -c manifest-sha256.txt` checks the
data files and `sha256sum -c tagmanifest-sha256.txt` all others. `microfiche prove` shows that one
article is under the fingerprint to somebody who has nothing else.{chain}"""


def _access(manifest: Mapping[str, Any], facts: Facts) -> str:
    shown = ", ".join(f"{access} {count:,}" for access, count in sorted(facts.text_access.items()))
    lines = [f"This release is of access **{manifest['access']}**. Texts of articles: {shown}."]
    if manifest["access"] == "public":
        lines.append(PUBLIC)
    if manifest["rehydrated"]:
        lines.append(
            "Its texts were put back from captures, each proved by its digest, into the public "
            f"release whose digest is `{manifest['rehydrated']['release_sha256']}`."
        )
    if "masked" in facts.text_access:
        lines.append(MASKED)
    lines.append(
        "`license`, `rights_statement`, `rights_basis` and `rights_evidence` of an article say "
        "what is known of the right to republish it. Null means that nothing is recorded, not "
        "that anything is allowed. The license of this dataset is that of metadata and "
        "descriptions."
    )
    return "## Rights and access\n\n" + "\n\n".join(lines)


PUBLIC = """A public release shows a text whole only where a basis for republishing it is recorded;
else it masks or withholds it, as the outlet's file says. Captions, lines taken out, file names and
who retrieved a capture are left out of every row. All digests and counts stand, and the records
have the fingerprint of the full release. Whoever holds the captures puts the texts back with
`microfiche rehydrate`, which proves each by its digest."""
MASKED = """In a masked text some tokens (runs of characters other than white space, or single ones
of scripts that set no spaces) are `@`: of a text of more than 200 tokens 7 consecutive ones in each
100, of a shorter one 5 in each 20. Where they stand in a block follows from the text's SHA-256. The
rule is that of the NELA-GT datasets."""


def _outlets(outlets: Sequence[Mapping[str, Any]], facts: Facts) -> str:
    rows = []
    for entry in outlets:
        hosts = ", ".join(
            f"`{domain['host']}` ({domain['role']})" for domain in entry.get("domains", ())
        )
        rights = entry.get("rights", {})
        license_, basis = rights.get("license") or "none", rights.get("basis") or "none"
        count = f"{facts.outlets.get(entry['id'], 0):,}"
        rows.append((plain(entry["name"]), count, hosts, plain(f"{license_}, basis {basis}")))
    header = ("Outlet", "Articles", "Hosts", "License of the text")
    return f"## Outlets and hosts\n\n{table(header, rows)}"


def _fields(manifest: Mapping[str, Any], types: Mapping[str, RecordType]) -> str:
    """Every column of every table that has rows, with its meaning and what null means."""
    parts = ["## Columns"]
    header = ("Column", "Type", "Never null", "Meaning")
    for entry in sorted(manifest["tables"], key=lambda each: each["name"] != DEFAULT_CONFIG):
        rows = [
            (f"`{name}`", kind, "yes" if never_null else "", plain(text))
            for name, kind, never_null, text in types[entry["name"]].field_rows()
        ]
        if entry["n_rows"]:
            parts += [f"### Columns of `{entry['name']}`", table(header, rows)]
    return "\n\n".join(parts)


def _cite(manifest: Mapping[str, Any], dataset: Mapping[str, Any]) -> str:
    """The citation, and where earlier releases of the line were published."""
    parts = [f"## How to cite\n\n```bibtex\n{cite(manifest, dataset, 'bibtex').rstrip()}\n```"]
    if places := manifest["publications"]:
        rows = [(each["version"], plain(each["where"])) for each in places]
        parts += ["Releases before this one were published at:", table(("Version", "Where"), rows)]
    return "\n\n".join(parts)


def _contact(dataset: Mapping[str, Any]) -> str:
    contact = "The archive states no contact for corrections and takedown."
    if stated := dataset.get("contact"):
        contact = (
            "Whoever wants an article corrected or taken down writes to: "
            f"{plain(stated).rstrip('.')}."
        )
    return (
        "## Personal data, corrections and takedown\n\nNews articles name people, and nothing was "
        "made anonymous. Whoever uses the texts is bound by the law on personal data where they "
        f"are. {contact} A withdrawn article leaves every table of the next release; a row in "
        "`withdrawn` says when, why and by whose authority, and for privacy and safety has no "
        "title, address or digest. Releases that are out are never changed: use the newest."
    )
