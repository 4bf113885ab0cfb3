"""Pages that show a notice where an article was: seized, blocked, not found, gone, an error.

A notice speaks of itself: this site, this page, or nothing but the error. Articles speak of other
sites, so the patterns hold for the whole opening of a headline or of one of the first lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

# Of a text that long the notice must stand in headline and text; MAX_OCTETS counts where words
# are not set apart.
MAX_WORDS, MAX_OCTETS, SURE_WORDS = 120, 2400, 60
MAX_LINE, MAX_LINES = 300, 3
SITE = r"(?:web ?site|domain(?: name)?|site)"
THIS = r"(?:this|the requested|the following|that)"
SORRY = r"(?:oops\W{1,3}|(?:we[’']re )?sorry\W{1,3}(?:but )?|uh-oh\W{1,3})?"
NOTICES = {
    outcome: re.compile(f"(?:{pattern})", re.IGNORECASE)
    for outcome, pattern in {
        "seizure_notice": rf"this {SITE}.{{0,60}} (?:has been|was|is) (?:now )?seized\b|{SITE} seized[.!]?$"
        r"|these (?:web ?sites|domains)(?: names)? have been seized\b"
        r"|ce (?:site|domaine) a été saisi\b|diese (?:web)?(?:site|seite|domain) wurde beschlagnahmt"
        r"|este (?:sitio|dominio) ha sido (?:confiscado|incautado)"
        r"|(?:этот|данный) (?:домен|сайт).{0,30}(?:конфискован|арестован|изъят)"
        r"|تم (?:حجز|مصادرة|الاستيلاء على) (?:هذا )?(?:الموقع|النطاق)|این (?:سایت|دامنه|وب‌?سایت).{0,30}توقیف شد",
        "blocked": rf"(?:access to )?{THIS} (?:web ?site|site|page|resource|content|url)\b.{{0,60}}\b(?:blocked|restricted|banned|prohibited)\b"
        rf"|unavailable (?:for|due to) legal reasons\b|(?:error )?451(?:$|\W)|{SORRY}{THIS} .{{0,40}}not available in your (?:country|region|location)\b"
        r"|доступ к (?:этому |данному |запрашиваемому )?(?:сайту|ресурсу|странице|информационному).{0,60}(?:ограничен|заблокирован)"
        r"|(?:der zugriff auf )?diese (?:web)?(?:site|seite).{0,40}gesperrt|l[’']accès à ce site.{0,60}(?:bloqué|interdit)"
        r"|el acceso a (?:este|esta) (?:sitio|página).{0,60}(?:bloqueado|restringido)"
        r"|(?:هذا الموقع محجوب|تم حجب هذا الموقع)|دسترسی به این (?:سایت|تارنما|صفحه).{0,40}(?:مقدور|امکان‌پذیر) نیست",
        "gone": rf"{SORRY}{THIS} (?:article|page|story|content|post) (?:has been|was) (?:removed|deleted|withdrawn|taken down)\b"
        rf"|{SORRY}{THIS} (?:article|page|story|content|post) is no longer available\b|410(?:$|\W{{1,3}}gone)"
        r"|эта (?:статья|страница) (?:была )?удалена|cet article a été supprimé|dieser (?:artikel|beitrag) wurde (?:gelöscht|entfernt)",
        "not_found": r"(?:error |erreur |fehler |ошибка |خطای? )?404(?:\W*$|[ .:|–—-]{1,4}(?:page|file|error|not found|страниц|seite|página|ページ))"
        rf"|{SORRY}(?:the |this |that )?(?:requested )?(?:page|article|file|url)(?: you .{{0,60}}?)? ?(?:was|is|could|can)?(?:n[’']t| ?not) (?:be )?found\b"
        rf"|{SORRY}we (?:can[’']?t|cannot|could(?:n[’']t| not)) find (?:that|the|this) (?:page|article)\b|(?:page |file )?not found\W*$"
        rf"|{SORRY}(?:this|the|that) page .{{0,40}}(?:does(?: not|n[’']t) exist|no longer exists)|nothing (?:was )?(?:found )?here\W*$"
        r"|страниц\w+ не (?:найдена|существует)|(?:cette )?page (?:introuvable|non trouvée)|(?:diese |die )?seite (?:wurde |konnte )?nicht gefunden"
        r"|página no encontrada|(?:الصفحة غير موجودة|لم يتم العثور على الصفحة)|صفحه (?:مورد نظر )?.{0,20}(?:یافت نشد|پیدا نشد)"
        r"|(?:お探しの)?ページ[はが]見つかりません|페이지를 찾을 수 없",
        "error": r"(?:500\W{1,3})?internal server error|50[234]\W{1,3}\w|(?:bad gateway|gateway time-?out|service (?:temporarily )?unavailable)\W*$"
        r"|just a moment\W*$|checking (?:if the site connection is secure|your browser)|(?:please )?verify (?:that )?you are (?:a )?human\b"
        r"|(?:please )?(?:enable|turn on) javascript\b.{0,40} to \w|are you a robot\W*$|access denied\W*$|attention required! \| cloudflare"
        r"|(?:403\W{0,3})?forbidden\W*$|403\W*$|(?:429\W{1,3})?too many requests\W*$"
        rf"|(?:this |the |our )?{SITE} is (?:currently )?(?:under|down for) maintenance|account suspended\W*$|this account has been suspended"
        r"|welcome to nginx!?$",
        "other": r"(?:this|the) domain(?: name)?(?: .{0,60})? (?:is|may be) for sale\b|buy this domain\b|this domain (?:is parked|has expired)\b",
    }.items()
}


class Notice(NamedTuple):
    """What a page shows instead of an article: the outcome, and the line that says so."""

    outcome: str
    line: str


class Shown(NamedTuple):
    """What a page shows: headline, first lines, words and octets of its text.

    `dated` tells that it has a date or an author other than the outlet itself.
    """

    title: str | None
    lines: Sequence[str]
    n_words: int
    n_octets: int
    dated: bool


def read_notice(shown: Shown) -> Notice | None:
    """The notice that a page shows; None if it may be an article."""
    lines = [line for line in shown.lines[:MAX_LINES] if len(line) <= MAX_LINE]
    title = _notice_in(shown.title) if shown.title else None
    text = next(filter(None, map(_notice_in, lines)), None)
    if title and (text or shown.n_words <= SURE_WORDS):
        return title
    is_short = shown.n_words <= MAX_WORDS and shown.n_octets <= MAX_OCTETS
    return (title or text) if is_short and not shown.dated else None


def _notice_in(line: str) -> Notice | None:
    for outcome, pattern in NOTICES.items():
        if pattern.match(line):
            return Notice(outcome, line)
    return None
