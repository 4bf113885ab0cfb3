"""Plain-text captures: which line of a page is what.

First where the article is (`region`), then what is boilerplate by the outlet's profile and by rules
that hold for all sites, what follows the text, and what stands around the headline (`opening`). The
paragraphs are what is left. Whatever is not part of the article stands in `removed_lines`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from microfiche.captures import Fault
from microfiche.dates import Stated
from microfiche.extract import Description, FieldSource, head, persons
from microfiche.extract.boilerplate import is_hosts, removed_as, stated_hosts
from microfiche.extract.bounds import FORM, article_span, dated_by_form
from microfiche.extract.dating import find_date, take_date
from microfiche.extract.furniture import is_initials, is_label, is_note
from microfiche.extract.layout import ITEM, unwrapped
from microfiche.extract.opening import may_be_headline, read_head, take_standfirst
from microfiche.extract.paragraphs import paragraphs_of
from microfiche.extract.pictures import captions_of, has_credit, mark_captions, mark_credits
from microfiche.extract.region import HEADLINE_WITHIN, find_region
from microfiche.extract.saved import Page
from microfiche.extract.settling import settle
from microfiche.extract.signing import take_closing_name
from microfiche.extract.slug import is_told, slug_of
from microfiche.outlets.outlet import Outlet
from microfiche.text import body_of

LANGUAGE_SAMPLE = 8000
BESIDE_FORM = 40  # letters beside a date in the outlet's form, in a line that is no text
# Lines above the headline, or above the text where none is told, and below it that may say something.
ABOVE, ABOVE_NONE, BELOW = 6, 10, 30
NOTICE = re.compile(r"\balso\b|^https?://|^[a-z0-9.-]+$", re.IGNORECASE)
RULE, HEAD_LINES = re.compile(r"(?:[-=*_~#•·—–][ ]?){3,}"), 4
KEYWORDS = re.compile(
    r"(?:tags?|keywords|topics|mots[- ]clés|schlagw(?:orte|örter)|stichw(?:orte|örter)|etiquetas|palabras clave|"
    r"palavras-chave|parole chiave|trefwoorden|słowa kluczowe|tagi|etiketler|anahtar kelimeler|теги|метки|"
    r"ключевые слова|ключові слова|الوسوم|كلمات مفتاحية|الكلمات المفتاحية|برچسب‌ها|کلیدواژه‌ها|标签|关键词|關鍵字|標籤|キーワード|태그)"
    r"\s*[:：]\s*(?P<words>.+)",
    re.IGNORECASE,
)
LISTED = re.compile("[,،、|;]")
GAPS_WITHIN = 90  # lines
# Of a list of what else there is to read: lines, words of one, letters.
LISTED_LINES, TEASER_WORDS, TEASER_LETTERS = 6, 20, 140


class LineKind(NamedTuple):
    """A line, what it was taken for, and the score by which; above 0 it speaks for text.

    None where other things than the score decided: rules, or what stands around it. `element` is
    where it stands on a page; None in a text.
    """

    kind: str
    score: int | None
    line: str
    element: str | None = None


def describe_text(text: str, outlet: Outlet, address: str | None = None) -> Description:
    """Description of a page saved as text, of a known outlet, captured at `address` (None: unknown)."""
    page, paragraphs = _read(text, outlet, address)
    return _description(page, paragraphs)


def line_kinds(text: str, outlet: Outlet, address: str | None = None) -> list[LineKind]:
    """Each line of a page saved as text, with what it was taken for."""
    page, _ = _read(text, outlet, address)
    return [
        LineKind(kind or "text", page.scores.get(number), line)
        for number, (line, kind) in enumerate(zip(page.lines, page.kinds, strict=True))
        if line
    ]


def _read(text: str, outlet: Outlet, address: str | None) -> tuple[Page, list[str]]:
    """A page of text as it was understood, and its paragraphs."""
    page, own = marked(text, outlet, address)
    settle(page)
    if own:
        page.stated, page.sources["published"] = own, FORM
    paragraphs = paragraphs_of(page)
    if page.stated is None and page.modified is not None:
        page.stated, page.sources["published"] = page.modified, "the only date, of a change"
    return page, paragraphs


def marked(text: str, outlet: Outlet, address: str | None) -> tuple[Page, Stated | None]:
    """(a page of text, its lines marked by what rules say of them, its day in the outlet's form)."""
    lines = unwrapped(text)
    page = Page(lines, outlet, ["blank" if not line else None for line in lines])
    page.order = outlet.order or ("day" if _is_day_first(outlet, text) else None)
    _mark_bounds(page)
    own = _take_form(page)
    _mark_article(page, slug_of(address))
    _mark_boilerplate(page)
    _fill_gaps(page)
    _mark_tail(page)
    mark_credits(page)
    read_head(page)
    _mark_pictures(page)
    find_date(page)
    take_closing_name(page)
    return page, own


def _mark_bounds(page: Page) -> None:
    """What stands outside of what the outlet's file says is the article."""
    first, end = article_span(page.lines, page.outlet)
    for number, line in enumerate(page.lines):
        if line and not first <= number < end:
            page.mark(number, "before" if number < first else "after")


def _take_form(page: Page) -> Stated | None:
    """The day that a line states in a form of the outlet's, which is no part of the text."""
    for number, line in enumerate(page.lines) if page.outlet.date_forms else ():
        if stated := dated_by_form(line, page.outlet):
            if page.kinds[number] is None and len(line) <= len(stated.stated) + BESIDE_FORM:
                page.mark(number, "date")
            return stated
    return None


def _mark_boilerplate(page: Page) -> None:
    """Lines that are boilerplate by themselves, and the host names after a notice of mirrors."""
    after_notice, listed = False, 0
    first = min(page.article, default=len(page.lines))
    for number, line in enumerate(page.lines):
        if page.kinds[number] in ("blank", "before", "after", "date"):
            continue
        if after_notice and is_hosts(line):
            page.hosts += stated_hosts(line)
            page.mark(number, "mirror-notice")
            page.found("provenance.mirror_domains_stated", "hosts after the notice")
            page.lost_hosts = False
            continue
        if 0 < listed <= LISTED_LINES and _is_teaser(page, number):
            page.mark(number, "navigation")
            listed += 1
            continue
        removed = removed_as(line, page.outlet)
        listed = int(removed is not None and number > first and is_label(line))
        after_notice = removed is not None and removed.kind == "mirror-notice"
        if removed:
            page.mark(number, removed.kind)
            page.paywalled |= removed.kind == "paywall"
            if removed.is_own:
                page.told_by_outlet.add(number)
        if removed and after_notice:
            page.hosts += removed.hosts
            page.lost_hosts = not removed.hosts
            if removed.hosts:
                page.found("provenance.mirror_domains_stated", "hosts in the notice")


def _is_teaser(page: Page, number: int) -> bool:
    """Whether a line below the label of a list is the headline of something else."""
    line = page.lines[number]
    brief = len(line.split()) <= TEASER_WORDS and len(line) <= TEASER_LETTERS
    return page.kinds[number] is None and brief and not head.closes(line)


def _is_day_first(outlet: Outlet, text: str) -> bool:
    """Whether dates in numbers begin with the day: by languages other than English they do."""
    languages = outlet.languages
    if not languages:
        from resiliparse.parse.lang import detect_fast

        languages = (detect_fast(text[:LANGUAGE_SAMPLE])[0],)
    return not any(language.startswith(("en", "unk")) for language in languages)


def _mark_article(page: Page, slug: frozenset[str]) -> None:
    """Where the article is among the lines, and what stands far above and below it."""
    numbers = [n for n, line in enumerate(page.lines) if line and page.kinds[n] is None]
    lines = [page.lines[n] for n in numbers]
    found = find_region(
        lines, lambda line: may_be_headline(page, line) and not has_credit(lines, line)
    )
    page.scores = dict(zip(numbers, found.scores, strict=True))
    page.measured, page.measures = numbers, found.measures
    if not found.article:
        return
    if slug and (told := _told_headline(page, lines, found.article[0], slug)) is not None:
        found = found._replace(headline=told)
    page.article = frozenset(numbers[place] for place in found.article)
    page.headline = None if found.headline is None else numbers[found.headline]
    first, last = found.article[0], found.article[-1]
    top = first if found.headline is None else min(first, found.headline)
    above = ABOVE if found.headline is not None else ABOVE_NONE
    for place, number in enumerate(numbers):
        if place < top - above:
            page.mark(number, "before")
        elif place > last + BELOW and not NOTICE.search(lines[place]):
            page.mark(number, "after")


def _told_headline(page: Page, lines: list[str], first: int, slug: frozenset[str]) -> int | None:
    """The line near the article's first that its address tells; None if none is, or several are."""
    near = range(max(0, first - ABOVE_NONE), min(first + HEADLINE_WITHIN, len(lines)))
    told = [n for n in near if may_be_headline(page, lines[n]) and is_told(lines[n], slug)]
    return told[0] if len({lines[n] for n in told}) == 1 else None


def _mark_tail(page: Page) -> None:
    """What follows the text: after the last boilerplate line nothing but sentences counts."""
    numbers = page.open_lines()
    boiler = [n for n, kind in enumerate(page.kinds) if kind not in (None, "blank")]
    sentence = next((n for n in reversed(numbers) if head.is_sentence(page.lines[n])), None)
    last = sentence if sentence is not None else (numbers[-1] if numbers else 0)
    if page.article:
        last = max(page.article)
    _mark_notes(page)
    first_after = next((n for n in boiler if n > last), None)
    for number in numbers:
        line = page.lines[number]
        labelled = KEYWORDS.fullmatch(line) if 2 * number > last else None
        if not labelled and (number < last or (number == last and page.article)):
            continue
        if labelled and not page.keywords:
            words = (word.strip(" .") for word in LISTED.split(labelled["words"]))
            page.keywords = [word for word in words if word]
            page.mark(number, "keywords")
            page.found("keywords", "label at the end")
        elif sentence is not None and (dates := page.dates_alone(line)):
            for dated in dates:
                take_date(page, number, dated, in_head=False)
        elif page.article or (first_after is not None and number > first_after):
            page.mark(number, "tail")


def _fill_gaps(page: Page) -> None:
    """Of a text with little but its article, short lines between two of it: crossheads, items."""
    if not page.article or sum(map(bool, page.lines)) > GAPS_WITHIN:
        return
    lines = [number for number in range(min(page.article), max(page.article)) if page.lines[number]]
    gap: list[int] = []
    kept: list[int] = []
    for number in lines:
        if number not in page.article:
            gap.append(number)
            continue
        gap = [each for each in gap if page.kinds[each] is None]
        if len(gap) == 1 or all(ITEM.match(page.lines[each]) for each in gap):
            kept += gap
        gap = []
    brief = (each for each in kept if len(page.lines[each].split()) <= TEASER_WORDS)
    page.article |= frozenset(brief)


def _mark_notes(page: Page) -> None:
    """What closes the article and is none of it: notes of the newsroom, initials, what is below."""
    article = sorted(page.article)
    late = article[len(article) // 2 :]
    signed = next((n for n in late if is_initials(page.lines[n])), None)
    for number in (n for n in late if signed is not None and n >= signed):
        if not head.is_sentence(page.lines[number]):
            page.mark(number, page.kinds[number] or "note")
    for number in reversed(article):
        if page.kinds[number] is None and not is_note(page.lines[number]):
            return
        page.mark(number, page.kinds[number] or "note")


def _first_sentence(page: Page) -> list[int]:
    """The first open line that is a sentence, and the one below it, as far as there are any."""
    numbers = page.open_lines()
    first = next((n for n, each in enumerate(numbers) if head.is_sentence(page.lines[each])), None)
    return [] if first is None else numbers[first : first + 2]


def _mark_pictures(page: Page) -> None:
    """Captions and the standfirst, where the lines around the headline did not tell them."""
    pair = _first_sentence(page)
    if len(pair) == 2 and page.lines[pair[0]] == page.lines[pair[1]]:
        page.take_caption(pair[0], "line told twice above the text")
        page.mark(pair[1], "caption told again")
    take_standfirst(page)
    mark_captions(page)
    page.captions = captions_of(page)


def _second_article(page: Page) -> str | None:
    """The headline of another article: below a rule of signs, with a date or a byline under it."""
    first = min(page.article, default=len(page.lines))
    for number in range(first, len(page.lines)):
        if not RULE.fullmatch(page.lines[number]):
            continue
        below = [line for line in page.lines[number + 1 : number + 1 + BELOW] if line]
        headline, *under = below[:HEAD_LINES] or [""]
        dated = any(page.dates_alone(line) or persons.byline(line) for line in under)
        if headline and not head.is_sentence(headline) and dated:
            return headline
    return None


def _access(page: Page, paragraphs: list[str]) -> str:
    """How much of the article the page shows."""
    if page.paywalled:
        return "paywalled"
    last = max(page.open_lines(), default=0)
    ends_page = all(kind in (None, "blank") for kind in page.kinds[last:])
    line = paragraphs[-1] if paragraphs else ""
    if ends_page and head.breaks_off(line):
        return "cut"
    return "full"


ARTICLE_KINDS = frozenset((None, "blank", "title", "subtitle", "caption"))


def _description(page: Page, paragraphs: list[str]) -> Description:
    faults = []
    if not paragraphs:
        told = "every line of the page is headline, caption or boilerplate"
        bounds = page.outlet.begins_after or page.outlet.ends_before
        faults.append(Fault("MF404", f"{told}, or outside its outlet's bounds" if bounds else told))
    if page.stated is None:
        faults.append(Fault("MF501", "no line of the page reads as its date of publication"))
    if page.title is None:
        faults.append(Fault("MF502", "no line of the page reads as a headline"))
    if page.lost_hosts:
        faults.append(Fault("MF504", "no host name follows the notice"))
    access = _access(page, paragraphs)
    if access == "cut":
        faults.append(Fault("MF503", f"its last line ends in {paragraphs[-1][-30:]!r}"))
    if second := _second_article(page):
        faults.append(Fault("MF506", f"it begins at {second!r}"))
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
