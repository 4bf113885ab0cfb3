"""What stands around a headline: breadcrumb, caption, credit. Each rule reads one line."""

from __future__ import annotations

import re

from microfiche.text import holds_any

SEPARATORS = re.compile(r"\s+[/|>»›→]\s+|\s*[»›→]\s*|\s+::\s+")
SEPARATING, MAX_PATH, MAX_PART = "/|>»›→:", 200, 40
HOME = frozenset((
    "home", "homepage", "home page", "start", "accueil", "startseite", "inicio", "início", "página inicial",
    "главная", "головна", "الرئيسية", "خانه", "صفحه اصلی", "you are here", "anasayfa", "ana sayfa", "strona główna",
    "首页", "当前位置", "当前位置：首页", "您的位置：首页", "ホーム", "トップ", "beranda", "hem", "forside", "hjem", "etusivu",
))  # fmt: skip
TERMINAL = tuple(".!?…؟。！？।")
CLOSING = "\"'”’»)]）」』"
MIN_CUT_WORDS = 5  # of a line that may break off

CAPTION_START = re.compile(
    r"(?:\(?file(?: photo| picture)?\)?\s*[-–—:]|(?:this|the|an?|in this)\s+(?:undated |handout |combination |file |recent |aerial |"
    r"archive |combined )*(?:photo|picture|image|photograph|combo|screen ?grab|screenshot|illustration|still|frame|"
    r"video grab)\b.{0,60}\b(?:shows?|released|taken|provided|obtained|made available|depicts?|grab)\b"
    r"|(?:imagen|foto|image|photo|immagine|imagem|illustratie|ilustracja)\s+(?:ilustrativa|de archivo|d['’]illustration"
    r"|d['’]archives?|de arquivo|d['’]archivio)\b.{0,80}|(?:symbol|archiv|beispiel)(?:bild|foto)\b.{0,80}"
    r"|(?:file )?(?:photos?|pictures?|image)\s*:|(?:фото|foto|bild|fotoğraf|imagen|imagem)\s*: \S+ .{20}|(?:contributed|supplied|submitted|courtesy|photo|file) \|\s|(?:عکس|تصویر|صورة|الصورة)\s*[:：])",
    re.IGNORECASE,
)
CREDIT_END = re.compile(
    r"[(\[](?:file ?(?:photo|picture|image)?|(?:file )?(?:photos?|pictures?|images?|illustration|credit|source|via|archive|"
    r"photograph)\b.{0,60}|.{0,40}\b(?:photo|images?|pictures?|press|agency|AFP|AP|Reuters|Getty|EPA)|"
    r"عکس.{0,40}|تصویر.{0,40}|صورة.{0,40}|تصوير.{0,40}|عدسة.{0,40}|خاص|أرشيف(?:ية)?|آرشیو|"
    r"(?:أ ?\.? ?ف ?\.? ?ب|وكالة .{2,30}|رويترز|الأناضول|وكالات|الفرنسية|مواقع التواصل)|"
    r"(?:fotos?|fotoğraf|fotograf[ií]as?|bilder?|immagin[ei]|imagen|imagem|zdjęcie|фото|снимок|фотография)\b.{0,60}|"
    r"(?:archiv(?:o|io|e|es|bild|foto)?|arquivo|arşiv|архив|из архива|symbolbild|archiwum|temsili(?: fotoğraf)?))[)\]]\.?"
    r"|(?:©|\(c\)|photo by|photo(?:graph|graphie|s)? ?:|fotos? ?:|fotoğraf ?:|/ ?(?:fot\.|фото|foto|photo) \S|fot\. |bild ?:|фото ?:|[-/] ?(?:عکس|تصویر|تصوير|صورة) ?:|cr[eé]dit(?:s| photo)? ?(?::|\.\.\.|…)|image source, |\|\s[^|/]{2,40}\s/\s|[(](?:submitted|supplied|provided|contributed|courtesy)\b|image:|picture:|AFP PHOTO|via getty images|/AFP|/AP|/Reuters).{0,60}",
    re.IGNORECASE,
)
# Where a picture comes from, as nothing else does: `host.example / owner`.
OWNER = re.compile(
    r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24} / \S.{0,60}|(?-i:[A-Z]\w+)?\s?(?:getty ?images|sputnik|reuters|afp|ap)\s/\s\S.{0,60}",
    re.IGNORECASE,
)
OWNED = re.compile(
    r"(?:photos?|pictures?|images?|fotos?|fotoğraf|bild|imagen|imagem|immagine|фото|عکس|تصویر|تصوير|صورة|الصورة)\s*[:：]\s*(?P<owner>\S.*)",
    re.IGNORECASE,
)
MAX_OWNER = 5  # words
MENU_SIGNS, MIN_ENTRIES, MAX_ENTRY = (" | ", " - ", " * ", " • ", " · ", " / "), 4, 24
# No headline has all its words in capitals in these languages.
CYRILLIC_MENU = re.compile(r"(?:[А-ЯІЇЄҐ][а-яёіїєґ]{2,20}\s+){4,}[А-ЯІЇЄҐ][а-яёіїєґ]{2,20}")
HAN_MENU = re.compile(
    r"[\u3040-\u30ff\u4e00-\u9fff]{2,4}(?:\s+[\u3040-\u30ff\u4e00-\u9fff]{2,4}){4,}"
)
LONE_SIGNS = ("mage source", "©", "(", ":", "/", "：", "ourtesy", "rovided by", "andout")
HAN_CREDIT = re.compile(
    r".*(?:[\u4e00-\u9fff·]{2,5}\s?(?:摄|攝|摄影|撮影)[)）]?|[（(](?:圖|图|图片|圖片|照片|攝影|摄影|資料照|示意圖)[／/：:][^）)]{1,30}[）)])"
)
HAN_CREDIT_ENDS = ("摄", "攝", "影", ")", "）")
ARCHIVED = re.compile(
    r"[.!?»”] (?:архивное фото|фото из архива|archivfoto|archivbild|foto d[’']archivio|foto de archivo)$",
    re.IGNORECASE,
)
# `On the quay. (Harbour Courier: Ada Quill)`
COLON_CREDIT = re.compile(r"[A-Z][^():/]{0,40}(?:: |/)[A-Z][^()]{2,40}")
OFFERED_CREDIT = re.compile(
    r"(?:^|[.!?»”|] )(?:(?:Photos?|Pictures?|Images?|Picture|Photo|Image)(?: (?:by|supplied by|courtesy of|from))|Courtesy(?: of)?|Photo provided by|Handout)[ :/]"
    r"[^.]{2,60}$"
)
# `On the quay. Photo Harbour Courier/Ada Quill`
SPOKEN_CREDIT = re.compile(
    r"[.!?»”] (?:Photos?|Fotos?|Foto|Bild|Beeld|Zdjęcie|Crédit photo|Fotografía) [A-ZÀ-Ý][^.]{1,50}$"
)
CREDIT_WORDS = (
    "credit...",
    "fot. ",
    "submitted",
    "supplied",
    "contributed",
    "photo",
    "getty",
    "picture",
    "handout",
    "image",
    "ourtesy",
)
# `On the quay. A. QUILL` or `On the quay. Ada QUILL / AGENCY`
CAPITAL_CREDIT = re.compile(
    r"(?<=[a-zß-ÿ0-9»”а-я])[.!?] (?:(?:[^\W\d_]\. ?|[^\W\d_][a-zß-ÿ]+ )[^\W\d_a-zß-ÿа-я][^\W\d_a-zß-ÿа-я'’-]{2,20}"
    r"|[^\W\d_a-zß-ÿа-я][^\W\d_a-zß-ÿа-я'’-]{2,20} [^\W\d_a-zß-ÿа-я][^\W\d_a-zß-ÿа-я'’-]{2,20})"
    r"(?: [^\W\d_a-zß-ÿа-я'’-]{3,20})?(?: ?/ ?\S.{0,30}| (?:POUR|FOR|PARA) .{3,40})?$"
)
CLOSING_CREDITS = (CAPITAL_CREDIT, SPOKEN_CREDIT, ARCHIVED)
SENTENCE_ENDS = (". ", "! ", "? ", "» ", "” ")  # before each of them
CREDIT_TAIL = 90
CREDIT_SIGNS = "([©:/"  # a closing credit that speaks of no photo and no agency has one

CREDIT = re.compile(
    r"\(?(?:based (?:partly )?on|with|compiled (?:from|by)|additional|includes?)\s+(?:\w+\s+){0,2}"
    r"(?:material|reporting|reports?|information|agenc\w+|wires?)\b.{0,120}"
    r"|(?:source|sources|quelle|quellen|fuentes?|fontes?|fonti|bron|źródło|kaynak|источник|джерело|المصدر|منبع)\s*[:：].{1,80}"
    r"|\(?(?-i:(?:[A-Z]{2,6}/){1,4}[A-Z]{2,6})\)?\.?",
    re.IGNORECASE,
)


def is_credit(line: str) -> bool:
    """Whether a line says whose reporting a text is made of, as the last line of an article does."""
    return bool(CREDIT.fullmatch(line))


def is_sentence(line: str) -> bool:
    """Whether a line reads as running text: it closes like a sentence and has more than a few words."""
    return closes(line) and len(line.split()) > 4


def closes(line: str) -> bool:
    """Whether a line ends as a sentence or quotation does."""
    return line.rstrip(CLOSING + " ").endswith(TERMINAL) or line.endswith(("”", "»", "؛"))


def breaks_off(line: str) -> bool:
    """Whether a line of more than a few words ends within a sentence."""
    return not closes(line) and len(line.split()) >= MIN_CUT_WORDS


def breadcrumb(line: str) -> list[str] | None:
    """Section path of a breadcrumb line, without its home page; None if it is none."""
    if len(line) > MAX_PATH or "«" in line or not holds_any(line, SEPARATING):
        return None
    parts = [part.strip() for part in SEPARATORS.split(line.strip(" /|>»›→"))]
    *above, last = parts
    titled = bool(above) and above[0].casefold() in HOME and len(last) > MAX_PART  # by the headline
    sections = above if titled else parts
    short = all(part and len(part) <= MAX_PART and len(part.split()) <= 5 for part in sections)
    if not above or not short or (line.endswith(TERMINAL) and not titled):
        return None
    if any(character.isdigit() for part in sections for character in part):
        return None
    return [part for part in sections if part.casefold() not in HOME]


def is_caption(line: str) -> bool:
    """Whether a line is a caption wherever it stands: by how it opens, or by a closing credit."""
    if len(line) > 600:
        return False
    han = line.endswith(HAN_CREDIT_ENDS) and HAN_CREDIT.fullmatch(line)
    return bool(han or CAPTION_START.match(line)) or _has_credit(line)


def is_menu(line: str) -> bool:
    """Whether a line is a row of entries: short ones between many of one sign, or of Han script."""
    if not line or len(line) > MAX_PATH or line.endswith(TERMINAL):
        return False
    for sign in MENU_SIGNS:
        parts = line.split(sign)
        if sign == " | " and len(parts) == MIN_ENTRIES - 1 and line.isupper():
            return True
        if len(parts) >= MIN_ENTRIES:
            return all(0 < len(part.strip()) <= MAX_ENTRY for part in parts)
    first, *others = line.split()
    if first in HOME and not first.isascii() and len(others) >= MIN_ENTRIES - 1:
        return True
    return bool(HAN_MENU.fullmatch(line) or CYRILLIC_MENU.fullmatch(line))


def is_agency(told: str) -> bool:
    """Whether what closes a line in brackets is `Agency: Name` or `Agency/Name`."""
    return bool(COLON_CREDIT.fullmatch(told))


def is_lone_credit(line: str) -> bool:
    """Whether a line says whose a picture is, and nothing of what it shows."""
    if len(line) > CREDIT_TAIL or not holds_any(line, LONE_SIGNS):
        return False
    owned = OWNED.fullmatch(line)
    if owned:
        return len(owned["owner"].split()) <= MAX_OWNER
    return bool(CREDIT_END.fullmatch(line) or OWNER.fullmatch(line) or OFFERED_CREDIT.match(line))


def _has_credit(line: str) -> bool:
    tail = line[-CREDIT_TAIL:]
    if holds_any(tail, SENTENCE_ENDS) and any(form.search(tail) for form in CLOSING_CREDITS):
        return True
    # as in nearly every line: the expressions are slow ones
    if not (holds_any(tail, CREDIT_SIGNS) or holds_any(tail.lower(), CREDIT_WORDS)):
        return False
    return bool(OFFERED_CREDIT.search(tail)) or any(
        match.end() == len(tail) for match in CREDIT_END.finditer(tail)
    )
