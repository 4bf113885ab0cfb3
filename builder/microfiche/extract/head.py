"""What stands around a headline: breadcrumb, byline, caption, dateline. Each rule reads one line."""

from __future__ import annotations

import re
from collections.abc import Callable

from microfiche.text import holds_any

SEPARATORS = re.compile(r"\s+[/|>»›→]\s+|\s*[»›→]\s*|\s+::\s+")
SEPARATING, MAX_PATH = "/|>»›→:", 200
HOME = frozenset(("home", "homepage", "home page", "start", "accueil", "startseite", "inicio",
                  "главная", "الرئيسية", "خانه", "صفحه اصلی", "you are here"))  # fmt: skip
MAX_NAME, MAX_NAMES, MAX_PLACE = 60, 100, 25  # letters
TERMINAL = tuple(".!?…؟。！？।")
CLOSING = "\"'”’»)]）」』"

BYLINE = re.compile(
    r"(?:(?:(?:written|reported|posted|article|text|words|story) )?by|author|authors|"
    r"from our correspondent|(?:(?:publié|écrit|rédigé|posté) )?par|(?:(?:escrito|publicado) )?por|автор|بقلم|كتب|"
    r"(?:(?:erstellt|veröffentlicht|eingestellt|verfasst|geschrieben) )?von|"
    r"نویسنده|نوشته)\s*[:：]?\s+(?P<names>\S.{1,100})",
    re.IGNORECASE,
)
NAME_SPLIT = re.compile(r"\s*(?:,|;|&|\band\b|\bet\b|\bund\b|\by\b| و )\s*")
# What may stand in small letters within a name. `Kolumne von Carla Siepmann` is none.
PARTICLES = frozenset("van von vom zu ter ten bin ibn al af av der den".split())
NOUN_OF = re.compile(r".*\S von (?!der |den |und )\S+ \S.*")
# A dot that is part of a name: of an initial, a degree, or `Jr.`
LAST_DOT = re.compile(r"(?:^|[\s.])(?:[^\W\d_]|Ph\.D|[JS]r|Esq)\.$")
NAME = re.compile(r"(?:[^\W\d_][\w.'’\-‌]*\s){1,4}[^\W\d_][\w.'’\-‌]*")
# Names behind a label that must have its colon: alone these words mean other things.
LABELLED = re.compile(
    r"(?:text[eo]?|testo|tekst|текст|материал|haber|metin|muhabir|reportage|reportaje|корреспондент|"
    r"النص|متن|گزارش|گزارشگر|خبرنگار|מאת|記者|记者|기자|oleh|penulis)\s*[:：]\s*(?P<names>\S.{1,100})",
    re.IGNORECASE,
)
# What a person is to an outlet, as it stands beside the name.
POST = re.compile(
    r"(?:[\w'’-]+\s){0,2}(?:reporter|correspondent|editor|writer|journalist|redakteur(?:in)?|journaliste?|korrespondent(?:in)?|"
    r"correspondante?|corresponsal|periodista|redactora?|giornalista|corrispondente|redacteur|verslaggever|"
    r"dziennikarz|dziennikarka|muhabir[iı]?|editörü?|корреспондент|обозреватель|журналист|кореспондент|"
    r"مراسل(?:ة)?|محرر(?:ة)?|صحفي(?:ة)?|خبرنگار|گزارشگر)(?:\s[\w'’.-]+){0,3}",
    re.IGNORECASE,
)
BESIDE_NAME = re.compile(r"\s+[-–—|/•·]\s+")
TITLED = re.compile(
    r"\s*,\s*(?:[\w'’-]+\s+){0,3}(?:writer|reporter|correspondent|editor|contributor)s?\b.*$",
    re.IGNORECASE,
)
ROLE = re.compile(
    r"\s*[,–—-]?\s*\b(?:staff|senior|special|political|foreign|chief|guest)?\s*"
    r"(?:writer|reporter|correspondent|editor|contributor)\b.*$",
    re.IGNORECASE,
)

WITH_AGENCY = re.compile(r"\s+(?:with|avec|mit|con|com)\s+(?-i:[A-Z]{2,6}\b).*$", re.IGNORECASE)

CAPTION_START = re.compile(
    r"(?:\(?file(?: photo| picture)?\)?\s*[-–—:]|(?:this|the|an?|in this)\s+(?:undated |handout |combination |file |recent |aerial |"
    r"archive |combined )*(?:photo|picture|image|photograph|combo|screen ?grab|screenshot|illustration|still|frame|"
    r"video grab)\b.{0,60}\b(?:shows?|released|taken|provided|obtained|made available|depicts?|grab)\b"
    r"|(?:imagen|foto|image|photo|immagine|imagem|illustratie|ilustracja)\s+(?:ilustrativa|de archivo|d['’]illustration"
    r"|d['’]archives?|de arquivo|d['’]archivio)\b.{0,80}|(?:symbol|archiv|beispiel)(?:bild|foto)\b.{0,80}"
    r"|(?:file )?(?:photo|picture|image)\s*:|(?:عکس|تصویر|صورة|الصورة)\s*[:：])",
    re.IGNORECASE,
)
CREDIT_END = re.compile(
    r"[(\[](?:file ?(?:photo|picture|image)?|(?:file )?(?:photos?|pictures?|images?|illustration|credit|source|via|archive|"
    r"photograph)\b.{0,60}|.{0,40}\b(?:photo|images?|pictures?|press|agency|AFP|AP|Reuters|Getty|EPA)|"
    r"عکس.{0,40}|تصویر.{0,40}|صورة.{0,40}|تصوير.{0,40}|عدسة.{0,40}|خاص|أرشيف(?:ية)?|آرشیو|"
    r"(?:أ ?\.? ?ف ?\.? ?ب|رويترز|الأناضول|وكالات|الفرنسية|مواقع التواصل)|"
    r"(?:fotos?|fotoğraf|fotograf[ií]as?|bilder?|immagin[ei]|imagen|imagem|zdjęcie|фото|снимок|фотография)\b.{0,60}|"
    r"(?:archiv(?:o|io|e|es|bild|foto)?|arquivo|arşiv|архив|из архива|symbolbild|archiwum|temsili(?: fotoğraf)?))[)\]]\.?"
    r"|(?:©|\(c\)|photo by|photo(?:graph|graphie|s)? ?:|fotos? ?:|fotoğraf ?:|bild ?:|фото ?:|[-/] ?(?:عکس|تصویر|تصوير|صورة) ?:|cr[eé]dit(?:s| photo)? ?:|image:|picture:|AFP PHOTO|via getty images|/AFP|/AP|/Reuters).{0,60}",
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
CREDIT_TAIL = 90
CREDIT_SIGNS = "([©:/"  # a closing credit that speaks of no photo and no agency has one

DATELINE = re.compile(
    r"(?P<dateline>(?P<place>[^\W\d_a-zß-ÿ][^\W\d_a-zß-ÿ.'’\- ]{2,30}(?:,\s[^\W\d_][\w. ]{1,25})?"
    r"(?:,\s[^\W\d_][\w. ]{1,20}\s[0-9]{1,2})?)(?:\s\((?P<agency>[\w./ ]{2,20})\))?)"
    r"\s*(?:—|–|--|-|:)\s+(?=\S)"
)
AGENCY_DATELINE = re.compile(
    r"(?P<dateline>[^\W\d_][\w.'’\- ]{1,30}(?:,\s[\w. ]{2,25}){0,2}\.?\s[(/]"
    r"(?:[^\W\d_]{2,8}(?:/[^\W\d_]{2,8})?|[\w ]{2,15} Press)[)/])"
    r"\s*(?:\.\s*[-–—]*|—|–|--|-|:)?\s+(?=\S)"
)
PLACE_DATELINE = re.compile(
    r"(?P<dateline>[A-Z][\w'’]+(?:[ -][A-Z][\w'’]+)?(?:, [A-Z][\w. ]{1,20})?)\s*(?:—|--)\s*(?=[A-Z“\"])"
)
ARABIC_DATELINE = re.compile(
    r"(?P<dateline>[\u0600-\u06ff\u200c]{2,15}(?: [\u0600-\u06ff\u200c]{2,15})?(?: ?/ ?[\u0600-\u06ff]{2,12})?)"
    r"\s*(?:—|–|--|-)\s*(?=\S)"
)


# "As agency so-and-so reports from there," opens the news of Iranian agencies.
REPORTED_DATELINE = re.compile(
    r"(?P<dateline>به گزارش (?:خبرگزاری |خبرنگار |پایگاه خبری |روابط عمومی )?[^،:؛.]{2,40}?(?: از [^،:؛.]{2,30})?)[،:؛]\s+(?=\S)"
)


CREDIT = re.compile(
    r"\(?(?:based (?:partly )?on|with|compiled (?:from|by)|additional|includes?)\s+(?:\w+\s+){0,2}"
    r"(?:material|reporting|reports?|information|agenc\w+|wires?)\b.{0,120}"
    r"|(?:source|sources|quelle|quellen|fuente|fonte|bron|źródło|kaynak|источник|джерело|المصدر|منبع)\s*[:：].{1,80}"
    r"|\(?(?-i:(?:[A-Z]{2,6}/){1,4}[A-Z]{2,6})\)?\.?",
    re.IGNORECASE,
)
DATELINES = (DATELINE, AGENCY_DATELINE, PLACE_DATELINE, ARABIC_DATELINE, REPORTED_DATELINE)
BYLINE_LABEL = re.compile(
    r"(?:(?:written|posted|reported|article|text|words|story) )?(?:by|par|von|por|di|door|автор|authors?"
    r"(?: of the article)?|autor(?:in|en)?|auteur)\s*:?",
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


def breadcrumb(line: str) -> list[str] | None:
    """Section path of a breadcrumb line, without its home page; None if it is none."""
    if len(line) > MAX_PATH or not holds_any(line, SEPARATING):
        return None
    parts = [part.strip() for part in SEPARATORS.split(line.strip(" /|>»›→"))]
    short = all(part and len(part) <= 40 and len(part.split()) <= 5 for part in parts)
    if len(parts) < 2 or not short or line.endswith(TERMINAL):
        return None
    if any(character.isdigit() for part in parts for character in part):
        return None
    return [part for part in parts if part.casefold() not in HOME]


def byline(line: str) -> list[str] | None:
    """Names of a byline; None if the line is none."""
    bare = line.strip(" |•·")
    match = BYLINE.fullmatch(bare) or LABELLED.fullmatch(bare)
    if (
        not match
        or line.endswith(":")
        or (closes(match["names"]) and not match["names"].endswith("."))
    ):
        return None
    stated = match["names"].split(" | ")[0].split(" • ")[0]
    stated = WITH_AGENCY.sub("", ROLE.sub("", TITLED.sub("", stated))).strip(" ,.|")
    names = [name.strip(" .") for name in NAME_SPLIT.split(stated) if name.strip(" .")]
    plausible = names and all(
        len(name) <= MAX_NAME and len(name.split()) <= 6 and not any(map(str.isdigit, name))
        for name in names
    )
    return names if plausible else None


def is_name(line: str) -> bool:
    """Whether a line looks like one person's name: two to five words, capitalised but for particles."""
    if len(line) > MAX_NAME or not NAME.fullmatch(line) or NOUN_OF.fullmatch(line):
        return False
    words = line.split()
    inner = [word for word in words[1:-1] if word not in PARTICLES]
    if any(word[0].islower() for word in (words[0], *inner, words[-1])):
        return False
    return bool(LAST_DOT.search(line)) or not closes(line)


def names_in(line: str) -> list[str] | None:
    """The persons that a short line names, if it has nothing else; None if it has."""
    if len(line) > MAX_NAMES:
        return None
    names = [name.strip() for name in NAME_SPLIT.split(line)]
    return names if all(map(is_name, names)) else None


def name_beside(line: str, own: Callable[[str], bool]) -> list[str] | None:
    """Names in a line that has nothing else but the outlet (`own`), or a post there; else None."""
    parts = BESIDE_NAME.split(line) if len(line) <= MAX_NAMES else []
    if len(parts) != 2:
        return None
    others = [each for each in parts if own(each) or POST.fullmatch(each)]
    names = [each for each in parts if each not in others]
    return names_in(names[0]) if len(names) == len(others) == 1 else None


def name_and_place(line: str) -> str | None:
    """The person of `Name, Place`; None if it has another form."""
    name, comma, place = line.partition(", ")
    short = (
        comma
        and len(place) <= MAX_PLACE
        and place[:1].isupper()
        and place.replace(" ", "").replace("-", "").isalpha()
    )
    return name if short and is_name(name) else None


def is_place_of(line: str, outlet_names: tuple[str, ...]) -> bool:
    """Whether a line is `Outlet, City`, which follows the name in a byline of two lines."""
    head, comma, city = line.partition(",")
    known = {name.casefold() for name in outlet_names}
    return bool(comma) and head.strip().casefold() in known and 0 < len(city.strip()) <= 40


def is_caption(line: str) -> bool:
    """Whether a line is a caption wherever it stands: by how it opens, or by a closing credit."""
    if len(line) > 600:
        return False
    return bool(CAPTION_START.match(line)) or _has_credit(line)


def is_lone_credit(line: str) -> bool:
    """Whether a line says whose a picture is, and nothing of what it shows."""
    if len(line) > CREDIT_TAIL or not holds_any(line, CREDIT_SIGNS):
        return False
    owned = OWNED.fullmatch(line)
    if owned:
        return len(owned["owner"].split()) <= MAX_OWNER
    return bool(CREDIT_END.fullmatch(line) or OWNER.fullmatch(line))


def _has_credit(line: str) -> bool:
    tail = line[-CREDIT_TAIL:]
    if not holds_any(tail, CREDIT_SIGNS):  # as in nearly every line: the expression is a slow one
        lower = tail.lower()
        if "photo" not in lower and "getty" not in lower:
            return False
    return any(match.end() == len(tail) for match in CREDIT_END.finditer(tail))


def dateline(paragraph: str) -> tuple[str | None, str]:
    """(place that opens a paragraph, the paragraph without it)."""
    for pattern in DATELINES:
        match = pattern.match(paragraph)
        if match and match.end() < len(paragraph) // 2:
            return match["dateline"].strip(), paragraph[match.end() :]
    return None, paragraph
