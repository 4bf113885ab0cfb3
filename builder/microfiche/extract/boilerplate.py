"""Lines of a page that are no part of the article: the outlet's own, then what all sites have."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from microfiche.extract.furniture import furniture
from microfiche.outlets.outlet import Outlet
from microfiche.text import holds_any, loosely

HOST = re.compile(
    r"(?:https?://)?((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]+))/?", re.I
)
BETWEEN_HOSTS = re.compile(r"[\s,;|•·]+")
# "... can also be accessed at the following alternate addresses:", whoever's site it is.
MIRROR_NOTICE = re.compile(
    r".{0,120}\b(?:web\s?site|site|page|pages|articles?|portal)\b.{0,60}\b(?:can|may|is|are)\b"
    r".{0,20}\balso\b.{0,30}\b(?:be )?(?:accessed|reached|read|found|visited|available)\b.{0,120}",
    re.IGNORECASE,
)
GENERAL = {
    "share": (
        r"(?i:(?:share|tweet|e-?mail|print|whatsapp|telegram|facebook|twitter|x|pinterest|linkedin|reddit|"
        r"copy link|save)(?: (?:this|the))?(?: (?:article|story|page|post|news|on|via|with|link|it))*"
        r"(?:[\s|,/•·]+(?:facebook|twitter|x|whatsapp|telegram|e-?mail|print|linkedin|pinterest))*:?"
        r"|partager(?: (?:sur|par|cet) .{0,30})?|envoyer par .{0,20}|imprimer|teilen(?: auf .{0,20})?|compartir(?: en .{0,20})?|поделиться|شارك(?: .{0,20})?|اشتراک‌?گذاری)"
    ),
    "navigation": (
        r"(?i:back to (?:top|home)|home ?page|menu|search|previous(?: article)?"
        r"|next(?: article)?|more (?:news|stories|from .{0,40})|related topics"
        r"|read (?:more|also|next)(?::.{0,200})?|see also(?::.{0,200})?"
        r"|related ?(?:\w+ )?:.{0,200}|(?:à )?lire aussi ?:.{0,200}|lesen sie auch ?:.{0,200}"
        r"|accessibility links|breaking news|latest news|top (?:news|stories)|load(?:ing)? more|log ?in|sign in|sign up|register|subscribe(?: now)?"
        r"|abone ol|giriş yap|s['’]abonner|se connecter|abonnieren|anmelden|suscríbete|suscribirse|iniciar sesión"
        r"|assine|entrar|abbonati|accedi|abonneren|inloggen|zaloguj(?: się)?|подписаться|войти|підписатися|увійти"
        r"|اشترك|تسجيل الدخول|ورود|عضویت|google (?:news|haberler|noticias|nachrichten))"
    ),
    "promotion": (
        r"(?i:follow us(?: on)?\b.{0,80}|subscribe to our\b.{0,120}|sign up for our\b.{0,120}"
        r"|download (?:our|the) app.{0,80}|advertisement|sponsored(?: content)?|join our .{0,60}(?:channel|newsletter).{0,40})"
    ),
    "legal": (
        r"(?i:(?:©|\(c\)).{0,200}|copyright\s*(?:©|\(c\)|[:|]|by\b|[0-9]{4}).{0,200}|copyright|republish this (?:article|story).{0,80}"
        r"|mentions légales|impressum|datenschutz|terms (?:of (?:use|service)|and conditions)|privacy policy|cookie (?:policy|settings))"
    ),
    "contact": (
        r"(?i:(?:you can )?(?:reach|contact|e-?mail|call|write to|follow) (?:[^\W\d_][\w.'’-]+ ){1,4}(?:at|on|via|:)"
        r" ?(?:\S+@\S+|[+(]?[0-9][0-9() .-]{5,20}|@\w+)(?:.{0,60}(?:\S+@\S+|[0-9]|@\w+))?\.?)"
    ),
    "comment": (
        r"(?i:(?:[0-9]+ )?comments?(?: \([0-9]+\))?|(?:leave|post|add|write) (?:a |your )?(?:comment|reply).{0,60}"
        r"|(?:laisser|poster|écrire) un commentaire|[0-9]+ commentaires?|commentaires"
        r"|your (?:name|e-?mail|comment).{0,40}|name \*?|be the first to comment.{0,40})"
    ),
    "other": (
        r"(?i:(?:story|news|article) (?:id|code|number)|کد (?:خبر|مطلب)|شناسه (?:خبر|مطلب)|رقم الخبر|код новости"
        r"|haber (?:no|kodu)|id (?:de la )?noticia|news[- ]?id)\s*[:：#]?\s*[\w-]{1,20}"
        r"|in [A-Z][\w&]+(?: [A-Z&][\w&]*){0,2}(?:, [A-Z][\w&]+(?: [A-Z&][\w&]*){0,2}){0,3}"
        r"|[A-Z]{1,4}(?:/[A-Z]{1,4}){1,4}|[0-9,.]+ (?:views|shares)"
        r"|(?i:[0-9]+ min(?:ute)?s? read|[0-9]+ min(?:ute)?s? de (?:lecture|lectura|leitura)|[0-9]+ min\.? (?:lesezeit|leestijd)"
        r"|(?:reading time|lesezeit|leestijd|temps de lecture|tiempo de lectura|tempo (?:di lettura|de leitura)"
        r"|czas czytania|okuma süresi|время чтения|زمان مطالعه)\s*[:：]?\s*(?:ca\. )?[0-9]+ ?(?:[\w.]{1,9}))"
        r"|(?i:(?:просмотров|просмотры|views|visitas|lecturas|okunma|بازدید|المشاهدات)\s*[:：]\s*[0-9 ,.]+)"
        r"|(?i:(?:[(\[](?:fotos?|photos?|pictures?|v[ií]deos?|audios?|infograf[ií]as?|galer(?:ía|ie|y)|foto e video)[)\]]\s*)+)"
    ),
}
GENERAL_LINE = re.compile("|".join(f"(?P<{kind}>{lines})" for kind, lines in GENERAL.items()))
LICENCE = re.compile(
    r".{0,80}all rights reserved.{0,80}"
    r"|.{0,60}\b(?:article|story|stories|content|text|material|work)\b.{0,40}\b(?:free to |may be |can be )(?:republish|reprint|reproduce|share|re-?use)d?\b.{0,120}"
    r"|.{0,100}\b(?:under|with) (?:a|an|our) (?:creative commons|cc[- ]by)\b.{0,100}",
    re.IGNORECASE,
)
TEASER = re.compile(
    r"(?:subscribe|sign in|log ?in|register).{0,60}\bto (?:continue|keep) reading.{0,60}"
    r"|to (?:continue|keep) reading.{0,80}(?:subscribe|sign in|log in|register).{0,40}"
    r"|this (?:article|story|content) is (?:for|only for|available to) subscribers.{0,60}"
    r"|subscribers? only"
    r"|.{0,60}\b(?:réservée?s?|exclusivement)\b.{0,20}\babonnés\b.{0,60}"
    r"|.{0,40}\b(?:nur|exklusiv)\b.{0,20}\babonnenten\b.{0,60}"
    r"|.{0,40}\b(?:exclusivo|solo|sólo)\b.{0,20}\bsuscriptores\b.{0,60}",
    re.IGNORECASE,
)
# Every demand to subscribe has one, and every line on rights; none has an i, which is dotless or
# dotted in some capitals.
TEASING = ("read", "subscr", "abonn", "suscr")
LICENSING = ("reserved", "republ", "repr", "share", "reuse", "re-use", "creat", "cc b", "cc-b")
MAX_LENGTH = 300
LEARNED, OWN = "a learned line", "the outlet's boilerplate"
MENU, MENU_SIGNS = re.compile(r"\s+[|/•·]\s+"), "|/•·"


class Removed(NamedTuple):
    """Why a line is no part of the article; `hosts` are those it states."""

    kind: str
    rule: str
    hosts: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether the outlet's file tells so, or what was learned of the outlet."""
        return self.rule in (LEARNED, OWN)


def removed_as(line: str, outlet: Outlet) -> Removed | None:
    """Why a line is boilerplate by itself; None if it may be part of the article."""
    named = outlet.boilerplate_lines.get(loosely(line)) if outlet.boilerplate_lines else None
    if named:
        whose = LEARNED if named.kind == "learned" else OWN
        return Removed(named.kind, whose, stated_hosts(line))
    return _common(line, outlet) if len(line) <= MAX_LENGTH else None


@functools.lru_cache(maxsize=1 << 13)  # the pages of an outlet have many lines in common
def _common(line: str, outlet: Outlet) -> Removed | None:
    """Why a short line is boilerplate by a pattern of the outlet's, or of all sites."""
    for rule in outlet.boilerplate_patterns:
        if rule.matches(line, ""):
            return Removed(rule.kind, OWN, stated_hosts(line))
    folded = line.casefold()
    if "also" in folded and MIRROR_NOTICE.fullmatch(line):
        hosts = stated_hosts(line)
        if hosts or "address" in folded or "mirror" in folded or line.endswith(":"):
            return Removed("mirror-notice", "a notice of alternate addresses", hosts)
    if holds_any(folded, TEASING) and TEASER.fullmatch(line):
        return Removed("paywall", "a demand to subscribe")
    if general := GENERAL_LINE.fullmatch(line):
        return Removed(str(general.lastgroup), f"common {general.lastgroup} line")
    licence = holds_any(folded, LICENSING) and LICENCE.fullmatch(line)
    if kind := "legal" if licence else furniture(line):
        return Removed(kind, f"common {kind} line")
    if not holds_any(line, MENU_SIGNS):
        return None
    parts = [part for part in MENU.split(line) if part]
    kinds = [removed_as(part, outlet) for part in parts] if len(parts) > 1 else [None]
    return kinds[0] if all(kinds) else None  # a menu, every entry of which would go by itself


def stated_hosts(line: str) -> tuple[str, ...]:
    """Host names in a line, in order, each once."""
    return tuple(dict.fromkeys(match[1].lower() for match in HOST.finditer(line)))


def is_hosts(line: str) -> bool:
    """Whether a line is nothing but host names."""
    parts = [part for part in BETWEEN_HOSTS.split(line) if part]
    return len(line) <= MAX_LENGTH and bool(parts) and all(map(HOST.fullmatch, parts))
