"""The authors in a line of which weights say that it tells who wrote the text, whatever its form.

More freely than bylines are known by their words (`persons`): labels, posts, dates, addresses and
the outlet's name are taken off, and what is left is names, or the line is none.
"""

from __future__ import annotations

import re

from microfiche.dates.printed import without
from microfiche.extract import persons
from microfiche.extract.saved import Page, is_told_in

MAX_LINE, MAX_NAMES = 160, 5
LABEL = re.compile(
    r"\W*(?:(?:(?:written|posted|reported|published|authored|submitted|compiled|story|text|words|article|report) )?by\b|authors?\b|writers?\b|reporters?\b|"
    r"(?:(?:un )?(?:article|texte|reportage) )?(?:écrit |rédigé |publié )?par\b|auteure?s?\b|propos recueillis par\b|von\b|verantwortlich\b|autor(?:in|en|a|es|ka|ki)?\b|"
    r"por\b|texto\b|redacta\b|di\b|autor[ei]\b|a cura di\b|de\b|door\b|tekst\b|av\b|af\b|skrev\b|penulis\b|oleh\b|pewarta\b|kontributor\b|reporter\b|"
    r"автори?\b|аутор\b|текст\b|корр(?:еспондент)?\b\.?|журналист(?:ка)?\b|yazan\b|haber\b|muhabir\b|mwandishi\b|szerző\b|írta\b|συντάκτης|"
    r"بقلم|كتبت?|إعداد|تقرير|الكاتب|نویسنده|نوشته|گزارش(?:گر)?|خبرنگار|مصنف|تحریر|לפי|מאת|लेखक|रिपोर्ट|লেখক|প্রতিবেদক|"
    r"撰文|作者|记者|記者|文字|文|取材|기자명|글|tác giả|icon(?=[A-Z]))\s*[:：,،/／]?\s*",
    re.IGNORECASE,
)
# What follows names: roles, the rest of a glued line, buttons, handles.
BEHIND = re.compile(
    r"\s*(?:\(.*|（.*|@\w+.*|\bfor (?:the )?[A-Z].*|(?<=[a-z])(?:Reporter|Staff|Editor|Correspondent|Writer|Published|Updated|Posted|Senior)\b.*|"
    r"\b(?:Published|Updated|Posted|Publié|Pubblicato|Publicado|Veröffentlicht|Редактор|Фото|Foto|Photos?|Editor|Edited by|Edição|Editor:)\b.*|"
    r"(?:\s(?:기자|특파원|記者|记者|撮影|摄影报道|報導|报道)).*|[:：].*)$"
)
PARTS = re.compile(r"\s*(?:[|•·▪;✍]|\s[-–—/]\s|\s{2,})\s*")
LIST = re.compile(r"\s*(?:[,،、/]|\s(?:and|et|und|y|e|en|och|og|i|и|та|ve|&|dan)\s|\sو\s?)\s*")
MAILS = re.compile(r"\S*@\S+|https?://\S+")
CLOCK = re.compile(r"\b[0-9]{1,2}[:.][0-9]{2}\b.*|[0-9]+.*$")
HAN_NAME = re.compile(r"[\u4e00-\u9fff\u3040-\u30ff·\u3005]{2,6}|[\uac00-\ud7af]{2,4}")
MAX_UNCASED = 4  # words of a name in a script without capitals


def authors_in(page: Page, line: str, text: str) -> tuple[list[str], bool]:
    """(the authors that a line names, whether by a label); none if it has more than is known of.

    What the article's `text` speaks of is no author.
    """
    if len(line) > MAX_LINE:
        return [], False
    bare = MAILS.sub(" ", without(line, page.dates_in(line)))
    labelled = False
    while (label := LABEL.match(bare)) and label.end():
        bare, labelled = bare[label.end() :], True
    found: list[str] = []
    for part in PARTS.split(bare):
        told = BEHIND.sub("", CLOCK.sub("", part)).strip(" ,.|-–—:：/\u200e\u200f")
        names = [each for each in LIST.split(told) if each]
        good = [each for each in names if _may_be_author(page, each, text)]
        if good and names[0] == good[0]:
            found += good[: _run(names, good)]
            break
        if labelled and names:
            break
    return list(dict.fromkeys(found))[:MAX_NAMES], labelled


def _run(names: list[str], good: list[str]) -> int:
    """How many of the first parts of a list are names, one after another."""
    count = 0
    while count < len(good) and names[count] == good[count]:
        count += 1
    return count


def _may_be_author(page: Page, name: str, text: str) -> bool:
    """Whether a piece of a line is a person's name: not the outlet's, a newsroom's, or a place of the text."""
    if page.names_own(name) or persons.NEWSROOM.fullmatch(name) or persons.POST.fullmatch(name):
        return False
    if HAN_NAME.fullmatch(name):
        return True
    if name.lower() == name.upper() and len(name.split()) > MAX_UNCASED:
        return False
    return persons.is_name(name) and not is_told_in(name, text)
