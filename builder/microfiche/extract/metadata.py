"""What a page says of itself: JSON-LD by schema.org, then the metadata of its head.

Each value keeps where it stood. Nothing is read from the visible text; `page` does that.
"""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import orjson

from microfiche.dates import read_machine_date
from microfiche.dates.printed import read_date_lines
from microfiche.extract.elements import short_pieces
from microfiche.text import normal_line

JSON_LD = "json-ld"
HEAD = "html-head"
ARTICLE_TYPES = frozenset(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle Report"
    " BackgroundNewsArticle AskPublicNewsArticle ReviewNewsArticle AdvertiserContentArticle"
    " BlogPosting LiveBlogPosting SocialMediaPosting SatiricalArticle TechArticle".split()
)
NEWS_TYPES = frozenset(each for each in ARTICLE_TYPES if "News" in each) | {"LiveBlogPosting"}
# How the cards of pages label who wrote them.
WRITTEN_BY = frozenset(
    (
        "written by", "author", "posted by", "by", "verfasst von", "geschrieben von", "autor",
        "écrit par", "auteur", "auteur/autrice", "escrito por", "autor/a", "scritto da", "autore",
        "geschreven door", "auteur/auteurs", "napisane przez", "autor:", "yazan", "автор",
        "написано автором", "written by:", "skrevet av", "skriven av", "escrito por:",
    )
)  # fmt: skip
PAGE_TYPES = frozenset(("WebPage", "ItemPage", "VideoObject", "PodcastEpisode"))
TITLE_NAMES = (
    *("og:title", "twitter:title", "dc.title", "dc:title", "parsely-title", "sailthru.title"),
)
AUTHOR_NAMES = (
    *("author", "article:author", "parsely-author", "sailthru.author", "byl", "dc.creator"),
    *("dcterms.creator", "citation_author", "cxenseparse:author", "og:article:author", "authors"),
)
PUBLISHED_NAMES = (
    *("article:published_time", "og:published_time", "og:article:published_time", "datepublished"),
    *("parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "pubdate"),
    *("publishdate", "publish-date", "publication_date", "cxenseparse:recs:publishtime", "pdate"),
    *("citation_publication_date", "date.created", "article.published", "published-date"),
    *("dc.date.created", "dcterms.issued", "publicationdate", "dc.date", "date"),
)
MODIFIED_NAMES = ("article:modified_time", "og:updated_time", "datemodified", "last-modified")
DESCRIPTION_NAMES = ("description", "og:description", "twitter:description")
KEYWORD_NAMES = ("news_keywords", "keywords", "article:tag", "parsely-tags")
SECTION_NAMES = ("article:section", "parsely-section", "og:article:section")
HEAD_LISTS: Mapping[str, tuple[str, ...]] = {
    "authors": AUTHOR_NAMES,
    "keywords": KEYWORD_NAMES,
    "sections": SECTION_NAMES,
}
HEAD_VALUES: Mapping[str, tuple[str, ...]] = {
    "title": TITLE_NAMES,
    "published": PUBLISHED_NAMES,
    "modified": MODIFIED_NAMES,
    "description": DESCRIPTION_NAMES,
}
MAX_SCRIPT, MAX_NODES, MAX_DEPTH = 2_000_000, 2000, 12
MAX_TITLE, MAX_TITLES, MAX_VALUES = 1000, 5, 500
TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
# How JSON-LD states isAccessibleForFree in the wild.
TRUTHS = {"true": True, "false": False, "http://schema.org/true": True}
TRUTHS |= {"https://schema.org/true": True, "http://schema.org/false": False}
TRUTHS["https://schema.org/false"] = False
NOT_JSON = re.compile(r"<!\[CDATA\[|\]\]>|<!--|-->|^[ \t]*//.*$", re.MULTILINE)
TRAILING_COMMA = re.compile(r",(?=[ \t\r\n]{0,40}[}\]])")
SURROGATE = re.compile(r"[\ud800-\udfff]")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
LINE_END = re.compile(r"[\x00-\x1f]+")


@dataclass(slots=True)
class Metadata:
    """Values as the page states them, each in normal form; unknown is None or empty.

    `published` and `modified` are strings as stated. `is_article` tells that JSON-LD describes an
    article, `is_news` that it is one of news. `sources` says for each value whether it was
    JSON-LD or the head, and which member.
    """

    title: str | None = None
    authors: list[str] = field(default_factory=list)
    published: str | None = None
    modified: str | None = None
    description: str | None = None
    sections: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    language: str | None = None
    canonical: str | None = None
    free_access: bool | None = None
    is_article: bool = False
    is_news: bool = False
    site_names: list[str] = field(default_factory=list)
    sources: dict[str, tuple[str, str]] = field(default_factory=dict)

    def take(self, name: str, value: Any, source: str, rule: str) -> None:
        """Set a value that is still unknown, if it is one that can be used."""
        if value in (None, "", []) or not USABLE.get(name, bool)(value):
            return
        if getattr(self, name) in (None, []):
            setattr(self, name, value)
            self.sources[name] = (source, rule)


def _is_date(value: str) -> bool:
    return read_machine_date(value) is not None or bool(read_date_lines(value))


def _is_moment(value: str) -> bool:
    stated = read_machine_date(value)
    return stated is not None and stated.at is not None


# What a value must be to be taken; any other is left for the next place that states one.
USABLE: Mapping[str, Callable[[Any], bool]] = {
    "published": _is_date,
    "modified": _is_moment,
    "language": lambda value: bool(LANGUAGE.fullmatch(value)),
    "title": lambda value: len(value) <= MAX_TITLE,
}


def read_metadata(root: Any, address: str | None = None) -> Metadata:
    """What a page says of itself; `address` is where it was captured."""
    found, head = Metadata(), head_values(root)
    nodes = list(json_ld(root))
    known = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    articles = _article_nodes(nodes, root, head, address)
    found.is_article = bool(articles)
    found.is_news = any(_types(node) & NEWS_TYPES for node in articles)
    for node in articles:
        _take_node(found, node, known, whole=True)
    for node in nodes:
        if _types(node) & PAGE_TYPES:
            _take_node(found, node, known, whole=False)
    _take_head(found, root, head)
    return found


def _article_nodes(
    nodes: Sequence[Mapping[str, Any]],
    root: Any,
    head: Mapping[str, list[str]],
    address: str | None,
) -> list[Mapping[str, Any]]:
    """The nodes of the page's own article, the fullest first; teasers of others are none.

    It is the node of the page's address, else of the page's title or its headline, else the first.
    Others count if they have its headline or none.
    """
    articles = [node for node in nodes if _types(node) & ARTICLE_TYPES]
    if len(articles) < 2:
        return articles
    own = {_resource(link) for link in (*_canonical_links(root), *head.get("og:url", ()))}
    shown = {_folded(title) for name in TITLE_NAMES for title in head.get(name, ())[:MAX_TITLES]}
    shown.add(_folded(root.findtext(".//title") or ""))
    headlines = itertools.islice(root.iter("h1"), MAX_TITLES)
    shown.update(_folded("".join(short_pieces(each))) for each in headlines)
    own |= {_resource(address)} if address else set()
    main = max(
        articles,
        key=lambda node: (
            bool(_addresses(node) & own),
            _is_shown(_headline(node), shown),
        ),
    )
    mates = [n for n in articles if n is not main and _headline(n) in ("", _headline(main))]
    return [main, *mates]


def _is_shown(headline: str, shown: set[str]) -> bool:
    return bool(headline) and any(headline in title for title in shown)


def _headline(node: Mapping[str, Any]) -> str:
    return _folded(_text(node.get("headline")) or "")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _addresses(node: Mapping[str, Any]) -> set[str]:
    """Addresses by which a node names its page."""
    stated = [node.get("@id"), node.get("url"), node.get("mainEntityOfPage")]
    stated += [each.get("@id") for each in stated if isinstance(each, dict)]
    return {_resource(each) for each in stated if isinstance(each, str)}


def _resource(address: str) -> str:
    """What tells an address from others of its site: neither scheme, host, query nor fragment."""
    bare = address.partition("#")[0].partition("?")[0]
    return "/" + bare.rpartition("://")[2].partition("/")[2].rstrip("/")


def _canonical_links(root: Any) -> list[str]:
    """Targets of the page's canonical links: those in its head, or anywhere if it has none."""
    head = root.find("head")
    links = (root if head is None else head).iter("link")
    base = next((each.get("href").strip() for each in root.iter("base") if each.get("href")), "")
    return [
        _joined(base, link.get("href").strip())
        for link in links
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href")
    ]


def _joined(base: str, link: str) -> str:
    """A link from the address that its page states for all that it has; itself if that is none."""
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def json_ld(root: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of the page's JSON-LD, outermost first, of a bounded number and depth."""
    budget = [MAX_NODES]
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            yield from _objects(_parsed(script.text or ""), 0, budget)


def _parsed(text: str) -> Any:
    if len(text) > MAX_SCRIPT:
        return None
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:  # line breaks in strings, comments and CDATA around: common, and harmless
        plain = LINE_END.sub(" ", NOT_JSON.sub("", text)).rstrip(" ;")
        return json.loads(TRAILING_COMMA.sub("", plain), strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(value: Any, depth: int, budget: list[int]) -> Iterator[Mapping[str, Any]]:
    if depth > MAX_DEPTH or budget[0] <= 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, depth + 1, budget)
    elif isinstance(value, dict):
        budget[0] -= 1
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart"):
            yield from _objects(value.get(name), depth + 1, budget)


def _types(node: Mapping[str, Any]) -> set[str]:
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    return {name.rpartition("/")[2] for name in names if isinstance(name, str)}


def _take_node(
    found: Metadata, node: Mapping[str, Any], known: Mapping[str, Any], *, whole: bool
) -> None:
    """Values of one node; a page's node (not `whole`) is asked for dates alone."""
    found.take("published", _text(node.get("datePublished")), JSON_LD, "datePublished")
    found.take("modified", _text(node.get("dateModified")), JSON_LD, "dateModified")
    if not whole:
        return
    found.take("title", _text(node.get("headline")), JSON_LD, "headline")
    found.take("authors", _unique(_names(node.get("author"), known)), JSON_LD, "author")
    found.take("authors", _unique(_names(node.get("creator"), known)), JSON_LD, "creator")
    found.take("description", _text(node.get("description")), JSON_LD, "description")
    found.take("sections", _unique(_strings(node.get("articleSection"))), JSON_LD, "articleSection")
    found.take("keywords", _unique(_split(node.get("keywords"))), JSON_LD, "keywords")
    found.take("language", _text(node.get("inLanguage")), JSON_LD, "inLanguage")
    found.take("site_names", _unique(_names(node.get("publisher"), known)), JSON_LD, "publisher")
    free = node.get("isAccessibleForFree")
    known_free = TRUTHS.get(str(free).casefold()) if isinstance(free, str | bool) else None
    found.take("free_access", known_free, JSON_LD, "isAccessibleForFree")


def _text(value: Any) -> str | None:
    """A string as it reads: entities that were escaped twice, tags and spaces put right."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    if isinstance(value, list):
        value = value[0] if value else None
    return plain_line(value) if isinstance(value, str) else None


def plain_line(value: str) -> str | None:
    """One line in normal form without markup; None if nothing is left."""
    if "&" in value:
        value = html.unescape(value)
        value = html.unescape(value) if "&amp;" in value or "&#" in value else value
    if "<" in value:
        value = TAG.sub(" ", value)
    return normal_line(SURROGATE.sub("\ufffd", value)) or None


def _names(value: Any, known: Mapping[str, Any]) -> Iterator[str]:
    """Names of persons and organisations; `known` are the nodes that an `@id` may refer to."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            node = item if "name" in item else known.get(_id_of(item), {})
            yield from _strings(node.get("name"))
        elif isinstance(item, str):
            yield item


def _id_of(node: Mapping[str, Any]) -> str:
    stated = node.get("@id")
    return stated if isinstance(stated, str) else ""


def _strings(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield item


def _split(value: Any) -> Iterator[str]:
    """Keywords: a list, or one string with commas."""
    for item in _strings(value):
        yield from item.split(",") if not isinstance(value, list) else [item]


def _unique(values: Iterable[str]) -> list[str]:
    lines = (plain_line(value) for value in itertools.islice(values, MAX_VALUES))
    return list(dict.fromkeys(line for line in lines if line))


def head_values(root: Any) -> dict[str, list[str]]:
    """Contents of the page's meta elements by name."""
    named: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = element.get("content")
        if not name or not content or not content.strip():
            continue
        # RDFa states several properties in one attribute
        for each in name.lower().split() if element.get("property") else (name.strip().lower(),):
            named.setdefault(each, []).append(content)
    return named


def _take_head(found: Metadata, root: Any, named: Mapping[str, list[str]]) -> None:
    _take_named(found, named)
    found.site_names += _unique(named.get("og:site_name", ()))
    for link in _canonical_links(root):
        found.take("canonical", link, HEAD, "link rel=canonical")
    canonical = named.get("og:url", [""])[0].strip()
    found.take("canonical", canonical, HEAD, "og:url")
    found.take("language", (root.get("lang") or "").strip() or None, HEAD, "html lang")
    locale = named.get("og:locale", [""])[0].replace("_", "-").strip()
    found.take("language", locale, HEAD, "og:locale")


def _take_named(found: Metadata, named: Mapping[str, list[str]]) -> None:
    for number in ("1", "2"):
        label, told = f"twitter:label{number}", f"twitter:data{number}"
        if (named.get(label) or [""])[0].strip().casefold().rstrip(":") in WRITTEN_BY:
            found.take("authors", _unique(named.get(told, ())), HEAD, told)
    for target, names in HEAD_LISTS.items():
        for name in names:
            values = named.get(name, [])
            if target == "keywords" and len(values) == 1:
                values = values[0].split(",")
            found.take(target, _unique(values), HEAD, name)
    for target, names in HEAD_VALUES.items():
        for name in names:
            if name in named:
                found.take(target, plain_line(named[name][0]), HEAD, name)
