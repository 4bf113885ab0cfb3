"""Citations of a release, of one article in one revision, and of a subset, in each style.

Our own writers, since common converters drop the version of a dataset. Values from data are
escaped for each format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from microfiche.describe import yaml_page
from microfiche.describe.terms import license_names, stated
from microfiche.errors import UsageError, printable
from microfiche.release.subset import Subset

TEX = re.compile(r"[\\{}$&#^_%~]")
TEX_NAMES = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}


@dataclass(frozen=True, slots=True)
class Work:
    """What is cited: a release, or one article of it. Unknown is None.

    `issued` is the day of the release, whatever the date of what is cited.
    """

    kind: str
    key: str
    title: str
    authors: Sequence[str]
    date: str | None
    version: str
    publisher: str | None
    url: str | None
    doi: str | None
    note: str
    fingerprint: str
    dataset: Mapping[str, Any]
    issued: str

    @property
    def year(self) -> str:
        """Year of issue or publication; n.d. if unknown."""
        return self.date[:4] if self.date else "n.d."


def cite(
    manifest: Mapping[str, Any],
    dataset: Mapping[str, Any],
    style: str,
    subset: Subset | None = None,
) -> str:
    """Citation of a release, or of a subset of its articles. Raises UsageError for a style."""
    work = _release_work(manifest, dataset)
    if subset:
        noun = "article" if subset.count == 1 else "articles"
        note = (
            f"subset of {subset.count} {noun} where {subset.where}, "
            f"members sha256:{subset.members}, {work.note}"
        )
        work = replace(work, key=f"{work.key}-{subset.members[:8]}", note=note)
    return _writer(style)(work)


def cite_article(
    manifest: Mapping[str, Any],
    dataset: Mapping[str, Any],
    article: Mapping[str, Any],
    revision: Mapping[str, Any],
    style: str,
) -> str:
    """Citation of one article in one revision. Raises UsageError for an unknown style."""
    release = _release_work(manifest, dataset)
    state = f"{article['article_id']}, revision {revision['revision_id']}"
    work = Work(
        kind="article",
        key=re.sub(r"[^A-Za-z0-9]+", "-", f"{article['article_id']}-{revision['revision_id'][:8]}"),
        title=revision["title"] or "[no headline]",
        authors=article["byline"] or [article["outlet_name"]],
        date=article["published_earliest"],
        version=release.version,
        publisher=article["outlet_name"],
        url=article["url"],
        doi=release.doi,
        fingerprint=release.fingerprint,
        note=f"{state}, as captured in {release.title}, version {release.version}, {release.note}",
        dataset=dataset,
        issued=release.issued,
    )
    return _writer(style)(work)


def _release_work(manifest: Mapping[str, Any], dataset: Mapping[str, Any]) -> Work:
    note = f"fingerprint {manifest['fingerprint']}"
    return Work(
        kind="dataset",
        key=f"{manifest['name']}-{manifest['version']}",
        title=dataset["title"],
        authors=[creator["name"] for creator in dataset.get("creators", ())],
        date=manifest["date"],
        version=manifest["version"],
        publisher=dataset.get("publisher"),
        url=dataset.get("homepage"),
        doi=manifest["doi"],
        note=note + (", draft" if manifest["draft"] else ""),
        fingerprint=manifest["fingerprint"],
        dataset=dataset,
        issued=manifest["date"],
    )


def _writer(style: str) -> Callable[[Work], str]:
    if style not in STYLES:
        raise UsageError(f"no citation style {style!r}", f"use one of {', '.join(STYLES)}")
    return STYLES[style]


def _bibtex(work: Work) -> str:
    fields = {
        "title": f"{{{_tex(work.title)}}}",
        "author": " and ".join(f"{{{_tex(name)}}}" for name in work.authors),
        "year": work.date[:4] if work.date else "",
        "date": work.date or "",
        "version": work.version,
        "publisher": _tex(work.publisher or ""),
        "doi": _tex(work.doi or ""),
        "url": (work.url or "").replace("}", "%7D").replace("{", "%7B"),
        "note": _tex(work.note),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    kind = "dataset" if work.kind == "dataset" else "misc"
    return "\n".join([f"@{kind}{{{work.key},", *lines, "}"]) + "\n"


def _tex(value: str) -> str:
    return TEX.sub(lambda match: TEX_NAMES.get(match[0], f"\\{match[0]}"), flat(value))


def one_line(value: str) -> str:
    """A value from data on one line."""
    return " ".join(value.split())


def flat(value: str) -> str:
    """A value from data on one line, without control characters."""
    return printable(one_line(value))


def _apa(work: Work) -> str:
    authors = flat(", ".join(work.authors)) or "Unknown"
    form = "[Data set]" if work.kind == "dataset" else "[News article]"
    title = f"{flat(work.title)} (Version {work.version}) {form}"
    if work.kind == "article":
        title = f"{flat(work.title)} {form}"
    where = f"https://doi.org/{work.doi}" if work.doi else work.url
    parts = [f"{authors} ({work.year})", title, work.publisher, work.note, where]
    return ". ".join(flat(part).rstrip(".") for part in parts if part) + ".\n"


def _ris(work: Work) -> str:
    fields = [
        ("TY", "DATA" if work.kind == "dataset" else "NEWS"),
        *(("AU", name) for name in work.authors),
        ("TI", work.title),
        ("PY", work.date[:4] if work.date else ""),
        ("DA", work.date.replace("-", "/") if work.date else ""),
        ("ET", work.version),
        ("PB", work.publisher or ""),
        ("DO", work.doi or ""),
        ("UR", work.url or ""),
        ("N1", work.note),
        ("ER", ""),
    ]
    lines = [f"{tag}  - {flat(value)}" for tag, value in fields if value or tag == "ER"]
    return "\n".join(lines) + "\n"


def _cff_authors(work: Work) -> list[dict[str, str]]:
    """Authors as entities: names are not taken apart into given and family names."""
    orcids = {each["name"]: each.get("orcid") for each in work.dataset.get("creators", ())}
    found = []
    for name in work.authors or ["Unknown"]:
        orcid = orcids.get(name) if work.kind == "dataset" else None
        found.append({"name": name, **({"orcid": f"https://orcid.org/{orcid}"} if orcid else {})})
    return found


def _cff(work: Work) -> str:
    reference = {
        "title": one_line(work.title),
        "type": "dataset" if work.kind == "dataset" else "newspaper-article",
        "authors": _cff_authors(work),
        "version": work.version,
        "date-released": work.date,
        "doi": work.doi,
        "url": work.url,
        "notes": work.note if work.kind == "article" else None,
    }
    known = {key: value for key, value in reference.items() if value}
    if work.kind == "article":
        return yaml_page({"references": [known]}, 100)
    names = license_names(work.dataset.get("license"))
    page = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it with its version.",
        **known,
        "identifiers": [{"type": "other", "value": work.fingerprint, "description": "fingerprint"}],
        "license": names[0] if len(names) == 1 and "Ref-" not in names[0] else None,
        "keywords": list(dict.fromkeys(work.dataset.get("keywords", ()))),
        "abstract": f"{work.dataset.get('description', work.title)} ({work.note})",
    }
    page = {key: value for key, value in page.items() if value}
    return yaml_page(page, 100)


def _csl(work: Work) -> str:
    """CSL-JSON, a list of one item, as reference managers read it."""
    day = [int(part) for part in work.date.split("-")] if work.date else None
    item = {
        "id": work.key,
        "type": "dataset" if work.kind == "dataset" else "article-newspaper",
        "title": flat(work.title),
        "author": [{"literal": flat(name)} for name in work.authors],
        "issued": {"date-parts": [day]} if day else None,
        "version": work.version,
        "publisher": work.publisher if work.kind == "dataset" else None,
        "container-title": work.publisher if work.kind == "article" else None,
        "DOI": work.doi,
        "URL": work.url,
        "note": work.note,
    }
    return _indented([stated(item)])


def _datacite(work: Work) -> str:
    """DataCite 4.5 JSON of what is cited; a whole release has its own in datacite.json."""
    article = work.kind == "article"
    page = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {
            "resourceType": "News article" if article else "Subset of a news archive",
            "resourceTypeGeneral": "Text" if article else "Dataset",
        },
        "creators": [{"name": flat(name)} for name in work.authors] or [{"name": ":tba"}],
        "titles": [{"title": flat(work.title)}],
        "publisher": {"name": work.publisher or ":tba"},
        "publicationYear": (work.date or work.issued)[:4],  # demanded, also of the undated
        "dates": [{"date": work.date, "dateType": "Issued"}] if work.date else [],
        "version": work.version,
        "url": work.url,
        "descriptions": [{"description": work.note, "descriptionType": "Other"}],
        "alternateIdentifiers": [
            {
                "alternateIdentifier": work.fingerprint,
                "alternateIdentifierType": "microfiche fingerprint",
            }
        ],
        "rightsList": []
        if article
        else [{"rights": name} for name in license_names(work.dataset.get("license"))],
        "relatedIdentifiers": [
            {
                "relatedIdentifier": work.doi,
                "relatedIdentifierType": "DOI",
                "relationType": "IsPartOf",
            }
        ]
        if work.doi
        else [],
    }
    return _indented(stated(page))


def _indented(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


STYLES: Mapping[str, Callable[[Work], str]] = {
    "bibtex": _bibtex,
    "apa": _apa,
    "ris": _ris,
    "csl": _csl,
    "cff": _cff,
    "datacite": _datacite,
}
