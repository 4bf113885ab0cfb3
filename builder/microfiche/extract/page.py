"""HTML pages: what the page says of itself, and the article among its blocks of text.

Values come from JSON-LD, then the head, then what is visible; each keeps which. The day is chosen
among all that the page shows (`days`). The text is read from the blocks (`blocks`) that are the article's (`article`).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from microfiche.captures import Fault
from microfiche.dates import Stated, is_day, read_machine_date
from microfiche.dates.printed import (
    DateLine,
    find_dates,
    is_label_alone,
    read_date_lines,
    without,
)
from microfiche.extract import Description, FieldSource, head, persons
from microfiche.extract.article import Article, read_article, told_of
from microfiche.extract.blocks import crowded, parse_page, read_blocks, visible_texts
from microfiche.extract.boilerplate import MIRROR_NOTICE, removed_as, stated_hosts
from microfiche.extract.bounds import FORM, article_span, dated_by_form
from microfiche.extract.byline import (
    VISIBLE,
    add_authors,
    is_signed,
    shown_names,
    without_site,
)
from microfiche.extract.days import Days, add_shown, choose_day, days_of_data
from microfiche.extract.headline import names_of_site, own_labels, read_headline
from microfiche.extract.listing import is_listing
from microfiche.extract.metadata import Metadata, plain_line, read_metadata
from microfiche.extract.notice import Notice
from microfiche.extract.region import LABEL_WORDS
from microfiche.extract.selectors import Selected
from microfiche.outlets.outlet import Outlet
from microfiche.text import body_of, loosely, normal_line
from microfiche.url import read_address

MAX_SECTIONS = 4
# Longer pages are read by rules: weighing takes a kilobyte a block.
MAX_WEIGHED, MAX_WEIGHED_TAGS = 2_000_000, 20_000
STUB_WORDS, STUB_CHARACTERS = 25, 150
TEASER_WORDS = 150
# Where lines may still be a byline or a date rather than text: before the second paragraph.
HEAD_LINES = 2
MAX_DATE_LINE, BESIDE = 80, 3  # letters of a line, and words that may stand beside its dates
# Columns by what the metadata calls them.
FIELD_NAMES = {
    "title": "title",
    "subtitle": "subtitle",
    "text": "text",
    "captions": "captions",
    "published": "published",
    "language": "language",
    "authors": "byline",
    "sections": "section_path",
    "modified": "modified_at",
    "keywords": "keywords",
    "free_access": "free_access",
}


class PageLines(NamedTuple):
    """The article's lines once boilerplate is taken out, and what that said.

    `modified` are dates of changes in lines that were nothing but dates, `names` those of bylines.
    """

    kept: list[str]
    removed: list[str]
    hosts: list[str]
    modified: list[Stated]
    names: list[str]
    paywalled: bool


def describe_page(
    html: str,
    outlet: Outlet,
    mode: str = "balanced",
    day: str | None = None,
    address: str | None = None,
) -> Description:
    """Description of a page of a known outlet, retrieved on `day` from `address` (None: unknown).

    `mode` is balanced, by weights (best means the same), or fast, by rules alone.
    """
    if crowd := crowded(html):
        return Description(body_of(""), faults=(Fault("MF318", crowd),))
    root, too_deep = parse_page(html)
    if root is None:
        return Description(body_of(""), faults=(Fault("MF404", "the page has no element"),))
    chosen = Selected(root, outlet, day)
    chosen.remove()
    said = data_of(root, chosen, address)
    own_address = read_address(said.canonical or address or "")
    host = own_address.host if own_address else None
    sites = names_of_site(said, outlet)
    called = sites | own_labels(said, host)
    shown = None if is_signed(said, called) else shown_names(root)
    days = days_of_data(root, said, outlet.zone, outlet.order)
    long = len(html) > MAX_WEIGHED or html.count("<") > MAX_WEIGHED_TAGS
    page_title = root.findtext(".//title")
    own, rule = _selected_text(chosen)
    subtitle, captions = (_selected_lines(chosen, name) for name in ("subtitle", "captions"))
    article = read_article(
        root, said.description, None if long or mode == "fast" else told_of(said)
    )
    if captions:
        article = article._replace(captions=captions)
    if subtitle:
        article = article._replace(standfirst=subtitle[0])
    listed = not own and is_listing(said, article)
    add_shown(days, article, said)
    title = read_headline(said, article, page_title, sites, host)
    article, cut = _bounded(article, outlet)
    lines = _sifted(own or (block.text for block in article.blocks), title, outlet)
    lines.removed.extend(cut)
    if shown:
        add_authors(said, shown, article.between, lines.names, called)
    said.authors = without_site(said.authors, sites)
    published = _by_form(said, article, outlet) or _published(said, days, day)
    described = _description(said, article, title, lines, published, bounded=bool(cut))
    if listed:
        described = described._replace(notice=Notice("listing", title or VISIBLE))
    if own:
        kept = (each for each in described.sources if each.field != "text")
        described = described._replace(sources=(*kept, FieldSource("text", VISIBLE, rule)))
    if not too_deep:
        return described
    deep = Fault("MF503", "its elements are nested deeper than the parser goes: text is missing")
    return described._replace(access="cut", faults=(*described.faults, deep))


def data_of(root: Any, chosen: Selected, address: str | None) -> Metadata:
    """What the outlet's selectors find, and what the page says of itself."""
    said = read_metadata(root, address)
    _take_selected(said, chosen)
    return said


def _take_selected(said: Metadata, chosen: Selected) -> None:
    """Values that the outlet's selectors find, before any that the page states."""
    for name, field in (("title", "title"), ("authors", "byline"), ("published", "published")):
        elements, rule = chosen.elements(field)
        texts = [each for element in elements if (each := _element_text(element))]
        if not texts:
            continue
        value: Any = texts if name == "authors" else texts[0]
        if name == "published":
            value = elements[0].get("datetime") or elements[0].get("content") or texts[0]
        setattr(said, name, [] if name == "authors" else None)
        said.take(name, value, VISIBLE, rule)


def _element_text(element: Any) -> str | None:
    stated = element.get("content") or element.get("datetime") or ""
    return plain_line(" ".join(element.itertext())) or plain_line(stated)


def _selected_lines(chosen: Selected, field: str) -> list[str]:
    elements, _ = chosen.elements(field)
    return [line for element in elements if (line := _element_text(element))]


def _selected_text(chosen: Selected) -> tuple[list[str], str]:
    """(lines of the elements that the outlet says hold the text, the rule's words)."""
    elements, rule = chosen.elements("text")
    chosen_ones = set(elements)
    outer = (each for each in elements if chosen_ones.isdisjoint(each.iterancestors()))
    lines = [line for each in outer for line in visible_texts(copy.deepcopy(each))]
    return lines, rule


def _root(html: str) -> Any:
    return None if crowded(html) else parse_page(html).root


def page_lines(html: str) -> list[str]:
    """Every line of text a page shows, for looking for boilerplate."""
    root = _root(html)
    return [] if root is None else [normal_line(text) for text in visible_texts(root)]


def told_lines(html: str) -> list[str]:
    """Every line of text a page shows that is not mostly links."""
    root = _root(html)
    blocks = [] if root is None else read_blocks(root)
    return [normal_line(each.text) for each in blocks if each.n_linked * 2 < len(each.text)]


def page_address(html: str) -> str | None:
    """The address a page gives itself; None if it gives none."""
    root = _root(html)
    return None if root is None else read_metadata(root).canonical


def _sifted(texts: Iterable[str], title: str | None, outlet: Outlet) -> PageLines:
    """Lines of the article without boilerplate, dates and the headline."""
    found = PageLines([], [], [], [], [], False)
    paywalled = False
    headline = loosely(title) if title else None
    for text in texts:
        line = normal_line(text)
        if line and len(found.kept) < 2 and loosely(line) == headline:
            if found.kept and _is_label(found.kept[0]):
                found.removed.append(found.kept.pop())
            continue
        if not line:
            continue
        removed = removed_as(line, outlet)
        opens = len(found.kept) < HEAD_LINES
        dates = _dates_of(line, outlet, opens=opens) if not removed else []
        names = persons.byline(line) if opens and not (removed or dates or found.names) else None
        names = names if names and all(map(persons.is_name, names)) else None
        if removed or MIRROR_NOTICE.fullmatch(line):
            found.removed.append(line)
            found.hosts.extend(removed.hosts if removed else stated_hosts(line))
            paywalled |= removed is not None and removed.kind == "paywall"
        elif opens and is_label_alone(line):
            found.removed.append(line)
        elif dates and (opens or all(each.label for each in dates)):
            found.removed.append(line)
            found.modified.extend(each.stated for each in dates if each.label == "modified")
        elif names:
            found.removed.append(line)
            found.names.extend(names)
        else:
            found.kept.append(line)
    return found._replace(paywalled=paywalled)


def _bounded(article: Article, outlet: Outlet) -> tuple[Article, list[str]]:
    """(the article within what the outlet's file says are its bounds, lines outside of them)."""
    if not (outlet.begins_after or outlet.ends_before):
        return article, []
    lines = [normal_line(block.text) for block in article.shown]
    first, end = article_span(lines, outlet)
    inner = {id(block) for block in article.shown[first:end]}
    kept = [block for block in article.blocks if id(block) in inner]
    cut = [normal_line(block.text) for block in article.blocks if id(block) not in inner]
    return article._replace(blocks=kept), cut


def _by_form(said: Metadata, article: Article, outlet: Outlet) -> Stated | None:
    """The day that the page shows in a form of the outlet's."""
    for block in article.shown if outlet.date_forms else ():
        if stated := dated_by_form(normal_line(block.text), outlet):
            said.sources["published"] = (VISIBLE, FORM)
            return stated
    return None


def _is_label(line: str) -> bool:
    """Whether a line above the headline is the name of a section, or of a series."""
    return len(line.split()) <= LABEL_WORDS and not head.closes(line)


def _dates_of(line: str, outlet: Outlet, *, opens: bool) -> list[DateLine]:
    """The dates of a line that is nothing but dates; above the text a few words may be beside them."""
    dates = read_date_lines(line, outlet.zone, order=outlet.order)
    if dates or not opens or len(line) > MAX_DATE_LINE or head.closes(line):
        return dates
    found = find_dates(line, outlet.zone, order=outlet.order)
    return [each.line for each in found] if len(without(line, found).split()) <= BESIDE else []


def _description(
    said: Metadata,
    article: Article,
    title: str | None,
    lines: PageLines,
    stated: Stated | None,
    *,
    bounded: bool,
) -> Description:
    body = body_of("\n\n".join(lines.kept))
    subtitle = _subtitle(article, lines.kept, title)
    _say_visible(said, article, subtitle)
    return Description(
        body=body,
        title=title,
        subtitle=subtitle,
        section_path=said.sections[:MAX_SECTIONS],
        byline=_authors(said),
        stated=stated,
        modified_at=_modified(said, lines),
        language=_language(said),
        captions=article.captions,
        keywords=said.keywords,
        free_access=said.free_access,
        sources=tuple(_sources(said)),
        removed_lines=lines.removed,
        mirror_domains_stated=list(dict.fromkeys(lines.hosts)),
        canonical=said.canonical,
        access=_access(body.n_words, lines, said),
        faults=tuple(_faults(body.text, title, stated, bounded=bounded)),
    )


def _subtitle(article: Article, kept: Sequence[str], title: str | None) -> str | None:
    """The standfirst, unless it opens the text or repeats the headline."""
    subtitle = normal_line(article.standfirst) if article.standfirst else None
    known = {loosely(line) for line in (*kept[:4], title or "")}
    return subtitle if subtitle and loosely(subtitle) not in known else None


def _published(said: Metadata, days: Days, last: str | None) -> Stated | None:
    """The likeliest of the page's days, unless a selector of the outlet's says which.

    Without any, what its data state less exactly. `last` is the day of retrieval.
    """
    stated = days.read(said.published) if said.published else None
    selected = said.sources.get("published", ("", ""))[0] == VISIBLE
    day = None if stated and selected else choose_day(days, last)
    if day and not (stated and stated.published == day.stated.published and stated.at):
        said.sources["published"] = day.source
        return day.stated
    if stated is None or (is_day(stated.published) and not (day or selected)):
        said.sources.pop("published", None)
        return None
    return stated


def _modified(said: Metadata, lines: PageLines) -> str | None:
    stated = read_machine_date(said.modified) if said.modified else None
    if stated is None and lines.modified and lines.modified[0].at:
        stated = lines.modified[0]
        said.sources["modified"] = (VISIBLE, "a line that is a labelled date")
    return stated.at if stated else None


def _authors(said: Metadata) -> list[str]:
    if not said.authors:
        said.sources.pop("authors", None)
    return said.authors


def _language(said: Metadata) -> str | None:
    """The stated language as BCP 47 writes it."""
    if not said.language:
        return None
    tag = said.language.replace("_", "-")
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(p.upper() if len(p) == 2 else p.title() for p in rest)])


def _say_visible(said: Metadata, article: Article, subtitle: str | None) -> None:
    """Sources of what was read from the visible page."""
    said.sources["text"] = (VISIBLE, "blocks of the article")
    if subtitle:
        said.sources["subtitle"] = (VISIBLE, "block between headline and text")
    if article.captions:
        said.sources["captions"] = (VISIBLE, "captions beside the text")


def _sources(said: Metadata) -> Iterator[FieldSource]:
    for name, (source, rule) in said.sources.items():
        if name in FIELD_NAMES:
            yield FieldSource(FIELD_NAMES[name], source, rule)


def _access(n_words: int, lines: PageLines, said: Metadata) -> str:
    """How much of the article the page shows, as far as the page itself tells."""
    if lines.paywalled:
        return "paywalled"
    if n_words < STUB_WORDS and sum(map(len, lines.kept)) < STUB_CHARACTERS:
        return "stub"
    return "teaser" if said.free_access is False and n_words < TEASER_WORDS else "full"


def _faults(
    text: str, title: str | None, stated: Stated | None, *, bounded: bool
) -> Iterator[Fault]:
    if not text:
        told = "no text was found on the page"
        yield Fault("MF404", f"{told} within its outlet's bounds" if bounded else told)
    if title is None:
        yield Fault("MF502", "the page states no headline")
    if stated is None:
        yield Fault("MF501", "the page states no date")
