"""The persons that a line names: bylines with a label, beside an outlet, a post or a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from microfiche.extract.furniture import WORDS
from microfiche.extract.head import closes

# Letters; words of a name, and of one in a script without capitals.
MAX_NAME, MAX_NAMES, MAX_PLACE, MAX_WORDS, MAX_BARE = 60, 100, 25, 6, 3
MAX_BYLINE = 300
BYLINE = re.compile(
    r"(?:(?:(?:written|reported|posted|authored|submitted|article|text|words|story) )?by|author|authors|"
    r"from our correspondent|(?:(?:un )?(?:article|texte|reportage|récit) )?(?:(?:publié|écrit|rédigé|posté) )?par|"
    r"(?:(?:artículo|texto|reportaje|crónica|reportagem) )?(?:(?:escrito|publicado) )?por|автор|بقلم|كتبت?|"
    r"(?:(?:ein (?:beitrag|artikel|kommentar|gastbeitrag|bericht|interview|essay) |erstellt |veröffentlicht |eingestellt |verfasst |geschrieben ))?von|"
    r"نویسنده|نوشته)\s*[:：]?\s+(?P<names>\S.{1,100})",
    re.IGNORECASE,
)
# These alone are a byline only before names.
SHORT_BY = re.compile(
    r"(?:(?:un )?(?:article|texte|articolo|servizio|texto|reportaje) )?(?:di|de|door|av|af|da)\s+(?P<names>\S.{3,80})",
    re.IGNORECASE,
)
# What is left where a page's elements were put together: `ByAda QuillChief Reporter`
GLUED_AND = re.compile(r"(?<=[a-z])and(?=[A-Z])")
MAILS = re.compile(r"\s*[|•·,]?\s*(?:\S+@[\w.-]+\.[a-z]{2,24}|@\w+)", re.IGNORECASE)
GLUED = re.compile(r"(?P<names>(?:[A-Z][\w'’.-]+ ){1,3}[A-Z][\w'’-]*?[a-z])(?P<post>[A-Z].*)")
# Behind a label that must have its colon: alone these words mean other things.
LABELLED = re.compile(
    r"(?:text[eo]?|testo|tekst|autor(?:in|en|a|es)?|auteurs?|door|di|de|da|текст|материал|автор[иы]?|haber|metin|muhabir|reportage|reportaje|"
    r"корреспондент|النص|إعداد|تحرير|الكاتب|متن|گزارش|گزارشگر|خبرنگار|מאת|記者|记者|作者|기자|oleh|penulis|pewarta|reporter|mwandishi|autork[ai]|oprac\.?|opracowanie|tekst i zdjęcia|skrev|foto och text|text och foto)"
    r"\s*[:：]\s*(?P<names>\S.{1,100})",
    re.IGNORECASE,
)
BYLINE_LABEL = re.compile(
    r"(?:(?:written|posted|reported|article|text|words|story) )?(?:by|par|von|por|di|door|автор|authors?"
    r"(?: of the article)?|autor(?:in|en)?|auteur)\s*:?",
    re.IGNORECASE,
)
# Names in Han script, which have no spaces within: `本报记者 X Y`, `记者 X、Y`.
HAN = r"[\u4e00-\u9fff·]{2,8}"
HAN_BYLINE = re.compile(
    rf"[(（]?(?:本[报網网刊社台]|[\u4e00-\u9fff]{{2,6}}[社网報报])?(?:特约|见习|驻\w{{1,4}}|通讯员)?(?:记者|記者|通讯员)"
    rf"[\s:：]*(?P<names>{HAN}(?:[\s、，,]+(?:记者|通讯员)?\s*{HAN}){{0,5}})[)）]?"
)
HAN_REPORT = re.compile(
    r"(?:[\u4e00-\u9fff]{2,8}\s?[／/]?\s*)?記者(?P<names>[\u4e00-\u9fff]{2,4}(?:、[\u4e00-\u9fff]{2,4}){0,3})[／/]\S{0,8}(?:報導|报道)"
)
# `name reporter address`, as in Korea, perhaps with a button
KOREAN_BYLINE = re.compile(
    r"(?!(?:선임|시민|사진|취재|수습|전문|객원) ?기자)(?P<names>[\uac00-\ud7af]{2,4}?(?:[ ,·]+[\uac00-\ud7af]{2,4}){0,2}) ?(?<![는를])(?<![는를] )(?:선임 ?)?기자(?:\s+(?:\S+@\S+|구독|사진))*"
)
HAN_REPORTER = re.compile(
    r"(?:记者|通讯员)\s*(?P<names>[^）)]{2,60})|[（(](?!记者|通讯员)(?P<bare>[\u4e00-\u9fff·]{2,8}(?:[\s、，,]+[\u4e00-\u9fff·]{2,8})*)[）)]$"
)
# Who reports, within the dateline of an agency: in Russian, in Korean, in Taiwan.
REPORTED_BY = re.compile(
    r"[Кк]орр(?:еспондент)?\.? \S+ ([А-ЯЁ][а-яё-]+ [А-ЯЁ][а-яё-]+)|([\uac00-\ud7af]{2,4}) ?(?:기자|특파원)|記者([\u4e00-\u9fff]{2,4})"
)
CLOSED_BY = re.compile(r"(?<=[.!?]) \((?P<names>[^(),]{5,40}), [0-9./]{6,10}\)$")
CLOSING_NAMES = re.compile(
    r"(?<=[。」])\s*(?:【(?P<names>NAMES)】|[（(](?P<bare>NAMES)[)）])$".replace(
        "NAMES",
        r"[\u3040-\u30ff\u3005\u4e00-\u9fff]{2,8}(?:[、，,\s]+[\u3040-\u30ff\u3005\u4e00-\u9fff]{2,8}){0,4}",
    )
)
# What else closes a last paragraph: a word of the agency's, its initials, who reported and edited.
CLOSING_MARK = re.compile(
    r"(?<=[.!?…»”\"’)。।])\s*(?:Enditem|[■▪◆®]|-0-|-30-|###|[(（](?:\*|end|完|终|終わり?|全文完|共同|時事|了)[)）]"
    r"|[(（](?P<mark>[a-zà-ÿ]{2,6}(?:[/,] ?[a-zà-ÿ]{2,6}){0,3}|[A-ZÀ-Þ]{2,8}(?:[/,-] ?[A-ZÀ-Þ]{2,8}){0,2})\.?(?:, [0-9.]{6,10})?[)）]\.?"
    r"|[(（](?P<owner>[^()（）]{3,50})[)）]\.?|(?<=\S)\s+(?P<signed>[^\W\d_]{3,20})"
    r"|\((?i:(?:additional )?(?:reporting|writing|editing)|edited|written|compiled|reported) by [^()]{5,300}\))$"
)
AGENCIES = frozenset(
    "ap afp upi dpa apa sda epd kna efe ansa agi lusa pap ptk ntb tt ritzau anp belga mti bta fena tanjug hina tass ria unian dha iha aa kuna wam spa mena sana irna isna mna".split()
)
# The newsroom, or the letters of somebody who edited, which are no word and no unit of measure
EDITOR = re.compile(r"red|(?!mm|cm|km|kg|pp|ft|lb|ml|cl|hl)[bcdfghjklmnpqrstvwxz]{2}")
# What else stands in such brackets.
NO_NAMES = re.compile(
    "全文|完|敬称|続|つづ|一部|省略|訳|談|注|編集|構成|聞き手|関連|記事|経緯|解説|特集|写真|動画|政治|経済|社会|国際|一覧|連載|相关|责任|编辑|图片|安全"
)
HAN_SPLIT = re.compile(r"[\s、，,]+(?:(?:记者|通讯员)\s*)?")
COMMA = re.compile(r"\s*[,;،、]\s*")
AND = re.compile(r"\s*(?:&|\band\b|\bet\b|\bund\b|\by\b| و )\s*")
# These stand within names too: they part two only if both are whole ones.
ALSO = re.compile(r"\s+(?:e|en|och|og|ja|ve|i|и|та|і|ו)\s+")
# What may stand in small letters within a name. `Kolumne von Ada Quill` is none.
PARTICLES = frozenset(
    "el bint ben op van von vom zu ter ten bin ibn al af av der den de da do dos das di del della la le du".split()
)
NOUN_OF = re.compile(r".*\S von (?!der |den |und )\S+ \S.*")
# A dot that is part of a name: of an initial, a degree, or `Jr.`
LAST_DOT = re.compile(r"(?:^|[\s.])(?:[^\W\d_]|Ph\.D|[JS]r|Esq)\.$")
NAME = re.compile(r"(?:[^\W\d_][\w.'’\-‌]*\s){1,4}[^\W\d_][\w.'’\-‌]*")
# What a person is to an outlet, as it stands beside the name.
POST = re.compile(
    r"(?:[\w'’-]+\s){0,2}(?:reporters?|repórter(?:es)?|enviad[ao] especial|correspondent|editor|writer|journalist|redakteur(?:in)?|journaliste?|korrespondent(?:in)?|"
    r"correspondante?|corresponsal|periodista|redactora?|giornalista|corrispondente|redacteur|verslaggever|"
    r"dziennikarz|dziennikarka|muhabir[iı]?|editörü?|корреспондент|обозреватель|журналист|кореспондент|"
    r"مراسل(?:ة)?|محرر(?:ة)?|صحفي(?:ة)?|خبرنگار|گزارشگر)(?:\s[\w'’.-]+){0,3}",
    re.IGNORECASE,
)
# A post right behind a name, with capitals: `Ada Quill Energy Reporter`
FIELDS = (
    "Senior|Staff|Chief|Deputy|Political|Crime|Courts?|Sports?|Business|Health|Education|Science|Environment|Energy|News|Features?|Local|"
    "National|Foreign|Special|Digital|Web|City|Arts|Culture|Politics|Guest|Freelance|Contributing|Associate|Managing"
)
BEHIND_NAME = re.compile(
    rf"(?:(?:^| )(?:{FIELDS}))*(?:^| )(?:Reporters?|Correspondent|Contributor|Columnist|Editor|Writer|Journalist|Producer|Redakteur(?:in)?|Journaliste|Periodista|Reporterin)$"
)
# Who is no person: what a newsroom calls itself.
NEWSROOM = re.compile(
    r"(?:.{0,30}\b)?(?:news ?desk|web desk|bureau|getty images|redazione .{2,20}|desk|newsroom|staff|staff reporters?|our correspondents?|redaktion|redaktionen|redacción|redação|"
    r"redazione|rédaction|redactie|redakcja|redaksi|toimitus|редакция|редакція|haber merkezi|التحرير|هيئة التحرير|وكالات|تحریریه|编辑部)(?:\b.{0,30})?",
    re.IGNORECASE,
)
BRACKETS = re.compile(r"\s*[(（][^()（）]{0,40}[)）]")
BREAK = re.compile(r"\s+[-–—|/•·▪](?:\s+|$)")
# Where somebody writes from, or with whom: `Ada Quill in Hinterau`, `Ben Reed with AFP wires`.
FROM = re.compile(
    r"\s+(?:(?:in|from|at|aus|à|en|desde|em|da|dal|di|z|w|из)\s+(?-i:[A-Z\u0400-\u042f].*)"
    r"|(?:with|mit|avec|con|com)\s+\S.*)$"
)
TITLED = re.compile(
    r"\s*,\s*(?:[\w'’-]+\s+){0,3}(?:writer|reporter|correspondent|editor|contributor)s?\b.*$",
    re.IGNORECASE,
)
ROLE = re.compile(
    r"\s*[,–—-]?\s*\b(?:staff|senior|special|political|foreign|chief|guest)?\s*"
    r"(?:writer|reporter|correspondent|editor|contributor)\b.*$",
    re.IGNORECASE,
)
VIA = re.compile(r",?\s+(?:via|[Ff]or|para|per|pour|für)\s+(?:the\s+)?[A-Z].*$")
# `Agency writers Ada Quill, Ben Reed`
OF_AGENCY = re.compile(r"^(?:\w+\s){1,2}(?:writers?|reporters?|correspondents?)\s(?=[A-Z])")
WITH_AGENCY = re.compile(r"\s+(?:with|avec|mit|con|com)\s+(?-i:[A-Z]{2,6}\b).*$", re.IGNORECASE)


def byline(line: str) -> list[str] | None:
    """Names of a byline; None if the line is none."""
    if len(line) > MAX_BYLINE:
        return None
    bare = line.strip(" |•·")
    if not bare.isascii() and (
        han := HAN_BYLINE.fullmatch(bare)
        or HAN_REPORT.fullmatch(bare)
        or KOREAN_BYLINE.fullmatch(bare)
    ):
        return HAN_SPLIT.split(han["names"])
    if glued := _glued(bare):
        return glued
    bare = MAILS.sub("", bare) if "@" in bare else bare
    match = BYLINE.fullmatch(bare) or LABELLED.fullmatch(bare)
    if not match and (short := SHORT_BY.fullmatch(bare)):
        return names_in(short["names"])
    if not match or line.endswith(":"):
        return None
    stated = _without_buttons(BRACKETS.sub("", BREAK.split(match["names"])[0]))
    if closes(stated) and not stated.endswith("."):
        return None
    stated = VIA.sub("", OF_AGENCY.sub("", stated))
    stated = WITH_AGENCY.sub("", ROLE.sub("", TITLED.sub("", stated))).strip(" ,.|")
    names = [*_persons(stated)]
    plausible = names and all(
        len(name) <= MAX_NAME and len(name.split()) <= MAX_WORDS and not any(map(str.isdigit, name))
        for name in names
    )
    return names if plausible else None


def in_dateline(dateline: str) -> list[str]:
    """The persons whom a dateline names: `PLACE, 3 March - Agency, Ada Quill`."""
    if told := HAN_REPORTER.search(dateline):
        return HAN_SPLIT.split((told["names"] or told["bare"]).strip())
    if told := REPORTED_BY.search(dateline):
        return [next(filter(None, told.groups()))]
    return [each for each in COMMA.split(BREAK.split(dateline)[-1])[1:] if is_name(each)]


def closing_names(paragraph: str, own: Iterable[str]) -> tuple[str, list[str]]:
    """(a last paragraph without what closes it in brackets, the names in these, as in Japanese news).

    `own` are the outlet's names.
    """
    closed = CLOSING_MARK.search(paragraph)
    own = [*own]
    if closed and _is_closing(closed, own):
        return paragraph[: closed.start()].rstrip(), []
    if (told := CLOSED_BY.search(paragraph)) and is_name(told["names"]):
        return paragraph[: told.start()], [told["names"]]
    told = CLOSING_NAMES.search(paragraph)
    names = (told["names"] or told["bare"]) if told else ""
    if told is None or NO_NAMES.search(names):
        return paragraph, []
    return paragraph[: told.start()].rstrip(), HAN_SPLIT.split(names.strip())


def _is_closing(closed: re.Match[str], own: Iterable[str]) -> bool:
    """Whether what closes a paragraph is none of it: the outlet's name, perhaps behind a place; a mark."""
    if closed["signed"] and not closed["signed"].isupper():
        return False
    if owner := closed["owner"] or closed["signed"]:
        return owner.rpartition("/")[2].strip().casefold() in {name.casefold() for name in own}
    return not closed["mark"] or _is_mark(closed["mark"], own)


def _is_mark(mark: str, own: Iterable[str]) -> bool:
    """Whether letters in brackets are the sign of an agency, of the outlet, of an editor or several."""
    folded = mark.casefold()
    if EDITOR.fullmatch(mark):
        return True
    initials = {"".join(word[0] for word in name.split()).casefold() for name in own}
    return "/" in mark or folded in AGENCIES or folded in initials | {n.casefold() for n in own}


def _glued(line: str) -> list[str] | None:
    """The names of a byline whose words were put together with what stood beside them."""
    told = [GLUED.fullmatch(each) for each in GLUED_AND.split(line.removeprefix("By").strip())]
    sure = line.startswith("By") and all(each and POST.fullmatch(each["post"]) for each in told)
    if sure:
        return [each["names"] for each in told if each]
    bare = line[2:] if line[:2] in ("By", "by") and line[2:3].isupper() else ""
    return [bare] if len(bare.split()) <= MAX_BARE and is_name(bare) else None


def _persons(stated: str) -> Iterator[str]:
    """The names of a list; behind a whole one a place, a desk or an agency is none any more."""
    joined = capitals = False
    for number, part in enumerate(each for each in COMMA.split(stated) if each):
        several = (name for each in AND.split(part) for name in _both(each))
        names = [name for each in several if (name := FROM.sub("", each).strip(" ."))]
        other = not all(map(is_name, names)) or NEWSROOM.fullmatch(part) or POST.fullmatch(part)
        if number and (joined or other or capitals != part.isupper()):
            return
        yield from names
        joined, capitals = len(names) > 1, part.isupper()


def _without_buttons(line: str) -> str:
    """A line without the words of buttons behind its names."""
    words = line.split()
    while len(words) > 2 and words[-1].casefold() in WORDS:
        words.pop()
    return " ".join(words)


def _both(part: str) -> list[str]:
    """Two names that a short word joins, or the part as it is."""
    names = ALSO.split(part)
    return names if len(names) > 1 and all(map(is_name, names)) else [part]


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
    """The persons that a short line names, if it has nothing but posts beside; None if it has."""
    if len(line) > MAX_NAMES:
        return None
    if POST.fullmatch(line) or NEWSROOM.fullmatch(line):
        return None
    if (behind := BEHIND_NAME.search(line)) and not line.startswith("The "):
        name = line[: behind.start()]
        if not name or is_name(name):
            return [name] if name else None
    first, *rest = COMMA.split(BRACKETS.sub("", line).strip(" ,"))
    listed = [first, *(each for each in rest if not _is_other(each, first))]
    names = [name for each in listed for part in AND.split(each) for name in _both(part.strip())]
    return names if all(map(is_name, names)) else None


def _is_other(part: str, first: str) -> bool:
    """Whether what stands behind a name is no other: a post, a desk, a place in other letters."""
    told = POST.fullmatch(part) or NEWSROOM.fullmatch(part)
    said = part.islower() and len(part.split()) <= MAX_BARE and not closes(part)
    return bool(told) or said or first.isupper() != part.isupper()


def bare_names(line: str) -> list[str] | None:
    """The persons that a line names where nothing else tells that it does; None if it has more.

    In scripts without capitals a few words may be anything.
    """
    few = line.lower() != line.upper() or len(line.split()) <= MAX_BARE
    return names_in(line) if few else None


def names_beside(line: str, own: Callable[[str], bool]) -> list[str] | None:
    """Names in a line that else has the outlet (`own`), posts, places and agencies; None if more.

    None at all are named where a newsroom stands in their place.
    """
    parts = BREAK.split(line) if len(line) <= MAX_NAMES else []
    labelled = [byline(each) for each in parts] if len(parts) > 1 else []
    if any(labelled):
        return [name for each in labelled for name in each or ()]
    others = [each for each in parts if own(each) or POST.fullmatch(each)]
    rest = [each for each in parts if each not in others]
    bare = [FROM.sub("", each.rpartition(": ")[2] if others else each) for each in rest]
    if not rest or any(len(each.split()) > MAX_WORDS for each in rest):
        return None
    if not others and (bare == rest or len(rest) == 1):
        return None
    if len(rest) == 1 and others and NEWSROOM.fullmatch(rest[0]):
        return []
    names = [names_in(each) for each in bare]
    return [name for each in names for name in each or ()] if all(names) else None


def name_and_place(line: str) -> str | None:
    """The person of `Name, Place`; None if it has another form."""
    name, comma, place = line.partition(", ")
    letters = place.replace(" ", "").replace("-", "")
    short = comma and len(place) <= MAX_PLACE and place[:1].isupper() and letters.isalpha()
    return name if short and is_name(name) else None


def is_place_of(line: str, outlet_names: tuple[str, ...]) -> bool:
    """Whether a line is `Outlet, City`, which follows the name in a byline of two lines."""
    head, comma, city = line.partition(",")
    known = {name.casefold() for name in outlet_names}
    return bool(comma) and head.strip().casefold() in known and 0 < len(city.strip()) <= 40
