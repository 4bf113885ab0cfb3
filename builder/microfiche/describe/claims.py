"""What the hand-written pages claim of the data, held against the data.

Reads counts, spans of time and languages that CARD.md and DATASHEET.md state in plain English
sentences, outside of generated blocks. What it does not understand it leaves alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from microfiche.archive import Archive
from microfiche.archive.files import CARD, DATASHEET
from microfiche.describe.facts import Facts
from microfiche.describe.questions import without_blocks
from microfiche.finding import Finding

THINGS = "articles|captures|revisions|outlets|words"
SUBJECT = (
    r"(?<!previous )(?<!earlier )(?<!first )(?<!older )(?<!last )"
    r"(?:archive|dataset|data set|release|collection|corpus|it|this|we)"
)
ABOUT = "(about |some |around |roughly |nearly |exactly |over )?"
# A number of things that a sentence gives as all there are of them.
TOTAL = re.compile(
    rf"\b{SUBJECT} (?:holds?|contains?|comprises?|consists? of|has|have)"
    rf" {ABOUT}([0-9][0-9,]*) ({THINGS})(?=[.,;:)]| and\b| in (?:all|total)| *$)"
    rf"|\b{ABOUT}([0-9][0-9,]*) ({THINGS})"
    r" (?:in all|in total|altogether)\b",
    re.IGNORECASE,
)
MOMENT = r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)"
SPAN = re.compile(
    r"\b(?:(?:articles|texts) (?:were |are )?(?:published|dated)"
    rf"|{SUBJECT} (?:covers?|spans?))"
    rf" (?:from |between )?{MOMENT} ?(?:to|and|until|through|–|-) ?{MOMENT}(?![0-9-])",
    re.IGNORECASE,
)
LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "it": "Italian",
    "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean", "ku": "Kurdish",
    "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovene", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "tg": "Tajik",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip
NAMES = "|".join(LANGUAGES.values())
LISTED = rf"((?:{NAMES})(?:(?:, | and |, and )(?:{NAMES}))*)"
WRITTEN_IN = re.compile(
    rf"\b(?:(?:articles|texts) are (?:all )?(?:written )?in|languages are) {LISTED}(?! (?:and|or))",
)
PARTIAL = re.compile(r"\b(?:most|mostly|mainly|many|some|one|two|few|partly|chiefly)\b", re.I)
LOOSE = 0.1  # how far "about" may be off


class Claim(NamedTuple):
    """Something a page states: its kind, the words, their line, and what they come down to."""

    kind: str
    words: str
    where: str
    line: int
    value: tuple[str, ...]


class Known(NamedTuple):
    """What the data say: counts by thing, first and last day (None: no dates), languages."""

    counts: Mapping[str, int]
    first: str | None
    last: str | None
    languages: frozenset[str]


def known(facts: Facts, counts: Mapping[str, int]) -> Known:
    """What facts and counts of tables say, as claims are held against it."""
    languages = frozenset(name.split("-")[0] for name in facts.languages if name != "unknown")
    counted = {**counts, "words": facts.n_words}
    return Known(counted, facts.earliest, facts.latest, languages)


def read_claims(archive: Archive) -> list[Claim]:
    """Every claim of an archive's hand-written pages and of its dataset file."""
    found = []
    for name in (CARD, DATASHEET):
        if name in archive.files:
            found += list(_page_claims(name, archive.files[name].decode("utf-8")))
    languages = archive.dataset.get("languages", ())
    if languages:
        codes = tuple(str(each).split("-")[0] for each in languages)
        words = f"languages = {', '.join(languages)}"
        found.append(Claim("languages", words, "raw/dataset.toml", 0, codes))
    return found


def _page_claims(name: str, page: str) -> Iterator[Claim]:
    text = without_blocks(page.replace("\r\n", "\n")).replace("\n", " ")
    unix = page.replace("\r\n", "\n")

    def claim(kind: str, match: re.Match[str], value: tuple[str, ...]) -> Claim:
        line = unix.count("\n", 0, match.start()) + 1
        return Claim(kind, " ".join(match[0].split()), name, line, value)

    for match in TOTAL.finditer(text):
        about, number, thing = match.groups()[:3] if match[2] else match.groups()[3:]
        yield claim("count", match, (thing.lower(), number.replace(",", ""), about or ""))
    for match in SPAN.finditer(text):
        yield claim("span", match, (match[1], match[2]))
    for match in WRITTEN_IN.finditer(text):
        if not PARTIAL.search(_sentence(text, match)):
            codes = {name: code for code, name in LANGUAGES.items()}
            found = re.findall(NAMES, match[1])
            yield claim("languages", match, tuple(codes[each] for each in found))


def _sentence(text: str, match: re.Match[str]) -> str:
    start = max(text.rfind(mark, 0, match.start()) for mark in ".!?")
    end = re.compile(r"[.!?]").search(text, match.end())
    return text[start + 1 : end.start() if end else len(text)]


def denied(claims: list[Claim], data: Known) -> Iterator[Finding]:
    """MF112 for each claim that the data deny."""
    for claim in claims:
        against = {"count": _count, "span": _span, "languages": _languages}[claim.kind](claim, data)
        if against:
            place = f"line {claim.line}" if claim.line else "/languages"
            message = f"{claim.words!r}, but the data have {against}"
            yield Finding(claim.where, place, "MF112", message)


def _count(claim: Claim, data: Known) -> str | None:
    thing, number, about = claim.value
    have, stated = data.counts.get(thing), int(number)
    if have is None:
        return None
    if about.strip().lower() == "over":
        fits = have >= stated
    elif about and about.strip().lower() != "exactly":
        fits = abs(have - stated) <= LOOSE * max(have, stated)
    else:
        fits = have == stated
    return None if fits else f"{have:,}"


def _span(claim: Claim, data: Known) -> str | None:
    first, last = claim.value
    have = (data.first or "none", data.last or "none")
    fits = have[0].startswith(first) and have[1].startswith(last)
    return None if fits else f"{have[0]} to {have[1]}"


def _languages(claim: Claim, data: Known) -> str | None:
    if not data.languages or set(claim.value) == data.languages:
        return None
    return ", ".join(sorted(data.languages))
