"""Text captures: bytes to text, with the encoding they were read in."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from microfiche.captures import Fault

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE = 1 << 20
# Share of control and replacement characters above which bytes are called no text.
MAX_DAMAGE = 0.02
HEAD_BYTES = 4096
META_CHARSET = re.compile(
    rb"""(?:<meta[^>]{0,200}?charset|<\?xml[^>]{0,60}?encoding)\s*=\s*["']?([\w.:-]{1,40})""",
    re.IGNORECASE,
)
ISO_2022 = re.compile(rb"\x1b(?:\$[@AB]|\$\(D|\([BJ])")
LATIN = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254"}
NO_CHARSETS = frozenset(
    ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7", "utf-8")
)
# Characters that no text has: control codes but for white space and escapes, and replacements.
DAMAGE = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")
# Of a text without tags: beyond what any article has.
MAX_LENGTH, MAX_LINES = 5_000_000, 100_000
LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


class Decoded(NamedTuple):
    """Text of a capture and the charset it was read with; faults say what was wrong with it."""

    text: str
    charset: str
    faults: tuple[Fault, ...] = ()


def decode(body: bytes, stated: str | None = None) -> Decoded:
    """Text of captured bytes.

    By byte-order mark, else strictly as UTF-8, else strictly in the charset that is stated for
    them, else as resiliparse detects it.

    Bytes that mean nothing in the encoding become U+FFFD with a warning. Bytes that are no text
    at all come back empty with an error; nothing is raised.
    """
    if not body.strip():
        return Decoded("", "utf-8", (Fault("MF301", f"{len(body)} bytes, all white space"),))
    text, charset = _decoded(body, stated)
    if not text.strip():
        return Decoded("", charset, (Fault("MF301", f"{len(body)} bytes, all white space"),))
    sample = text[:SAMPLE]
    damage = len(DAMAGE.findall(sample)) / len(sample)
    if damage > MAX_DAMAGE and charset not in ("utf-16", "utf-32"):
        message = f"read as {charset}, {damage:.0%} of the characters are control codes or damage"
        return Decoded("", charset, (Fault("MF302", message),))
    if "\0" in text:
        place = f"character {text.index(chr(0)) + 1}"
        return Decoded("", charset, (Fault("MF303", f"read as {charset}", place),))
    if "\ufffd" in text:
        count = text.count("\ufffd")
        return Decoded(text, charset, (Fault("MF306", f"{count} in a text read as {charset}"),))
    return Decoded(text, charset)


def _decoded(body: bytes, stated: str | None) -> tuple[str, str]:
    for mark, marked in BOMS:
        if body.startswith(mark):
            return body.decode(marked, errors="replace"), marked.removesuffix("-sig")
    codec = _codec(stated) if stated else None
    first: str | None = "iso2022_jp_2" if ISO_2022.search(body, 0, SAMPLE) else None
    if codec and codec.startswith("utf-16") and b"\0" in body[:HEAD_BYTES]:
        first = codec  # as with ISO 2022, these bytes would pass as UTF-8
    for known in filter(None, (first, "utf-8", codec)):
        try:
            return body.decode(known), known
        except UnicodeError:
            continue
    detected = _detected(body)
    return body.decode(detected, errors="replace"), detected


def _codec(stated: str) -> str | None:
    """Python's codec for a charset as pages name it (the WHATWG reads Latin-1 as windows-1252)."""
    try:
        found = codecs.lookup(stated)
    except (LookupError, ValueError):
        return None
    name = LATIN.get(found.name, found.name)
    is_text = found._is_text_encoding  # noqa: SLF001 - nothing public tells rot13 from a charset
    return name if is_text and name not in NO_CHARSETS else None


def stated_charset(body: bytes) -> str | None:
    """The charset that a page states in its first bytes; None if it states none."""
    match = META_CHARSET.search(body, 0, HEAD_BYTES)
    return match[1].decode("ascii") if match else None


def _detected(body: bytes) -> str:
    from resiliparse.parse.encoding import detect_encoding

    charset = detect_encoding(body[:SAMPLE]) or "utf-8"
    try:
        return codecs.lookup(charset).name
    except LookupError:
        return "utf-8"


def crowded_text(text: str) -> str | None:
    """Why a text is not read, if it is so long that no article is, or of so many lines."""
    if len(text) > MAX_LENGTH:
        return f"{len(text):,} characters, the limit is {MAX_LENGTH:,}"
    if len(text) > MAX_LINES:
        count = sum(map(text.count, LINE_ENDS))
        if count > MAX_LINES:
            return f"{count:,} ends of lines, the limit is {MAX_LINES:,}"
    return None
