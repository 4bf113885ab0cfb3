"""Pages that show a notice where an article was: seized, blocked, not found, gone, an error.

A notice is short, has neither author nor date, and says what it is in its title or in a short line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

MAX_WORDS, MAX_LINE_WORDS, MAX_LINES = 200, 40, 40
NOTICES = {
    outcome: re.compile(pattern, re.IGNORECASE)
    for outcome, pattern in {
        "seizure_notice": r"\b(?:web ?site|domain|site)(?: name)?s? (?:has|have|had|was|were) (?:been )?seized\b"
        r"|\b(?:was|been) seized (?:by|pursuant|in accordance|under)\b|\bseizure (?:warrant|order)\b"
        r"|\b(?:site|domaine) a été saisi|\bbeschlagnahmt\b|\bha sido (?:confiscado|incautado)\b"
        r"|(?:домен|сайт).{0,40}(?:конфискован|арестован|изъят)|تم (?:حجز|مصادرة|الاستيلاء)|توقیف شد",
        "blocked": r"\b(?:site|page|resource|content|access)\b.{0,60}\b(?:is|has been|was) (?:blocked|restricted|banned)\b"
        r"|\b(?:un|not )available (?:for|due to) legal reasons\b|\b451\b.{0,20}\blegal\b"
        r"|\bnot available in your (?:country|region|location)\b|\bblocked by (?:order|decision|law)\b"
        r"|доступ.{0,60}(?:ограничен|заблокирован)|\bgesperrt\b|\baccès (?:bloqué|interdit)\b"
        r"|\bacceso (?:bloqueado|restringido)\b|(?:تم حجب|محجوب|حجب هذا الموقع)|دسترسی به این .{0,40}(?:مقدور|امکان‌پذیر) نیست|پیوندها",
        "gone": r"\b(?:article|page|story|content|post) (?:has been|was) (?:removed|deleted|withdrawn|taken down)\b"
        r"|\b(?:article|page|story|content|post) is no longer available\b|\b410 gone\b"
        r"|\b(?:статья|страница|материал) (?:удал[её]н)|\ba été supprimée?\b|\bwurde (?:gelöscht|entfernt)\b",
        "not_found": r"^(?:error |erreur |fehler |ошибка |خطای? )?404(?:\b|$)|\b404(?: error)?[ :–—-]{1,3}(?:page |file )?not found\b"
        r"|\b(?:page|article|file|document|story|site)\b.{0,50}\b(?:(?:was|were|is|be) )?(?:not|n[o']t be|cannot be) found\b"
        r"|^(?:page |file )?not found$|\bpage\b.{0,40}\b(?:does not|doesn[’']t|no longer) exists?\b"
        r"|страниц\w+.{0,20} не (?:найдена|существует)|\bpage (?:introuvable|non trouvée)\b"
        r"|\bseite\b.{0,30}\bnicht (?:gefunden|vorhanden)\b|\bpágina no (?:encontrada|existe)\b"
        r"|(?:الصفحة غير موجودة|لم يتم العثور على)|صفحه.{0,30}(?:یافت نشد|پیدا نشد|وجود ندارد)"
        r"|ページ.{0,10}(?:見つかりません|存在しません)|페이지를 찾을 수 없",
        "error": r"\b(?:internal server error|bad gateway|gateway time-?out|service (?:temporarily )?unavailable)\b"
        r"|^just a moment|\bchecking (?:if the site connection is secure|your browser)\b|\bverify (?:that )?you are (?:a )?human\b"
        r"|\benable javascript(?: and cookies)? to (?:continue|proceed|view)\b|\bare you a robot\b|\bunusual traffic\b"
        r"|^access denied|^attention required|^forbidden|^403 forbidden|\btoo many requests\b"
        r"|\bmaintenance\b.{0,30}\b(?:mode|progress|break)\b|\bunder maintenance\b",
        "other": r"\bdomain(?: name)?\b.{0,60}\b(?:is|may be) for sale\b|\bbuy this domain\b|\bdomain (?:is )?parked\b"
        r"|\bthis domain (?:has )?expired\b|\bdomaine? .{0,20}à vendre\b",
    }.items()
}


class Notice(NamedTuple):
    """What a page shows instead of an article: the outcome, and the line that says so."""

    outcome: str
    line: str


def read_notice(title: str | None, lines: Sequence[str], n_words: int) -> Notice | None:
    """The notice that a page without author and date shows; None if it may be an article.

    `lines` are those of its text, or of all it shows where it has no text; `n_words` counts them.
    """
    if n_words > MAX_WORDS:
        return None
    short = [line for line in lines[:MAX_LINES] if len(line.split()) <= MAX_LINE_WORDS]
    for outcome, pattern in NOTICES.items():
        for line in filter(None, (title, *short)):
            if pattern.search(line):
                return Notice(outcome, line)
    return None
