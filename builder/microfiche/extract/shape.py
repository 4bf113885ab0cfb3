"""What lines show by their letters alone, and by the lines around them: the evidence for what they are.

All lines of a text are measured at once, by columns; every measure is an integer. Pages add what
their elements show (`places`).
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import re2

Column = Any  # numpy.ndarray of int32, a value a line
LOWER, UPPER, LETTER, WIDE, DIGIT, SPACE, STOP, COMMA, QUOTE, BREAK, SIGN = range(11)
KINDS = SIGN + 1
STOPS, COMMAS, QUOTES = ".!?…؟。！？।", ",;،、；，؛", "\"'“”„‟«»‘’‚‹›「」『』()[]"
BREAKS = "|•·/©→*#_=~"
# Scripts that put no space between words: Thai to Khmer, kana, the Han of the basic plane.
WITHOUT_SPACES = ((0x0E00, 0x0EFF), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x9FFF))
MAX_LENGTH = 2000
FAR = 20
TITLE_LINES = 3  # lines in which a page may say its title
WIDTHS = np.array((1, 2, 4, 8, 16), np.int32)[:, None]  # lines above and below that are looked at
MASSES = tuple(f"mass_{width}" for width in WIDTHS.ravel().tolist())
MASSES_BEFORE = tuple(f"{name}_before" for name in MASSES)
NEIGHBOURS = (-4, -3, -2, -1, 1, 2, 3, 4)
NEAR = (
    "length",
    "words",
    "ends",
    "opens",
    "capitals",
    "digits",
    "signs",
    "mass",
    "chrome",
    "shared",
)
LONG = 80
LONG_WORD = 5  # letters
# What each letter of a word counts, by its place: powers of an odd number, modulo 2 to the 64th.
FACTORS = np.cumprod(np.full(64, 0x9E3779B97F4A7C15, np.uint64))


def _of_octets(pattern: str) -> Any:
    """An expression for UTF-8: of strings RE2 makes some, and counts letters in them."""
    return re2.compile(pattern.encode())


DATE = _of_octets(
    r"(?:19|20)[0-9]{2}|[0-9]{1,2}[:.h][0-9]{2}\b|[0-9]{1,2}[./-][0-9]{1,2}[./-]|[۰-۹٠-٩]{4}"
)
ADDRESS = _of_octets(r"https?://|www\.|\S@\S|\.(?:com|org|net|de|ru|ir|fr)\b")
# Words of menus, notices and lines for sharing, in the languages of the archives that are known.
CHROME = _of_octets(
    r"(?i)\b(?:subscri[a-z]*|newsletters?|sign (?:in|up)|log ?in|register|cookies?|privacy|terms|"
    r"copyright|all rights|share|tweet|facebook|twitter|whatsapp|telegram|linkedin|pinterest|"
    r"instagram|youtube|e-?mail|print|comments?|reply|advert[a-z]*|sponsored|related|read (?:more|also|next)|"
    r"more (?:from|on|in)|most (?:read|popular|viewed)|trending|latest|follow us|contact|about us|"
    r"menu|search|home|skip to|click here|download|app|feedback|sitemap|rss|donate|support us|"
    r"previous|next|back to|top stories|recommended|editor'?s? pick|"
    r"abonn[a-zé]*|anmeld[a-z]*|datenschutz|impressum|teilen|kommentare?|anzeige|mehr zum|werbung|"
    r"startseite|suche|kontakt|partager|commentaires?|publicité|connexion|mentions légales|"
    r"lire aussi|à lire|accueil|recherche|compartir|comentarios?|publicidad|suscr[ií][a-z]*|"
    r"inicio|buscar|contacto|iniciar sesión|relacionad[oa]s?|condividi|commenti|pubblicità|"
    r"abbonati|accedi|udostępnij|komentarze|reklama|zaloguj|deel|reacties|inloggen|paylaş|"
    r"yorumlar?|abone|giriş|compartilh[a-z]*|assine|entrar)\b|"
    r"подпис\w*|поделит\w*|комментар\w*|реклама|войти|все права|читайте|новости по теме|"
    r"підпис\w*|поділит\w*|коментар\w*|читайте також|مشارك|تعليق|اشترك|حقوق|المزيد|اقرأ|"
    r"اشتراک|نظرات|ارسال|بیشتر|הרשמה|שתף|תגובות|टिप्पणी|शेयर|订阅|分享|评论|版权|登录|关注|"
    r"コメント|シェア|ログイン|会員|댓글|공유|구독|로그인"
)


@functools.cache
def _classes() -> Any:
    """What each letter of the basic plane is; what lies above counts as a letter without case."""
    table = np.full(0x10000, SIGN, np.uint8)
    for code in range(0x10000):
        letter = chr(code)
        if letter.isalpha():
            table[code] = LOWER if letter.islower() else UPPER if letter.isupper() else LETTER
        elif letter.isdigit():
            table[code] = DIGIT
        elif letter.isspace():
            table[code] = SPACE
    for letters, kind in ((STOPS, STOP), (COMMAS, COMMA), (QUOTES, QUOTE), (BREAKS, BREAK)):
        table[[ord(letter) for letter in letters]] = kind
    for first, last in WITHOUT_SPACES:
        table[first : last + 1] = np.where(table[first : last + 1] == LETTER, WIDE, SIGN)
    table[0xFFFF] = LETTER
    return table


def letter_kinds(codes: Any) -> Any:
    """What each of some letters is, by their code points."""
    return _classes().take(codes if codes.itemsize == 1 else np.minimum(codes, 0xFFFF))


def measure(lines: Sequence[str]) -> dict[str, Column]:
    """The measures of some lines, none empty, by name."""
    whole = "\n".join(lines) + "\n"
    octets = whole.encode("utf-8", "surrogatepass")
    codes = np.frombuffer(octets, np.uint8)
    line_ends = np.flatnonzero(codes == 10)
    if len(octets) > len(whole):
        codes = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = letter_kinds(codes)
    breaks = np.flatnonzero(codes == 10)
    starts = np.concatenate(([0], breaks[:-1] + 1))
    lengths = (breaks - starts).astype(np.int32)
    of_line = np.repeat(np.arange(len(lines)), lengths + 1)
    cells = np.bincount(of_line * KINDS + kinds, minlength=len(lines) * KINDS)
    number = cells.astype(np.int32).reshape(-1, KINDS).T

    def count(where: Any) -> Column:
        return np.bincount(of_line[where], minlength=len(lines)).astype(np.int32)

    before, after = np.full_like(kinds, SPACE), np.full_like(kinds, SPACE)
    before[1:], after[:-1] = kinds[:-1], kinds[1:]
    opening = (before == SPACE) & (kinds != SPACE)
    words = count(opening) + number[WIDE] // 2
    letters = number[: WIDE + 1].sum(axis=0, dtype=np.int32)
    stops = count((kinds == STOP) & ((after == SPACE) | (after == QUOTE) | (after == WIDE)))
    last, last_but = kinds[breaks - 1], kinds[np.maximum(breaks - 2, starts)]
    ends = codes[breaks - 1]
    closed = (last == STOP) | ((last == QUOTE) & (last_but == STOP))
    found = {
        "length": np.minimum(lengths, MAX_LENGTH),
        "words": np.minimum(words, 400),
        "word_length": _share(letters, words, 10),
        "capitals": _share(count(opening & (kinds == UPPER)), words, 100),
        "upper": _share(number[UPPER], letters, 100),
        "uncased": _share(number[LETTER] + number[WIDE], letters, 100),
        "digits": _share(number[DIGIT], lengths, 100),
        "signs": _share(number[SIGN] + number[BREAK], lengths, 100),
        "breaks": np.minimum(number[BREAK], 20),
        "commas": np.minimum(number[COMMA], 40),
        "stops": np.minimum(stops, 40),
        "ends": np.where(closed, STOP, last).astype(np.int32),
        "colon": (ends == 58).astype(np.int32),
        "question": ((ends == 63) | (ends == 1567)).astype(np.int32),
        "opens": kinds[starts].astype(np.int32),
        "dates": np.minimum(hits(DATE, octets, line_ends), 5),
        "addresses": np.minimum(hits(ADDRESS, octets, line_ends), 5),
        "chrome": np.minimum(hits(CHROME, octets, line_ends), 8),
    }
    found["shared"] = _shared(lines, found["length"])
    counts = Counter(lines)
    repeated = np.fromiter(map(counts.__getitem__, lines), np.int32, len(lines))
    found["repeated"] = np.minimum(repeated, 9)
    sentence = closed & (words >= 6) | (stops >= 2) & (words >= 12)
    found["mass"] = np.where(sentence, found["length"], 0).astype(np.int32)
    return found


def _shared(lines: Sequence[str], lengths: Column) -> Column:
    """Which share of its longer words, in hundredths, other long lines have too; -1 without any."""
    line, word = _long_words("\n".join(lines).casefold())
    is_long = lengths >= LONG
    order = np.lexsort((line, word))
    line, word = line[order], word[order]
    first = np.ones(len(line), bool)  # of its line and word
    first[1:] = (word[1:] != word[:-1]) | (line[1:] != line[:-1])
    line, word = line[first], word[first]
    group = np.zeros(len(line), np.int64)
    np.cumsum(word[1:] != word[:-1], out=group[1:])
    in_long = np.bincount(group, is_long[line])[group] - is_long[line]
    shared = np.bincount(line, in_long > 0, len(lines)).astype(np.int32)
    number = np.bincount(line, minlength=len(lines)).astype(np.int32)
    return np.where(number > 0, _share(shared, number, 100), -1).astype(np.int32)


def _long_words(folded: str) -> tuple[Any, Any]:
    """(lines, words): the line of each longer word, and a number that its letters give."""
    codes = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), np.uint32)
    letter = _letters().take(np.minimum(codes, 0xFFFF))
    beyond = np.flatnonzero(codes > 0xFFFF)
    letter[beyond] = [chr(code).isalpha() for code in codes[beyond].tolist()]
    bounds = np.flatnonzero(np.diff(letter, prepend=False, append=False)).reshape(-1, 2)
    starts, lengths = bounds[:, 0], bounds[:, 1] - bounds[:, 0]
    longer = lengths >= LONG_WORD
    starts, lengths = starts[longer], lengths[longer]
    if not len(starts):
        return starts, starts
    firsts = np.cumsum(lengths) - lengths
    places = np.arange(firsts[-1] + lengths[-1]) - np.repeat(firsts, lengths)
    letters = codes.take(places + np.repeat(starts, lengths))
    words = np.add.reduceat(letters * FACTORS.take(places, mode="clip"), firsts)
    return np.searchsorted(np.flatnonzero(codes == 10), starts), words


@functools.cache
def _letters() -> Any:
    """Which of the basic plane are letters of words, numerals that are no digits among them."""
    table = [chr(code).isalnum() and not chr(code).isdecimal() for code in range(0x10000)]
    return np.array(table)


def _share(part: Column, whole: Column, of: int) -> Column:
    return (part * of // np.maximum(whole, 1)).astype(np.int32)


def hits(pattern: Any, octets: bytes, line_ends: Any) -> Column:
    """How often a pattern is in each line; `line_ends` are the places of the line feeds."""
    places = [match.start() for match in pattern.finditer(octets)]
    lines = np.searchsorted(line_ends, places)
    return np.bincount(lines, minlength=len(line_ends)).astype(np.int32)


def around(found: Mapping[str, Column], near: Sequence[str] = NEAR) -> dict[str, Column]:
    """What the lines around say: where the sentences are, and the measures of neighbours."""
    mass = found["mass"]
    number = len(mass)
    place = np.arange(number, dtype=np.int32)
    total = max(int(mass.sum()), 1)
    sums = np.concatenate(([0], np.cumsum(mass)))
    context: dict[str, Column] = {
        "place": np.minimum(place, 300),
        "place_from_end": np.minimum(number - 1 - place, 300),
        "share_before": (sums[:-1] * 1000 // total).astype(np.int32),
        "share_after": ((total - sums[1:]) * 1000 // total).astype(np.int32),
        "lines": np.full(number, min(number, 2000), np.int32),
        "total": np.full(number, min(total, 60_000), np.int32),
    }
    first = sums[np.maximum(place - WIDTHS, 0)]
    within = sums[np.minimum(place + WIDTHS + 1, number)] - first
    context |= zip(MASSES, within.astype(np.int32), strict=True)
    context |= zip(MASSES_BEFORE, (sums[:-1] - first).astype(np.int32), strict=True)
    many = np.stack((mass >= 120, mass > 0))
    context |= zip(("long_before", "sentence_before"), _distances(many), strict=True)
    below = _distances(many[:, ::-1])[:, ::-1]
    context |= zip(("long_after", "sentence_after"), below, strict=True)
    return context | shifts({name: found[name] for name in near}, NEIGHBOURS)


def _distances(there: Any) -> Any:
    """How many lines above the last line is for which something holds, a row each; at most `FAR`."""
    place = np.arange(there.shape[1])
    last = np.maximum.accumulate(np.where(there, place, -FAR - 1), axis=1)
    before = np.full_like(last, -FAR - 1)
    before[:, 1:] = last[:, :-1]
    return np.minimum(place - before, FAR).astype(np.int32)


def shifts(found: Mapping[str, Column], offsets: Sequence[int]) -> dict[str, Column]:
    """What columns have so many lines below (or above, if negative); -1 beyond."""
    most = max(map(abs, offsets))
    number = max(map(len, found.values()), default=0)
    padded = np.full((len(found), number + 2 * most), -1, np.int32)
    for row, column in enumerate(found.values()):
        padded[row, most : most + number] = column
    moved: dict[str, Column] = {}
    for offset in offsets:
        rows = padded[:, most + offset : most + offset + number]
        moved |= {f"{name}{offset:+}": row for name, row in zip(found, rows, strict=True)}
    return moved


def shifted(column: Column, offset: int) -> Column:
    """What a column has so many lines below (or above, if negative); -1 beyond."""
    moved = np.full(len(column), -1, np.int32)
    if offset > 0:
        moved[:-offset] = column[offset:]
    else:
        moved[-offset:] = column[:offset]
    return moved


def heading(
    lines: Sequence[str], found: Mapping[str, Column], first: int, last: int
) -> dict[str, Column]:
    """What the lines up to the first of the article show of being its headline.

    `first` and `last` are those of the article.
    """
    places = np.arange(last, dtype=np.int32)
    opening = [line.casefold() for line in lines[:TITLE_LINES]]
    told = [
        sum(folded in other and len(line) < len(other) for other in opening)
        for line, folded in zip(lines[:last], map(str.casefold, lines[:last]), strict=True)
    ]
    return {
        "to_article": np.clip(first - places, -FAR, 60).astype(np.int32),
        "told_in_title": np.array(told, np.int32),
        **{name: column[:last] for name, column in found.items()},
    }
