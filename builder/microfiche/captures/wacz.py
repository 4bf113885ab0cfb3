"""WACZ files: WARC files in a ZIP, with a list of their digests.

A member is copied to a temporary file and read as any WARC; nothing is written by its name. What
the data package says of a member's digest is checked.
"""

from __future__ import annotations

import hashlib
import lzma
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson

from microfiche.captures import Capture, Fault
from microfiche.captures.warc import WARC_ENDINGS, Source, read_warc
from microfiche.errors import in_words

WACZ_ENDING = ".wacz"
PACKAGE, ARCHIVE = "datapackage.json", "archive/"  # the latter is where its WARC files lie
MAX_PACKAGE = 8 << 20
# WARC members are stored or hardly compressed; more than this is a bomb.
MAX_RATIO = 200
BLOCK = 1 << 20
BROKEN = (
    *(zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError),
    *(zlib.error, lzma.LZMAError),
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


def read_wacz(source: Source) -> Iterator[Capture]:
    """Captures of every WARC file in a WACZ, in the order of their names. Raises OSError."""
    try:
        package = zipfile.ZipFile(source.file)
    except BROKEN as error:
        yield _fault(source, f"no ZIP file: {in_words(error)}", source.file.stat().st_size)
        return
    with package:
        digests, fault = _stated_digests(package)
        if fault:
            yield _fault(source, fault, None)
        members = [each for each in package.infolist() if _is_warc(each.filename, each.file_size)]
        for member in sorted(members, key=lambda each: each.filename):
            yield from _of_member(source, package, member, digests)
        names = {each.filename for each in members}
        for name in sorted(digests.keys() - names):
            if _is_warc(name):
                yield _fault(source, f"{PACKAGE} names {name[:200]!r}, which is not in it", None)
        for member in package.infolist():
            if member.file_size and member not in members and member.filename.startswith(ARCHIVE):
                name = _printable(member.filename)[:200]
                yield _fault(source, f"{name!r} is not named as a WARC file", member.file_size)
        if not members:
            yield _fault(source, "it holds no WARC file", source.file.stat().st_size)


def _is_warc(name: str, size: int = 1) -> bool:
    """Whether a member is a WARC file: in any case of letters, a folder only if it has no bytes."""
    plain = name.rstrip("/").lower()
    return plain.endswith(WARC_ENDINGS) and (size > 0 or plain == name.lower())


def _fault(source: Source, message: str, size: int | None) -> Capture:
    return Capture(source.source_file, None, None, size, None, faults=(Fault("MF316", message),))


def _of_member(
    source: Source,
    package: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    digests: Mapping[str, str | None],
) -> Iterator[Capture]:
    inner = source._replace(source_file=f"{source.source_file}/{_printable(member.filename)}")
    if member.file_size > MAX_RATIO * (member.compress_size + BLOCK):
        sizes = f"{member.compress_size:,} bytes claim to hold {member.file_size:,}"
        yield _fault(inner, sizes, None)
        return
    if member.file_size > shutil.disk_usage(tempfile.gettempdir()).free:
        yield _fault(inner, f"no room for its {member.file_size:,} bytes in a temporary file", None)
        return
    name = member.filename.rstrip("/").lower()
    suffix = next(each for each in WARC_ENDINGS[::-1] if name.endswith(each))
    with tempfile.NamedTemporaryFile(prefix="microfiche-", suffix=suffix) as copy:
        digest = hashlib.sha256()
        broken = None
        for block in _blocks(package, member):
            if isinstance(block, str):
                broken = block
                break
            digest.update(block)
            copy.write(block)
        copy.flush()
        if broken:
            yield _fault(inner, f"the member can't be read whole: {broken}", None)
        elif digests.get(member.filename, digest.hexdigest()) != digest.hexdigest():
            stated = digests[member.filename] or "something that is no SHA-256"
            message = f"SHA-256 is {digest.hexdigest()}, {PACKAGE} says {stated}"
            yield _fault(inner, message, None)
        yield from read_warc(inner._replace(file=Path(copy.name)))


def _printable(name: str) -> str:
    """A member's name as a path below its WACZ: no way up, nothing a terminal would obey."""
    plain = name.encode("utf-8", "backslashreplace").decode("utf-8").replace("\\", "/")
    parts = [
        part for part in CONTROL.sub("\ufffd", plain).split("/") if part not in ("", ".", "..")
    ]
    return "/".join(parts)


def _blocks(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes | str]:
    """The octets of a member, at most as many as it claims; last the reason if they broke off."""
    left = member.file_size
    try:
        with package.open(member) as stored:
            while left > 0 and (block := stored.read(min(BLOCK, left))):
                left -= len(block)
                yield block
    except (*BROKEN, OSError) as error:
        yield in_words(error)


def _stated_digests(package: zipfile.ZipFile) -> tuple[dict[str, str | None], str | None]:
    """(SHA-256 by member as the data package states them, what is wrong with it).

    None stands for a digest that is none. A WACZ without a data package states nothing.
    """
    if PACKAGE not in package.namelist():
        return {}, None
    try:
        with package.open(PACKAGE) as file:
            resources = list(orjson.loads(file.read(MAX_PACKAGE))["resources"])
    except (KeyError, TypeError, OSError, *BROKEN) as error:
        return {}, f"{PACKAGE} can't be read: {in_words(error)}"
    known = [each for each in resources if isinstance(each, dict) and "path" in each]
    pairs = [(str(each["path"]), str(each.get("hash", "")).lower()) for each in known]
    odd = len(resources) - len(known)
    wrong = f"{PACKAGE}: entries that name no file: {odd:,}" if odd else None
    digests: dict[str, str | None] = {}
    for path, stated in pairs:
        match = DIGEST.fullmatch(stated)
        if stated and (match or stated.startswith("sha256")):
            digests[path] = match[1] if match else None
    return digests, wrong
