"""Text captures: bytes to text, with the encoding they were read in."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from microfiche.capture import Fault

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
WHITE = frozenset("\t\n\r\x0b\x0c\x1b\x85")


class Decoded(NamedTuple):
    """Text of a capture and the charset it was read with; faults say what was wrong with it."""

    text: str
    charset: str
    faults: tuple[Fault, ...] = ()


def decode(body: bytes) -> Decoded:
    """Text of captured bytes: byte-order mark, else strict UTF-8, else detection by resiliparse.

    Bytes that mean nothing in the encoding become U+FFFD with a warning. Bytes that are no text
    at all come back empty with an error; nothing is raised.
    """
    if not body.strip():
        return Decoded("", "utf-8", (Fault("MF301", f"{len(body)} bytes, all white space"),))
    text, charset = _decoded(body)
    if not text.strip():
        return Decoded("", charset, (Fault("MF301", f"{len(body)} bytes, all white space"),))
    sample = text[:SAMPLE]
    strange = sum(not (c.isprintable() or c.isspace() or c in WHITE) for c in set(sample))
    damage = _damage(sample) / len(sample) if strange or "\ufffd" in sample else 0
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


def _damage(sample: str) -> int:
    """Number of characters that no text has: control codes and replacements."""
    return sum(
        c == "\ufffd" or (c < " " and c not in WHITE) or "\x7f" <= c <= "\x9f" for c in sample
    )


def _decoded(body: bytes) -> tuple[str, str]:
    for mark, codec in BOMS:
        if body.startswith(mark):
            return body.decode(codec, errors="replace"), codec.removesuffix("-sig")
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        charset = _detected(body)
        return body.decode(charset, errors="replace"), charset


def _detected(body: bytes) -> str:
    from resiliparse.parse.encoding import detect_encoding

    charset = detect_encoding(body[:SAMPLE]) or "utf-8"
    try:
        return codecs.lookup(charset).name
    except LookupError:
        return "utf-8"
