"""Citations written in each style, by our own writers: common converters drop a dataset's version.

Values from data are escaped for each format. A person whose names the dataset file has apart is
written family name first, as each style wants it; any other name stands as it is stated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from microfiche.describe import yaml_page
from microfiche.describe.terms import license_names, stated
from microfiche.describe.work import Author, Work
from microfiche.errors import UsageError, printable

TEX = re.compile(r"[\\{}$&#^_%~]")
TEX_NAMES = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
MONTHS = (
    "January February March April May June July August September October November December"
).split()


def writer(style: str) -> Callable[[Work], str]:
    """What writes a style. Raises UsageError for one that is not known."""
    if style not in STYLES:
        raise UsageError(f"no citation style {style!r}", f"use one of {', '.join(STYLES)}")
    return STYLES[style]


def one_line(value: str) -> str:
    """A value from data on one line."""
    return " ".join(value.split())


def flat(value: str) -> str:
    """A value from data on one line, without control characters."""
    return printable(one_line(value))


def _inverted(author: Author) -> str:
    """A name as lists have it: `Family, Given` of a person whose names are known apart."""
    if not author.family:
        return flat(author.name)
    return flat(f"{author.family}, {author.given}" if author.given else author.family)


# BibTeX


def _bibtex(work: Work) -> str:
    fields = {
        "title": f"{{{_tex(work.title)}}}",
        "author": " and ".join(map(_bibtex_name, work.authors)),
        "year": work.year or "",
        "date": work.date or "",
        "version": _tex(work.edition),
        "publisher": _tex(work.publisher or ""),
        "doi": _tex(work.doi or ""),
        "url": _braceless(work.url or ""),
        "urldate": work.accessed or "",
        "note": _tex(_with_archive(work)),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    kind = "dataset" if work.kind == "dataset" else "misc"
    return "\n".join([f"@{kind}{{{work.key},", *lines, "}"]) + "\n"


def _bibtex_name(author: Author) -> str:
    """A person's names by their comma; anything else in braces, so that it is not taken apart."""
    if author.family:
        given = f", {_tex(author.given)}" if author.given else ""
        return f"{{{_tex(author.family)}}}{given}"
    return f"{{{_tex(author.name)}}}"


def _braceless(url: str) -> str:
    return url.replace("}", "%7D").replace("{", "%7B")


def _tex(value: str) -> str:
    return TEX.sub(lambda match: TEX_NAMES.get(match[0], f"\\{match[0]}"), flat(value))


def _with_archive(work: Work) -> str:
    """The note, with the address of the capture in a web archive."""
    return f"{work.note}, archived at {work.archived}" if work.archived else work.note


# APA, 7th edition


def _apa(work: Work) -> str:
    authors = flat(_listed([_apa_name(each) for each in work.authors])) or "Unknown"
    authors = f"{authors.rstrip('.')}."
    form = "[Data set]" if work.kind == "dataset" else "[News article]"
    title = f"{flat(work.title)} {form}"
    if work.kind == "dataset":
        title = f"{flat(work.title)} (Version {flat(work.edition)}) {form}"
    where = f"https://doi.org/{work.doi}" if work.doi else work.url
    if work.kind == "article":
        where = work.url
    if work.accessed and where:
        where = f"Retrieved {_long_day(work.accessed)}, from {where}"
    parts = [f"{authors} ({_apa_date(work)})", title, work.publisher, _with_archive(work), where]
    return ". ".join(flat(part).rstrip(".") for part in parts if part) + ".\n"


def _apa_name(author: Author) -> str:
    """`Family, G. N.` of a person whose names are known apart."""
    if not author.family:
        return author.name
    initials = " ".join(
        "-".join(f"{part[0]}." for part in word.split("-") if part)
        for word in (author.given or "").split()
    )
    return f"{author.family}, {initials}" if initials else author.family


def _listed(names: Sequence[str]) -> str:
    """Names joined as APA joins them; of more than twenty the first nineteen and the last."""
    if len(names) > 20:
        return f"{', '.join(names[:19])}, … {names[-1]}"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])}, & {names[-1]}"


def _apa_date(work: Work) -> str:
    """The year of a dataset, the day of an article; n.d. if unknown."""
    if work.kind == "article" and work.date:
        year, month, day = work.date.split("-")
        return f"{year}, {MONTHS[int(month) - 1]} {int(day)}"
    return work.year or "n.d."


def _long_day(day: str) -> str:
    year, month, number = day.split("-")
    return f"{MONTHS[int(month) - 1]} {int(number)}, {year}"


# RIS


def _ris(work: Work) -> str:
    fields = [
        ("TY", "DATA" if work.kind == "dataset" else "NEWS"),
        *(("AU", _inverted(each)) for each in work.authors),
        ("TI", work.title),
        ("PY", work.year or ""),
        ("DA", work.date.replace("-", "/") if work.date else ""),
        ("ET", work.edition),
        ("PB", work.publisher or ""),
        ("DO", work.doi or ""),
        ("UR", work.url or ""),
        ("Y2", work.accessed.replace("-", "/") if work.accessed else ""),
        ("L2", work.archived or ""),
        ("N1", work.note),
        ("ID", work.key),
        ("ER", ""),
    ]
    lines = [f"{tag}  - {flat(value)}" for tag, value in fields if value or tag == "ER"]
    return "\n".join(lines) + "\n"


# CFF


def _cff_authors(work: Work) -> list[dict[str, str]]:
    found = []
    for author in work.authors:
        orcid = {"orcid": f"https://orcid.org/{author.orcid}"} if author.orcid else {}
        names = {"name": author.name}
        if author.family:
            names = {"family-names": author.family}
            names |= {"given-names": author.given} if author.given else {}
        found.append({**names, **orcid})
    return found or [{"name": "Unknown"}]


def _cff(work: Work) -> str:
    article = work.kind == "article"
    reference = {
        "title": one_line(work.title),
        "type": "newspaper-article" if article else "dataset",
        "authors": _cff_authors(work),
        "version": work.edition if article else work.version,
        "date-released": work.date,
        "date-accessed": work.accessed,
        "doi": work.doi,
        "url": work.url,
        "notes": _with_archive(work) if article else None,
    }
    known = {key: value for key, value in reference.items() if value}
    if article:
        return yaml_page({"references": [known]}, 100)
    names = license_names(work.dataset.get("license"))
    page = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it with its version.",
        **known,
        "identifiers": [{"type": "other", "value": work.fingerprint, "description": "fingerprint"}],
        "license": names[0] if len(names) == 1 and "Ref-" not in names[0] else None,
        "keywords": list(dict.fromkeys(work.dataset.get("keywords", ()))),
        "abstract": f"{work.dataset.get('description', work.title)} "
        f"(version {work.edition}, {work.note})",
    }
    page = {key: value for key, value in page.items() if value}
    return yaml_page(page, 100)


# CSL-JSON


def _csl(work: Work) -> str:
    """CSL-JSON, a list of one item, as reference managers read it."""
    year = [[int(work.year)]] if work.year else None
    item = {
        "id": work.key,
        "type": "dataset" if work.kind == "dataset" else "article-newspaper",
        "title": flat(work.title),
        "author": [_csl_name(each) for each in work.authors],
        "issued": {"date-parts": _parts(work.date) or year} if work.date or year else None,
        "accessed": {"date-parts": _parts(work.accessed)} if work.accessed else None,
        "version": work.edition,
        "publisher": work.publisher if work.kind == "dataset" else None,
        "container-title": work.publisher if work.kind == "article" else None,
        "DOI": work.doi,
        "URL": work.url,
        "archive_location": work.archived,
        "note": work.note,
    }
    return _indented([stated(item)])


def _csl_name(author: Author) -> dict[str, str]:
    if not author.family:
        return {"literal": flat(author.name)}
    given = {"given": flat(author.given)} if author.given else {}
    return {"family": flat(author.family), **given}


def _parts(day: str | None) -> list[list[int]] | None:
    return [[int(part) for part in day.split("-")]] if day else None


# DataCite


def datacite_name(author: Author) -> dict[str, str]:
    """An author's name as DataCite has it, without what else is known of them."""
    if not author.family:
        return {"name": flat(author.name)}
    parts = {"familyName": flat(author.family)}
    parts |= {"givenName": flat(author.given)} if author.given else {}
    return {"name": _inverted(author), "nameType": "Personal", **parts}


def _datacite(work: Work) -> str:
    """DataCite 4.5 JSON of what is cited; a whole release has its own in datacite.json."""
    article = work.kind == "article"
    note = work.note if article else f"{work.edition}, {work.note}"
    page = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {
            "resourceType": "News article" if article else "Subset of a news archive",
            "resourceTypeGeneral": "Text" if article else "Dataset",
        },
        "creators": [datacite_name(each) for each in work.authors] or [{"name": ":tba"}],
        "titles": [{"title": flat(work.title)}],
        "publisher": {"name": work.publisher or ":tba"},
        "publicationYear": work.year or work.issued[:4],  # demanded, also of the undated
        "dates": list(_datacite_dates(work)),
        "version": work.version,
        "url": work.url,
        "descriptions": [{"description": note, "descriptionType": "Other"}],
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


def _datacite_dates(work: Work) -> Iterable[Mapping[str, str]]:
    if work.date:
        yield {"date": work.date, "dateType": "Issued"}
    if work.accessed:
        yield {"date": work.accessed, "dateType": "Collected"}


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
