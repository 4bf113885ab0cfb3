"""Plain-text captures: which line of a page is what.

A page is walked once from the top and once for its text: boilerplate first (the outlet's profile,
then rules that hold for all sites), then the head (breadcrumb, headline, standfirst, byline, date,
caption), then the paragraphs. Whatever is not part of the article stands in `removed_lines`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from microfiche.captures import Fault
from microfiche.dates import Stated
from microfiche.dates.printed import (
    DateLine,
    ends_with_date,
    find_dates,
    has_weekday,
    read_date_line,
    read_date_lines,
    without,
)
from microfiche.extract import Description, FieldSource, head
from microfiche.extract.boilerplate import is_hosts, removed_as, stated_hosts
from microfiche.extract.layout import unwrapped
from microfiche.extract.region import article_lines
from microfiche.extract.shape import around, heading, measure
from microfiche.extract.trees import trees
from microfiche.outlets.outlet import Outlet
from microfiche.text import body_of, loosely

HEAD_LINES = 14
LANGUAGE_SAMPLE = 8000
STANDFIRST_WITHIN, MIN_STANDFIRST, MAX_STANDFIRST = 3, 6, 80  # lines and words
MAX_DATE_LINE, WHOLE_DAY = 120, 10
CLOSE = 4  # lines between two that are taken for parts of one head
DATES_ABOVE, DATES_BELOW, DATES_AFTER = 25, 12, 6  # lines around the text where its date may be
# Thousandths that a gap within the article costs: in a short text little stands between its lines.
INTERRUPTED, INTERRUPTED_SHORT, SHORT = 200, 1500, 60
HEADLINE_WITHIN = 3  # lines of the article that may still be its headline
# Scores: of a headline, and between it and the line above; lines looked at; words of a label.
MIN_HEADLINE, NEARLY, CANDIDATES, LABEL_WORDS = -2000, 1000, 6, 2
ABOVE, BELOW = 6, 30  # lines around headline and text that may say something of the article
NOTICE = re.compile(r"\balso\b|^https?://|^[a-z0-9.-]+$", re.IGNORECASE)
MAX_TITLE = 300
MAX_TITLE_WORDS = 40
MIN_CUT_WORDS = 5
MAX_BESIDE, MAX_NAMED, BESIDE = 8, 4, re.compile(r"[|•·]|\s[-–—/]\s|\s{2,}")
KEYWORDS = re.compile(
    r"(?:tags|keywords|topics|mots[- ]clés|schlagwörter|الوسوم|برچسب‌ها)\s*:\s*(?P<words>.+)",
    re.IGNORECASE,
)


@dataclass
class Page:
    """One page under reading. `kinds` says of each line what it was found to be; None: open."""

    lines: list[str]
    outlet: Outlet
    kinds: list[str | None] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    title: str | None = None
    subtitle: str | None = None
    sections: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    dateline: str | None = None
    stated: Stated | None = None
    modified: Stated | None = None
    captions: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    lost_hosts: bool = False
    paywalled: bool = False
    headline: int | None = None
    last: int | None = None
    article: frozenset[int] = frozenset()
    day_first: bool = False
    scores: dict[int, int] = field(default_factory=dict)

    def open_lines(self) -> list[int]:
        """Numbers of the lines not yet known to be anything."""
        return [n for n, kind in enumerate(self.kinds) if kind is None]

    def mastheads(self) -> set[str]:
        """The outlet's names, folded: above a headline they are its masthead."""
        return {loosely(name) for name in self.outlet_names()}

    def outlet_names(self) -> tuple[str, ...]:
        """Name and other names of the outlet."""
        return (self.outlet.name, *self.outlet.entry.get("other_names", ()))

    def mark(self, number: int, kind: str) -> None:
        """Say what a line is."""
        self.kinds[number] = kind

    def found(self, name: str, rule: str) -> None:
        """Say by which rule a field was read."""
        self.sources.setdefault(name, rule)


class LineKind(NamedTuple):
    """A line, what it was taken for, and the score by which; above 0 it speaks for text.

    None where other things than the score decided: rules, or what stands around it.
    """

    kind: str
    score: int | None
    line: str


def describe_text(text: str, outlet: Outlet) -> Description:
    """Description of a page saved as text, of a known outlet."""
    page, paragraphs = _read(text, outlet)
    return _description(page, paragraphs)


def line_kinds(text: str, outlet: Outlet) -> list[LineKind]:
    """Each line of a page saved as text, with what it was taken for."""
    page, _ = _read(text, outlet)
    return [
        LineKind(kind or "text", page.scores.get(number), line)
        for number, (line, kind) in enumerate(zip(page.lines, page.kinds, strict=True))
        if line
    ]


def _read(text: str, outlet: Outlet) -> tuple[Page, list[str]]:
    """A page of text as it was understood, and its paragraphs."""
    lines = unwrapped(text)
    page = Page(lines, outlet, ["blank" if not line else None for line in lines])
    page.day_first = _is_day_first(outlet, text)
    _mark_article(page)
    _mark_boilerplate(page)
    _mark_tail(page)
    _read_head(page)
    _mark_captions(page)
    _find_date(page)
    paragraphs = _paragraphs(page)
    if page.stated is None and page.modified is not None:
        page.stated, page.sources["published"] = page.modified, "the only date, of a change"
    return page, paragraphs


def _mark_boilerplate(page: Page) -> None:
    """Lines that are boilerplate by themselves, and the host names after a notice of mirrors."""
    after_notice = False
    for number, line in enumerate(page.lines):
        if page.kinds[number] in ("blank", "before", "after"):
            continue
        if after_notice and is_hosts(line):
            page.hosts += stated_hosts(line)
            page.mark(number, "mirror-notice")
            page.found("provenance.mirror_domains_stated", "hosts after the notice")
            page.lost_hosts = False
            continue
        removed = removed_as(line, page.outlet)
        after_notice = removed is not None and removed.kind == "mirror-notice"
        if removed:
            page.mark(number, removed.kind)
            page.paywalled |= removed.kind == "paywall"
        if removed and after_notice:
            page.hosts += removed.hosts
            page.lost_hosts = not removed.hosts
            if removed.hosts:
                page.found("provenance.mirror_domains_stated", "hosts in the notice")


def _is_day_first(outlet: Outlet, text: str) -> bool:
    """Whether dates in numbers begin with the day: by languages other than English they do."""
    languages = outlet.languages
    if not languages:
        from resiliparse.parse.lang import detect_fast

        languages = (detect_fast(text[:LANGUAGE_SAMPLE])[0],)
    return not any(language.startswith(("en", "unk")) for language in languages)


def _mark_article(page: Page) -> None:
    """Where the article is among the lines: what stands far above it, and what in its gaps."""
    numbers = [n for n, line in enumerate(page.lines) if line]
    if not numbers:
        return
    lines = [page.lines[n] for n in numbers]
    seen = measure(lines)
    seen |= around(seen)
    cost = INTERRUPTED if len(lines) > SHORT else INTERRUPTED_SHORT
    weights = trees("lines").score(seen).tolist()
    page.scores = dict(zip(numbers, weights, strict=True))
    article = article_lines(weights, cost)
    article = _until_credit(lines, article)
    if not article:
        return
    first, last = article[0], article[-1]
    told = heading(lines, seen, first, min(first + HEADLINE_WITHIN, len(lines)))
    scores = trees("headlines").score(told).tolist()
    headline = _headline(page, lines, scores)
    page.headline = None if headline is None else numbers[headline]
    page.last = numbers[last]
    page.article = frozenset(numbers[place] for place in article)
    top = first if headline is None else min(first, headline)
    inside = set(article)
    for place, number in enumerate(numbers):
        if page.kinds[number] is not None or place in inside:
            continue
        if place < top - ABOVE:
            page.mark(number, "before")
        elif place > last + BELOW and not NOTICE.search(lines[place]):
            page.mark(number, "after")


def _headline(page: Page, lines: list[str], scores: list[int]) -> int | None:
    """Place of the likeliest headline; in a short text that of the line above it, if nearly so."""
    likely = sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:CANDIDATES]
    able = [place for place in likely if _may_be_headline(page, lines[place])]
    if not able or scores[able[0]] <= MIN_HEADLINE:
        return None
    best = able[0]
    close = scores[best - 1] >= scores[best] - NEARLY if best - 1 in able else False
    if len(lines) <= SHORT and close and len(lines[best - 1].split()) > LABEL_WORDS:
        return best - 1
    return best


def _may_be_headline(page: Page, line: str) -> bool:
    return (
        len(line) <= MAX_TITLE
        and len(line.split()) <= MAX_TITLE_WORDS
        and loosely(line) not in page.mastheads()
        and not head.is_caption(line)
        and not head.byline(line)
        and not head.breadcrumb(line)
        and not ends_with_date(line)
        and not removed_as(line, page.outlet)
        and not read_date_lines(line)
    )


def _until_credit(lines: list[str], article: list[int]) -> list[int]:
    """The lines of an article up to one that says whose reporting it is, if that is near its end."""
    late = (n for n, place in enumerate(article) if n * 2 >= len(article))
    end = next((n for n in late if head.is_credit(lines[article[n]])), None)
    return article if end is None else article[:end]


def _mark_tail(page: Page) -> None:
    """What follows the text: after the last boilerplate line nothing but sentences counts."""
    numbers = page.open_lines()
    boiler = [n for n, kind in enumerate(page.kinds) if kind not in (None, "blank")]
    sentences = [n for n in numbers if head.is_sentence(page.lines[n])]
    last = sentences[-1] if sentences else (numbers[-1] if numbers else 0)
    if page.last is not None:
        last = page.last
    first_after = next((n for n in boiler if n > last), None)
    for number in numbers:
        line = page.lines[number]
        if number <= last and (number < last or page.last is not None):
            continue
        if (labelled := KEYWORDS.fullmatch(line)) and not page.keywords:
            words = (word.strip(" .") for word in labelled["words"].split(","))
            page.keywords = [word for word in words if word]
            page.mark(number, "keywords")
            page.found("keywords", "label at the end")
        elif sentences and (
            dates := read_date_lines(line, page.outlet.zone, day_first=page.day_first)
        ):
            for dated in dates:
                _take_date(page, number, dated, in_head=False)
        elif page.last is not None or (first_after is not None and number > first_after):
            page.mark(number, "tail")


def _read_head(page: Page) -> None:
    """The lines above the text, from the top."""
    waiting: list[int] = []
    for number in page.open_lines()[:HEAD_LINES]:
        if page.kinds[number] is not None:
            continue
        line = page.lines[number]
        if _is_meta(page, number, line):
            if waiting and page.title:
                _take_subtitle(page, waiting)
                waiting = []
            continue
        if page.title is None and not waiting and _is_title(page, number):
            _take_title(page, number)
        elif page.title is None and page.headline is not None and number < page.headline:
            _take_above(page, number)
        elif page.title and loosely(line) == loosely(page.title):
            page.mark(number, "repeated headline")
        elif _is_head_caption(page, number):
            _take_caption(page, number, "closing date between headline and text")
        else:
            waiting.append(number)
            if head.is_sentence(line) and len(waiting) > 1:
                break
    if page.title and page.subtitle is None and waiting and _stands_apart(page, waiting):
        _take_subtitle(page, waiting[:1])


def _is_meta(page: Page, number: int, line: str) -> bool:
    """Take a breadcrumb, a date or a byline; whether the line was one."""
    if not page.title and not page.sections and (path := head.breadcrumb(line)):
        page.sections = path
        page.mark(number, "breadcrumb")
        page.found("section_path", "breadcrumb")
        return True
    if dates := read_date_lines(line, page.outlet.zone, day_first=page.day_first):
        for each in dates:
            _take_date(page, number, each, in_head=True)
        return True
    if _take_date_and_more(page, number, line):
        return True
    if not page.title and loosely(line) in page.mastheads():
        page.mark(number, "masthead")
        return True
    if head.BYLINE_LABEL.fullmatch(line):
        page.mark(number, "byline")
        return True
    if not page.names and (names := head.byline(line)):
        _take_names(page, [number], names, "byline")
        return True
    return not page.names and bool(page.title) and _take_two_line_byline(page, number)


def _find_date(page: Page) -> None:
    """A date in a line near the article, if its head has none: the nearest below the headline."""
    if page.stated is not None or not page.article:
        return
    first, last = min(page.article), max(page.article)
    top = first if page.headline is None else min(page.headline, first)
    places = [
        range(max(top + 1, first - DATES_ABOVE), first),
        range(first + 1, min(first + DATES_BELOW, last) + 1),
        range(top - 1, max(top - CLOSE, 0) - 1, -1),
        range(last + 1, min(last + DATES_AFTER, len(page.lines) - 1) + 1),
    ]
    for number in (each for part in places for each in part if each not in page.article):
        line = page.lines[number]
        found = (
            find_dates(line, page.outlet.zone, day_first=page.day_first)
            if len(line) <= MAX_DATE_LINE
            else ()
        )
        if not found or len(without(line, found).split()) > MAX_BESIDE:
            continue
        for dated in (each.line for each in found):
            if dated.label == "modified":
                page.modified = page.modified or dated.stated
            elif number < top and has_weekday(line) and dated.label is None:
                continue  # a page's clock
            elif len(dated.stated.published) == WHOLE_DAY and page.stated is None:
                page.stated = dated.stated
                page.found("published", "date near the text")
                page.mark(number, "date")
        if page.stated:
            return


def _take_date_and_more(page: Page, number: int, line: str) -> bool:
    """A date with a few words beside it: who wrote, where it was written, how long it takes."""
    found = find_dates(line, page.outlet.zone, day_first=page.day_first)
    if not found or head.is_caption(line):
        return False
    rest = [part for part in BESIDE.split(without(line, found)) if part.strip(" ,.:()[]")]
    n_words = sum(len(part.split()) for part in rest)
    if n_words > MAX_BESIDE or head.is_sentence(line):
        return False
    if n_words > MAX_NAMED and ends_with_date(line):
        return False  # a caption
    if not page.title and page.headline is None:
        return False
    for each in found:
        _take_date(page, number, each.line, in_head=True)
    for part in rest:
        named = part.strip(" ,.:()[]")
        known = head.is_name(named) or (line.startswith(named) and named.isalpha())
        names = head.byline(named) or ([named] if known else None)
        if names and page.title and not page.names and loosely(named) not in page.mastheads():
            _take_names(page, [number], names, "byline with a date")
    page.mark(number, "date")
    return True


def _take_two_line_byline(page: Page, number: int) -> bool:
    """`Name` above `Outlet, City`, perhaps with a blank line between."""
    following = [n for n in page.open_lines() if n > number][:1]
    known = page.outlet_names()
    line = page.lines[number]
    if not following or not head.is_name(line):
        return False
    if not head.is_place_of(page.lines[following[0]], known):
        return False
    _take_names(page, [number, *following], [line], "name above outlet and city")
    return True


def _take_names(page: Page, numbers: list[int], names: list[str], rule: str) -> None:
    page.names = page.names or names
    for number in numbers:
        page.mark(number, "byline")
    page.found("byline", rule)


def _take_date(page: Page, number: int, dated: DateLine, *, in_head: bool) -> None:
    """A date line: published, modified, or a page's clock, which is no date of the article."""
    page.mark(number, "date")
    if dated.label == "modified":
        page.modified = page.modified or dated.stated
        page.found("modified_at", "labelled date")
    elif dated.label == "published" and page.sources.get("published") != "labelled date":
        page.stated = dated.stated
        page.sources["published"] = "labelled date"
    elif dated.label is None and in_head and page.title and page.stated is None:
        page.stated = dated.stated
        page.found("published", "date below the headline")
    else:
        page.mark(number, "clock")


def _take_above(page: Page, number: int) -> None:
    """A line above the headline: a word or two right above it are the section."""
    following = [n for n in page.open_lines() if n > number][:1]
    line = page.lines[number]
    if following == [page.headline] and not page.sections and len(line.split()) <= 2:
        page.sections = [line]
        page.mark(number, "breadcrumb")
        page.found("section_path", "label above the headline")
    else:
        page.mark(number, "above")


def _is_title(page: Page, number: int) -> bool:
    if page.headline is not None:
        return number == page.headline
    line = page.lines[number]
    words = line.split()
    if len(line) > MAX_TITLE or len(words) > MAX_TITLE_WORDS or head.is_caption(line):
        return False
    following = [n for n in page.open_lines() if n > number]
    if not following:
        return False
    long = len(words) >= 20 or len(line) > 140
    return not (head.closes(line) and (long or not line.endswith(("?", "!", "؟", "”", "’", "»"))))


def _take_title(page: Page, number: int) -> None:
    """The headline; a short label above it is the section."""
    following = [n for n in page.open_lines() if n > number]
    line = page.lines[number]
    below = page.lines[following[0]] if following else ""
    is_label = (
        not page.sections
        and len(line.split()) <= 2
        and len(below.split()) >= 4
        and len(following) > 1
        and _is_title(page, following[0])
        and not head.is_name(below)
        and read_date_line(below, page.outlet.zone) is None
        and head.byline(below) is None
    )
    if is_label:
        page.sections = [line]
        page.mark(number, "breadcrumb")
        page.found("section_path", "label above the headline")
        return
    page.title = line
    page.mark(number, "title")
    page.found("title", "first line that is no sentence")


def _is_head_caption(page: Page, number: int) -> bool:
    """A caption by its place: between headline and text, closing with a date."""
    following = [n for n in page.open_lines() if n > number]
    line = page.lines[number]
    return bool(page.title) and len(line) <= 400 and len(following) >= 2 and ends_with_date(line)


def _take_caption(page: Page, number: int, rule: str) -> None:
    page.captions.append(page.lines[number])
    page.mark(number, "caption")
    page.found("captions", rule)


def _stands_apart(page: Page, waiting: list[int]) -> bool:
    """Whether the line below the headline is a standfirst: no sentence, and text follows it."""
    line = page.lines[waiting[0]]
    return len(waiting) > 1 and not head.closes(line) and 4 <= len(line.split()) <= 60


def _take_subtitle(page: Page, numbers: list[int]) -> None:
    """A standfirst: one line between the headline and what stands below it."""
    line = page.lines[numbers[0]]
    alone = len(numbers) == 1 and page.subtitle is None and 3 <= len(line.split()) <= 60
    if alone and not head.is_caption(line):
        page.subtitle = line
        page.mark(numbers[0], "subtitle")
        page.found("subtitle", "line between headline and text")


def _take_standfirst(page: Page) -> None:
    """A line right below the headline that is none of the text's."""
    if page.headline is None or page.subtitle or not page.article or not page.title:
        return
    first = min(page.article)
    between = [n for n in page.open_lines() if page.headline < n < first][:STANDFIRST_WITHIN]
    for number in between:
        line = page.lines[number]
        n_words = len(line.split())
        shown = head.is_caption(line) or ends_with_date(line)
        if MIN_STANDFIRST <= n_words <= MAX_STANDFIRST and not shown:
            page.subtitle = line
            page.mark(number, "subtitle")
            page.found("subtitle", "line between headline and text")
            return


def _mark_captions(page: Page) -> None:
    """Captions by their words, wherever they stand, in page order."""
    open_lines = page.open_lines()
    first = next((n for n in open_lines if head.is_sentence(page.lines[n])), None)
    for number, below in pairwise(open_lines):
        if number == first and page.lines[number] == page.lines[below]:
            _take_caption(page, number, "line told twice above the text")
            page.mark(below, "caption told again")
    _take_standfirst(page)
    for number in page.open_lines():
        line = page.lines[number]
        if head.is_caption(line):
            _take_caption(page, number, "opening words or closing credit")
        elif page.article and number not in page.article:
            page.mark(number, "other")
    order = [n for n, kind in enumerate(page.kinds) if kind == "caption"]
    page.captions = [page.lines[n] for n in order]


def _paragraphs(page: Page) -> list[str]:
    """The text: every line still open, the dateline taken off the first."""
    paragraphs = [page.lines[number] for number in page.open_lines()]
    if paragraphs:
        page.dateline, paragraphs[0] = head.dateline(paragraphs[0])
        if page.dateline:
            page.found("dateline", "opening of the first paragraph")
    return paragraphs


def _access(page: Page, paragraphs: list[str]) -> str:
    """How much of the article the page shows."""
    if page.paywalled:
        return "paywalled"
    last = max(page.open_lines(), default=0)
    ends_page = all(kind in (None, "blank") for kind in page.kinds[last:])
    line = paragraphs[-1] if paragraphs else ""
    if ends_page and not head.closes(line) and len(line.split()) >= MIN_CUT_WORDS:
        return "cut"
    return "full"


ARTICLE_KINDS = frozenset((None, "blank", "title", "subtitle", "caption"))


def _description(page: Page, paragraphs: list[str]) -> Description:
    faults = []
    if not paragraphs:
        faults.append(Fault("MF404", "every line of the page is headline, caption or boilerplate"))
    if page.stated is None:
        faults.append(Fault("MF501", "no line of the page reads as its date of publication"))
    if page.title is None:
        faults.append(Fault("MF502", "no line of the page reads as a headline"))
    if page.lost_hosts:
        faults.append(Fault("MF504", "no host name follows the notice"))
    access = _access(page, paragraphs)
    if access == "cut":
        faults.append(Fault("MF503", f"its last line ends in {paragraphs[-1][-30:]!r}"))
    page.found("text", "paragraphs below the headline")
    return Description(
        body=body_of("\n\n".join(paragraphs)),
        title=page.title,
        subtitle=page.subtitle,
        section_path=page.sections,
        byline=page.names,
        dateline=page.dateline,
        stated=page.stated,
        modified_at=page.modified.at if page.modified else None,
        captions=page.captions,
        keywords=page.keywords,
        sources=tuple(FieldSource(name, "text", rule) for name, rule in page.sources.items()),
        removed_lines=[
            line
            for line, kind in zip(page.lines, page.kinds, strict=True)
            if kind not in ARTICLE_KINDS
        ],
        mirror_domains_stated=list(dict.fromkeys(page.hosts)),
        access=access,
        faults=tuple(faults),
    )
