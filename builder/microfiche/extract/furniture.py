"""Lines that pages of all sites have around an article, in many languages.

To share, save and comment, to subscribe and follow, what else to read, advertisements, legal lines.
Each is told by what it is made of (`furniture.toml` has the words) or by its form, never by where it
stands.
"""

from __future__ import annotations

import re
from importlib import resources

from microfiche.documents import toml_data
from microfiche.text import holds_any

# Words of a line, letters of one, words of a sentence that is none of a text.
MAX_WORDS, MAX_CALL, MAX_LEGAL, FEW = 14, 140, 400, 6
WORD = re.compile(r"[^\W\d_]+(?:['’\u200c-][^\W\d_]+)*")
SIGNS = "【[▲ \t\u00a0\ufe0f➡▶►→»›>•·*-–—|📲📌👉✅🔔🔴📢📣📰➤▪■●"
CLOSING = " :：.…"
RELATED_END = re.compile(r"\s*[:：|»>–—\]】-]\s*\S.{0,200}")
GOES_ON = re.compile(
    r"(?:(?:the )?(?:article|story) continues (?:below|after).{0,40}|continue reading.{0,40}"
    r"|der artikel geht .{0,40}weiter|la suite après .{0,40}|continúa (?:después|tras) .{0,40}|continua (?:após|depois|dopo) .{0,40}"
    r"|(?:het )?artikel gaat verder .{0,40}|dalsza część (?:artykułu|tekstu) .{0,40}|ciąg dalszy .{0,40}|продолжение .{0,20}после .{0,40}"
    r"|haberin devamı.{0,40}|يتبع.{0,20}|انتهای پیام\s?/?.{0,10}|/?انتهى/?|haber merkezi|#\s?#\s?#|getting your .{0,40} player ready.{0,3}|\(end\)|(?:über dieses thema|dieses thema im programm|dieser artikel wurde).{0,120}|end of (?:article|story)|fin del? (?:artículo|article))[:.]?",
    re.IGNORECASE,
)
SKIP = re.compile(
    r"(?:skip (?:to|next)\b.{0,60}|jump (?:directly |straight )?to .{0,40}|zum inhalt.{0,40}|direkt zu.{0,40}|aller (?:au|à la) .{0,40}|(?:ir|saltar) al? (?:contenido|navegación).{0,30}"
    r"|(?:ir|pular|saltar) para (?:o |a )?(?:conteúdo|navegação).{0,30}|vai al? (?:contenuto|menu).{0,40}|(?:ga )?naar (?:de )?(?:hoofd)?inhoud.{0,30}"
    r"|naar de hoofdinhoud|przejdź (?:do|na) .{0,60}|перейти (?:к|до) .{0,40}|ana içeriğe.{0,30}|içeriğe .{0,20}|الانتقال إلى .{0,40}|تخطي .{0,40}|رفتن به .{0,40}|跳转到.{0,20}|メインコンテンツ.{0,20})",
    re.IGNORECASE,
)
NOTED = re.compile(
    r"[(\[](?:attn|eds|lead|leads|updates?|recasts|corrects?|adds|with photos?)\b.{0,120}[)\]]",
    re.IGNORECASE,
)
EDITED = re.compile(
    r"[\[(（【]?\s*(?:edited by|editor|editing by|copy edit(?:ed by|or)|redigiert von|editado por|edição|responsible editor|редактор|责任编辑|责编|编辑|審校|校对)\s*[:：]\s*.{1,60}",
    re.IGNORECASE,
)
HASHTAGS = re.compile(r"(?:[^#:]{0,40}[:：]\s*)?(?:#[\w\u200c-]+[\s,،]*){2,}")
WATCHED = re.compile(
    r"(?:watch|listen|read|video|photos|vidéo|vídeo|audio|en images|fotos|schau|смотрите|видео)\s*[|▶]\s*\S.{3,200}",
    re.IGNORECASE,
)
AUDIO = re.compile(
    r"(?:the )?audio version of this .{0,160}|this article was (?:read|generated) .{0,120}|.{0,40}text-to-speech.{0,120}",
    re.IGNORECASE,
)
SEEN = re.compile(
    r"(?:[0-9]{1,4} ?[| ]+)?(?:vu|lu|visto|leído|прочитано|gelesen) [0-9][0-9  .,]{0,10} (?:fois|veces|раз|mal)|[0-9]+ (?:minutes?|hours?|days?|weeks?|months?) ago",
    re.IGNORECASE,
)
LETTER_SIZE = re.compile(r"(?:[aаａ]\s?[+-]?[\s/|]*){2,4}", re.IGNORECASE)
INITIALS = re.compile(
    r"[a-z]{1,4} \([a-z]{2,6}(?:, ?[a-z/]{2,8}){0,4}\)|[(\[]\s?(?:[^\W\d_]{2,4}|(?:[^\W\d_]{1,4}[./]\s?){1,3}[^\W\d_]{0,4})\.?\s?[)\]]|[a-z]{2,3}\.[a-z]{2,3}"
)
CORRECTED = re.compile(
    r"(?:correction|clarification|editor['’]s note|note de la rédaction|rectificatif|korrektur(?:hinweis)?|hinweis der redaktion|anmerkung der redaktion|corrección|nota de(?:l)? (?:editor|la redacción|redação)|errata|rectificatie|sprostowanie|düzeltme|исправление|от редакции|виправлення|تصحيح|تنويه)\b(?:,? \(?[\w .,]{0,25}[0-9]{4}\)?)?\s?[:：—–].{10,300}",
    re.IGNORECASE,
)
MARKED = re.compile(r"(?:[(\[](?:\*|†)[)\]]|†) \S")  # a note at the foot of a text
MIN_TAGS = 3
MAILED = re.compile(r"\S+@[\w.-]+\.[a-z]{2,24}\b", re.IGNORECASE)
FORMS = re.compile(
    "|".join(
        f"(?P<{kind}{number}>{form.pattern})"
        for number, (kind, form) in enumerate((
            ("promotion", GOES_ON), ("promotion", AUDIO), ("share", LETTER_SIZE), ("keywords", HASHTAGS),
            ("navigation", SKIP), ("navigation", WATCHED), ("other", EDITED), ("other", NOTED), ("other", SEEN),
        ))
    ),
    re.IGNORECASE,
)  # fmt: skip
_TOLD: dict[str, str] = toml_data(
    (resources.files(__package__) / "furniture.toml").read_text("utf-8")
)


def _entries(name: str) -> tuple[str, ...]:
    return tuple(entry for line in _TOLD[name].splitlines() for entry in line.split(" | ") if entry)


WORDS = frozenset(_TOLD["words"].split())
RELATED, CALLS, PLATFORMS = map(_entries, ("related", "calls", "platforms"))
LABELS = frozenset((*_entries("labels"), *RELATED))
LEGAL, LEGAL_WITHIN, WRITE_TO = map(_entries, ("legal", "legal_within", "write_to"))


def furniture(line: str) -> str | None:
    """What a line is of a page's furniture: share, navigation, promotion, legal, other; None if not."""
    bare = line.strip(SIGNS)
    folded = bare.casefold()
    if len(line) <= MAX_LEGAL and (folded.startswith(LEGAL) or holds_any(folded, LEGAL_WITHIN)):
        return "legal"
    if folded.rstrip(CLOSING) in LABELS or _is_related(bare, folded):
        return "navigation"
    first = WORD.search(folded) if len(folded) <= MAX_CALL else None
    if first is None:
        return None
    if first[0] in WORDS and _is_of_buttons(folded):
        return "share"
    # a sentence of a text may have all that too
    told = folded.endswith(".") and len(WORD.findall(folded)) > FEW
    if not told and folded.startswith(CALLS) and holds_any(folded, PLATFORMS):
        return "promotion"
    mailed = MAILED.search(folded) if "@" in folded and not told else None
    if mailed and (mailed[0] == folded or folded.startswith(WRITE_TO)):
        return "contact"
    found = FORMS.fullmatch(bare)
    return str(found.lastgroup).rstrip("0123456789") if found else None


def _is_of_buttons(folded: str) -> bool:
    """Whether a line is made of words of buttons and counters alone."""
    words = WORD.findall(folded)
    return len(words) <= MAX_WORDS and WORDS.issuperset(words)


def _is_related(bare: str, folded: str) -> bool:
    """Whether a line tells what else there is to read: a few words, a colon, a headline."""
    if folded.endswith(".") or not folded.startswith(RELATED):
        return False
    opening = max((each for each in RELATED if folded.startswith(each)), key=len)
    return bool(RELATED_END.fullmatch(bare[len(opening) :]))


def is_label(line: str) -> bool:
    """Whether a line is the label of a box, or of a list of what else there is to read."""
    return line.strip(SIGNS).casefold().rstrip(CLOSING) in LABELS


def is_initials(line: str) -> bool:
    """Whether a line is the sign of who wrote or edited a text, in brackets."""
    return bool(INITIALS.fullmatch(line))


def is_note(line: str) -> bool:
    """Whether a line closes a text and is none of it: initials, or what a newsroom says of it."""
    return (
        is_initials(line) or bool(CORRECTED.fullmatch(line) or MARKED.match(line)) or _is_tags(line)
    )


def _is_tags(line: str) -> bool:
    """Whether a line is a list of tags: in small letters, parted by commas."""
    few = line.count(",") >= MIN_TAGS and len(WORD.findall(line[:MAX_CALL])) <= MAX_WORDS
    return few and len(line) <= MAX_CALL and line.islower() and line[-1].isalnum()
