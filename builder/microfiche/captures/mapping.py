"""Which column of somebody's table says what: as it is stated, by a preset, or by its name.

A guess is by the column's name alone and is always shown. Columns that hold what somebody judges of
an article (a label, a rating) are annotations, and never fields of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from microfiche.errors import UsageError

# Fields of a record, what is known of its retrieval, and whose it is.
FIELDS = (
    "text", "html", "title", "subtitle", "byline", "published", "modified_at", "section_path",
    "language", "keywords", "captions", "dateline", "free_access", "url", "publication",
    "outlet_id",
)  # fmt: skip
RETRIEVAL = ("retrieved_at", "retrieved_by", "method", "http_status", "memento_url", "notes")
KEYS = (*FIELDS, *RETRIEVAL)
ANNOTATION = "annotation."
# Names of columns as tables of articles have them, the likeliest first; spelled as `_folded` does.
NAMES: Mapping[str, tuple[str, ...]] = {
    key: tuple(names.split())
    for key, names in {
        "text": (
            "text content body fulltext maintext articletext articlebody articlecontent "
            "textcontent contenttext cleantext cleanedtext plaintext rawtext bodytext "
            "article story storytext newstext newscontent inhalt artikeltext volltext "
            "textearticle texte contenu texto contenido testo tekst treść текст"
        ),
        "html": "html rawhtml pagehtml articlehtml bodyhtml sourcehtml",
        "title": (
            "title headline heading articletitle newstitle storytitle head titel "
            "schlagzeile überschrift titre título titulo titolo tytuł заголовок"
        ),
        "subtitle": (
            "subtitle standfirst subheadline subheading unterzeile untertitel chapô chapo "
            "deck dek kicker"
        ),
        "byline": (
            "byline authors author authornames authorname writers writer by journalist "
            "autor autoren verfasser auteur auteurs autores автор"
        ),
        "published": (
            "published publishedat publishedon publicationdate publishdate pubdate "
            "datepublished datepublish dateofpublication publisheddate publishingdate "
            "publicationtime publishedtime articledate newsdate date datetime "
            "publishdatesource pubdatetime veröffentlicht datedepublication publiéle "
            "erscheinungsdatum datum fecha data дата"
        ),
        "modified_at": (
            "modifiedat datemodified datemodify modified lastmodified updatedat updated "
            "dateupdated lastupdated"
        ),
        "section_path": "sectionpath section sections rubric ressort rubrique рубрика",
        "language": "language lang langcode languagecode sprache langue idioma",
        "keywords": "keywords schlagwörter motsclés tags metakeywords articletags keyword",
        "captions": "captions légende bildunterschrift caption imagecaptions imagecaption",
        "dateline": "dateline",
        "free_access": "freeaccess isaccessibleforfree isfree",
        "url": (
            "url link articleurl articlelink address permalink sourceurl pageurl newsurl "
            "weburl storyurl canonicalurl requestedurl uri href links adresse lien enlace "
            "ссылка"
        ),
        "publication": (
            "publication newspaper outlet outletname publisher medium media medianame "
            "sourcename sitename source journal zeitung издание"
        ),
        "outlet_id": "outletid",
        "retrieved_at": (
            "retrievedat scrapedat crawledat fetchedat downloadedat capturedat collectedat "
            "accessedat retrieved scraped crawled fetched accessed datedownload "
            "downloaddate scrapedate scrapingdate crawldate crawlingdate retrievaldate "
            "accessdate dateretrieved dateaccessed datecollected fetchdate datescraped "
            "datecrawled abruf abgerufen abrufdatum datedecollecte crawltime fetchtime "
            "timestamp"
        ),
        "retrieved_by": "retrievedby scrapedby collectedby crawler",
        "method": "method retrievalmethod",
        "http_status": "httpstatus statuscode httpstatuscode",
        "memento_url": "mementourl memento archiveurl archivedurl waybackurl",
        "notes": "notes note remarks",
    }.items()
}
# What somebody judges of an article.
JUDGEMENTS = frozenset(
    (
        "annotation bewertung bias category class classification code codes credibility "
        "factuality fake frame framing haltung isfake label labels leaning rating "
        "relevance relevant reliability score sentiment stance theme themes tone topic "
        "topics type veracity verdict étiquette "
    ).split()
)
# Maps of what other tools write; of several columns parted by | the first that is there.
PRESETS: Mapping[str, Mapping[str, str]] = {
    "trafilatura": {
        "text": "text", "title": "title", "byline": "author", "published": "date", "url": "source",
        "publication": "source-hostname", "keywords": "tags", "language": "language",
    },
    "news-please": {
        "text": "maintext", "title": "title", "byline": "authors", "published": "date_publish",
        "modified_at": "date_modify", "retrieved_at": "date_download", "url": "url",
        "language": "language",
    },
    "fundus": {
        "text": "body.sections|plaintext|body", "subtitle": "body.summary", "title": "title",
        "byline": "authors", "published": "publishing_date", "keywords": "topics",
        "url": "html.responded_url", "retrieved_at": "html.crawl_date",
        "publication": "publisher", "language": "lang", "free_access": "free_access",
    },
    "newspaper": {
        "text": "text", "title": "title", "byline": "authors", "published": "publish_date",
        "keywords": "meta_keywords", "url": "url", "language": "meta_lang",
        "publication": "meta_site_name",
    },
    "cc-news": {
        "text": "plain_text", "title": "title", "byline": "author", "published": "published_date",
        "retrieved_at": "crawl_date", "url": "requested_url", "language": "language",
        "publication": "publisher", "keywords": "tags",
    },
    "nela-gt": {
        "text": "content", "title": "title", "byline": "author", "published": "published_utc",
        "retrieved_at": "collection_utc", "url": "url", "publication": "source",
    },
}  # fmt: skip
# Members by which what a tool wrote is known.
SIGNATURES: Mapping[str, frozenset[str]] = {
    "trafilatura": frozenset(("source-hostname", "fingerprint", "text")),
    "news-please": frozenset(("maintext", "date_publish", "url")),
    "newspaper": frozenset(("meta_lang", "meta_site_name", "publish_date", "text")),
    "fundus": frozenset(("body.sections", "publishing_date")),
    "cc-news": frozenset(("plain_text", "requested_url", "published_date")),
}
UNLIKE_LETTERS = re.compile(r"[\W_]+")


class Mapped(NamedTuple):
    """What a table's columns say.

    columns      column by key of `KEYS`
    annotations  column by the name of an annotation
    guessed      keys, and names of annotations, that nobody stated
    unused       columns that say nothing here
    preset       the tool whose map was taken, stated or known by its members; None without
    """

    columns: Mapping[str, str]
    annotations: Mapping[str, str]
    guessed: tuple[str, ...]
    unused: tuple[str, ...]
    preset: str | None = None


def tool_of(columns: Collection[str]) -> str | None:
    """The tool that writes these members; None if that is not sure."""
    return next((tool for tool, own in SIGNATURES.items() if own.issubset(columns)), None)


def map_columns(
    table: object, columns: Sequence[str], stated: Mapping[str, str], preset: str | None = None
) -> Mapped:
    """What each column says: as `stated` by key, else by a preset, else by its name.

    `annotation.NAME` is the key of an annotation; an empty column leaves a key out. Raises
    UsageError for a key, a preset or a column that is none.
    """
    if preset is not None and preset not in PRESETS:
        raise UsageError(f"--preset {preset}: not known", f"use one of {', '.join(PRESETS)}")
    preset = preset or (None if {"text", "html"} & stated.keys() else tool_of(columns))
    named = {each: each for each in columns if each}
    left_out = {key for key, column in stated.items() if not column}
    known, judged = dict[str, str](), dict[str, str]()
    for key, column in stated.items():
        if key not in KEYS and not (key.startswith(ANNOTATION) and len(key) > len(ANNOTATION)):
            raise UsageError(
                f"--map {key}={column}: no such key",
                f"use one of {', '.join(KEYS)}, or {ANNOTATION}NAME",
            )
        if column and column not in named:
            raise UsageError(
                f"{table}: no column {column!r}", f"its columns are {', '.join(named)}"
            )
        if column and key in KEYS:
            known[key] = column
        elif column:
            judged[key.removeprefix(ANNOTATION)] = column
    if preset:
        own = (
            (key, next((each for each in columns.split("|") if each in named), None))
            for key, columns in PRESETS[preset].items()
            if key not in left_out
        )
        known = {key: column for key, column in own if column} | known
    guessed = [] if preset else list(_guess(columns, known, judged, left_out))
    used = {*known.values(), *judged.values()}
    unused = tuple(each for each in columns if each not in used)
    return Mapped(known, judged, tuple(guessed), unused, preset)


def _guess(
    columns: Sequence[str], known: dict[str, str], judged: dict[str, str], left_out: set[str]
) -> list[str]:
    """Fill in what columns say by their names; the keys that were filled in."""
    free = {_folded(each): each for each in reversed(columns) if _folded(each)}
    taken = {*known.values(), *judged.values()}
    found = []
    for key, names in NAMES.items():
        if key in known or key in left_out:
            continue
        fitting = (free[name] for name in names if name in free and free[name] not in taken)
        column = next(fitting, None)
        if column is not None:
            known[key] = column
            taken.add(column)
            found.append(key)
    for folded, column in sorted(free.items()):
        if folded in JUDGEMENTS and column not in taken and f"{ANNOTATION}{column}" not in left_out:
            judged[column] = column
            found.append(ANNOTATION + column)
    return found


def _folded(name: str) -> str:
    """A column's name without case and signs."""
    return UNLIKE_LETTERS.sub("", name.casefold())
