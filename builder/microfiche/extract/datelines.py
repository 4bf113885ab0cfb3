"""Datelines: the place, day and agency with which a text of news opens."""

from __future__ import annotations

import re

from microfiche.dates.printed import MONTHS, NAMED_DAYS

UPPER = "".join(chr(code) for code in range(0x41, 0x530) if chr(code).isupper())
CAPITALS = rf"[{UPPER}][{UPPER}.'’]+(?:[ -][{UPPER}][{UPPER}.'’]*){{0,4}}"  # a place
OPENS = rf"(?=[{UPPER}0-9]|[“\"«„‘¿¡])"  # what follows opens a sentence
DAY = r"[0-9]{1,2}\.? (?:de )?[^\W\d_]{3,12}\.?(?: (?:de )?[0-9]{4})?"

# `LOWER QUAY, Q. (AGENCY) — The`
PLACE = re.compile(
    rf"(?P<dateline>{CAPITALS}(?:,\s[^\W\d_][\w. ]{{1,25}})?"
    r"(?:,\s[^\W\d_][\w. ]{1,20}\s[0-9]{1,2})?(?:\s\([\w./ ]{2,20}\))?)"
    r"\s*(?:—|–|--|-|:)\s+(?=\S)"
)
# `Lower Quay, 3 March (AGENCY).- The`, `LOWER QUAY, (AGENCY) -- The`
AGENCY = re.compile(
    r"(?P<dateline>[^\W\d_][\w.'’\- ]{1,30}(?:,\s[\w. ]{2,25}){0,2}(?: \([^\W\d_][\w. ]{2,20}\))?[.,]?\s[(/]"
    r"(?:[^\W\d_]{2,8}(?:/[^\W\d_]{2,8})?|[\w ]{2,15} Press)[)/])"
    rf"(?:\s*(?:\.\s*[-–—]*|—|–|--|-|:)\s+(?=\S)|\s+{OPENS})"
)
# `(AGENCY) - LOWER QUAY, 3 MAR - The`
LED = re.compile(
    rf"(?P<dateline>[(\[][{UPPER}]{{2,12}}(?:[/ ][^\W\d_]{{2,12}})?[)\]] ?[-–—] ?[{UPPER}][^\d()]{{1,30}}(?:\([{UPPER}][^\d()]{{1,20}}\))?(?:, {DAY})?)"
    r" ?[-–—] +(?=\S)"
)
# `LOWER QUAY, 3 March — Agency, Ada Quill. The`
WIRE = re.compile(
    rf"(?P<dateline>{CAPITALS}(?: \([^()]{{2,30}}\))?(?:, {DAY})?\s[—–-]\s[^.,—–]{{2,30}}(?:, [^.,]{{4,40}})?)\.\s+{OPENS}"
)
# `LOWER QUAY, 30 SET - The`
DAYED = re.compile(rf"(?P<dateline>{CAPITALS}, {DAY})\s*[-–—]+\s+(?=\S)")
# `Lower Quay – The`, `Lower Quay, Qu.- The`
DOTTED = re.compile(
    rf"(?P<dateline>[{UPPER}][\w'’-]+(?: (?:(?:de|del|do|da|la|las|los|el|y|e) ){{0,2}}[{UPPER}][\w'’-]+){{0,4}}"
    rf"(?:, [{UPPER}]\w{{1,14}}(?: (?:(?:de|del|do|da|la) )?[{UPPER}]\w{{1,14}}){{0,2}})?)\.? ?[-–—]+\s+{OPENS}"
)
# `LOWER QUAY. The`, `LOWER QUAY. 6 June. AGENCY. The`
CLOSED = re.compile(
    rf"(?P<dateline>[{UPPER}]{{3,20}}(?:[ '’-][{UPPER}’']{{1,20}}){{0,4}}(?:\. {DAY}(?:\. [{UPPER}]{{2,15}})?)?)\. +{OPENS}"
)
# `LOWER QUAY, Quayland, March 30. The`
CLOSED_DAY = re.compile(
    rf"(?P<dateline>{CAPITALS}(?:, [{UPPER}][\w '’-]{{2,20}})?, (?:{DAY}|[{UPPER}][^\W\d_]{{2,9}}\.? [0-9]{{1,2}})(?:\.?\s*/[^/]{{2,60}}/)?)\.?(?:(?<=/)|\s*[—–-]+[^/—–.]{{2,25}}[/—–]+\.?|, [{UPPER}]{{3,15}}\.|\.)\s+{OPENS}(?![0-9])"
)
# `Lower Quay (Quayland), 3 March 2021 - The`, `Lower Quay, Qu., 3 de marzo. The`
PLACED = re.compile(
    rf"(?P<dateline>[{UPPER}][\w'’-]+(?: (?:(?:de|del|do|da|la|las|los|el|y|e) ){{0,2}}[{UPPER}][\w'’-]+){{0,4}}"
    rf"(?: \([{UPPER}][\w '’-]{{1,20}}\))?(?:, [{UPPER}]\w{{1,14}}\.?)?, {DAY})\s*(?:\.\s*[-–—]*|[-–—]+)\s+{OPENS}(?![0-9])"
)
# `Lower Quay (Q/L), March 12, AGENCY – The`
LISTED = re.compile(
    rf"(?P<dateline>[{UPPER}][\w'’-]+(?: [{UPPER}][\w'’-]+){{0,3}}(?: \([^()]{{1,20}}\))?, (?:{DAY}|[{UPPER}][^\W\d_]{{2,9}}\.? [0-9]{{1,2}}),? \(?[{UPPER}]{{2,12}}\)?)\s*[-–—]+\s+{OPENS}"
)
# `LOWER QUAY—The`
CLOSE = re.compile(
    rf"(?P<dateline>(?=[{UPPER}]{{5}}){CAPITALS}(?:, [{UPPER}][\w. ]{{2,20}})?)—{OPENS}(?![0-9])"
)
# `[place=agency] reporter =`
KOREAN = re.compile(
    r"(?P<dateline>[(\[][^()\[\]=]{2,15}=[^()\[\]=]{2,15}[)\]](?:\s*(?:[\uac00-\ud7af]{2,4}[ ·]?){1,3}(?:기자|특파원|통신원))?)\s*(?:=\s*)?(?=\S)"
)
# `(reporter/place)`, as papers in Taiwan open
TAIWANESE = re.compile(r"(?P<dateline>[〔\[【(（]\s?記者[^〕\]】)）]{2,30}[〕\]】)）])\s*(?=\S)")
# `(AGENCY) – The`
BARE = re.compile(rf"(?P<dateline>\([{UPPER}]{{2,8}}(?:/[{UPPER}]{{2,8}})?\))\s*[-–—:]+\s+{OPENS}")
# `LOWER QUAY.–The`
TIGHT = re.compile(rf"(?P<dateline>{CAPITALS})\.[-–—]+\s*{OPENS}")
# A correspondent or the desk, perhaps a place
HINDI = re.compile(
    r"(?P<dateline>(?:[\u0900-\u097f]+,? ){0,2}(?:संवाद(?:दाता|सूत्र| सहयोगी| सूत्र)|ब्यूरो|प्रतिनिधि|डेस्क)(?:, [\u0900-\u097f ]{2,30})?)\s*[:।–-]\s*(?=\S)"
)
# A place, perhaps two, perhaps the agency: `place / agency - `
ARABIC = re.compile(
    r"(?P<dateline>[\u0600-\u06ff\u200c]{2,15}(?: [\u0600-\u06ff\u200c]{2,15})?(?: ?/ ?[\u0600-\u06ff]{2,12})?)"
    r"\s*(?:—|–|--|-)\s*(?:(?:خبرگزاری|وكالة|وکالة) [^\-–—]{2,25}\s*[-–—]\s*)?(?=\S)"
)
# `place 3 March / agency / `, as state agencies open
ARABIC_WIRE = re.compile(
    r"(?P<dateline>[\u0600-\u06ff]{2,15}(?: [\u0600-\u06ff]{2,15}){0,2}(?: في)? [0-9]{1,2} [\u0600-\u06ff]{3,8} ?/ ?[\u0600-\u06ff]{2,8} ?/)"
    r"\s*[-–—]*\s*(?=\S)"
)
# "As agency so-and-so reports from there," opens the news of Iranian agencies.
REPORTED = re.compile(
    r"(?P<dateline>به گزارش (?:خبرگزاری |خبرنگار |پایگاه خبری |روابط عمومی )?[^،:؛.]{2,40}?(?: از [^،:؛.]{2,30})?)[،:؛]\s+(?=\S)"
)
FROM = " از "  # in such an opening, before the place
# Agency, place and day without spaces, perhaps who reports in brackets
HAN = re.compile(
    r"(?P<dateline>(?:本[报報网刊]|[\u4e00-\u9fff]{2,6})[讯訊][（(](?:记者|記者|通讯员)[^）)]{2,60}[）)]|[\u4e00-\u9fff]{2,20}[0-9]{1,2}月[0-9]{1,2}日(?:[电電讯訊]|消息|报道)(?:\s?[（(][^）)]{2,60}[）)])?)\s*(?=\S)"
)
PLAIN = re.compile(rf"[{UPPER}][\w'’-]+(?: [{UPPER}][\w'’-]+){{0,3}} [-–—]+ ")
# `ADA QUILL - The`, behind a dateline
SIGNED = re.compile(rf"(?P<name>[{UPPER}]{{2,15}}(?: [{UPPER}]{{2,15}}){{1,2}}) [-–—] {OPENS}")
WITH_DAYS, WORD, STEM = (CLOSED_DAY, PLACED, LISTED), re.compile(r"[^\W\d_]+"), 3
MONTH_STEMS = frozenset(name[:STEM] for name in MONTHS)
MAX_DATELINE = 200  # letters
# `Lower Quay. The`, if the place is known
NAMED = re.compile(rf"(?P<dateline>[{UPPER}][\w'’-]{{2,}}(?: [{UPPER}][\w'’-]+){{0,2}})\. +{OPENS}")
# The same in Urdu and in Devanagari: `place: `, `place। `
UNCASED = re.compile(
    r"(?P<dateline>(?!.{0,25}(?:کہا|بتایا))[\u0600-\u06ff]{2,12}(?: [\u0600-\u06ff]{2,12})?(?=: .*[ٹڈڑےںہ])|(?!नहीं|हाँ|हां|जी)[\u0900-\u097f]{3,15}(?: [\u0900-\u097f]{3,15})?(?=[।.:]))[।.:] +(?=\S)"
)
# No sentence opens so.
SURE = (
    LED, WIRE, DAYED, PLACE, AGENCY, CLOSED_DAY, PLACED, LISTED, BARE, TIGHT, CLOSE, ARABIC_WIRE, HAN, HINDI, KOREAN,
    TAIWANESE,
)  # fmt: skip

WEAK = (NAMED, UNCASED)
DATELINES = (*SURE, ARABIC, REPORTED, DOTTED, CLOSED, *WEAK)


def dateline(paragraph: str) -> tuple[str | None, str]:
    """(the dateline that opens a paragraph, the paragraph without it)."""
    opening = paragraph[:MAX_DATELINE]
    for pattern in DATELINES:
        match = pattern.match(opening)
        if match and match.end() < len(paragraph) // 2 and _is_dated(pattern, match["dateline"]):
            return match["dateline"].strip(), paragraph[match.end() :]
    return None, paragraph


def _is_dated(pattern: re.Pattern[str], told: str) -> bool:
    """Whether a day in a dateline has a month: `Ada Quill, 34 years` has none, `Monday, 3 March` no place."""
    if pattern not in WITH_DAYS:
        return True
    place, *rest = (word.casefold() for word in WORD.findall(told))
    return place not in NAMED_DAYS and any(word[:STEM] in MONTH_STEMS for word in rest)


def is_weak(paragraph: str) -> bool:
    """Whether a paragraph opens as with a dateline, or with a word or two of its own: `Finally - It`."""
    opening = paragraph[:MAX_DATELINE]
    if any(pattern.match(opening) for pattern in SURE):
        return False
    closed = CLOSED.match(opening)
    bare = closed is not None and not any(map(str.isdigit, closed["dateline"]))
    named = closed is None and any(pattern.match(opening) for pattern in WEAK)
    return bare or bool(named or PLAIN.match(opening))


def opens_news(paragraph: str) -> bool:
    """Whether a paragraph opens with a dateline that is nothing else."""
    opening = paragraph[:MAX_DATELINE]
    matches = (pattern.match(opening) for pattern in (*SURE, DOTTED))
    if any(match and match.end() < len(paragraph) // 2 for match in matches):
        return not is_weak(paragraph) and dateline(paragraph)[0] is not None
    reported = REPORTED.match(opening)
    return reported is not None and FROM in reported["dateline"]
