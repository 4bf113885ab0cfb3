"""WACZ files: WARC files in a ZIP, with a list of their digests.

A member is copied to a temporary file and read as any WARC; nothing is written by its name. What
the data package says of a member's digest is checked.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import orjson

from microfiche.capture import Capture, Fault
from microfiche.capture.warc import WARC_ENDINGS, Source, read_warc

WACZ_ENDING = ".wacz"
PACKAGE = "datapackage.json"
MAX_PACKAGE = 8 << 20
# WARC members are stored or hardly compressed; more than this is a bomb.
MAX_RATIO = 200
BLOCK = 1 << 20
BROKEN = (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError)


def read_wacz(source: Source) -> Iterator[Capture]:
    """Captures of every WARC file in a WACZ, in the order of their names. Raises OSError."""
    try:
        package = zipfile.ZipFile(source.file)
    except BROKEN as error:
        yield _fault(source, f"no ZIP file: {error}", source.file.stat().st_size)
        return
    with package:
        digests = _stated_digests(package)
        members = [each for each in package.infolist() if each.filename.endswith(WARC_ENDINGS)]
        for member in sorted(members, key=lambda each: each.filename):
            yield from _of_member(source, package, member, digests)
        if not members:
            yield _fault(source, "it holds no WARC file", source.file.stat().st_size)


def _fault(source: Source, message: str, size: int | None) -> Capture:
    return Capture(source.source_file, None, None, size, None, faults=(Fault("MF316", message),))


def _of_member(
    source: Source,
    package: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    digests: Mapping[str, str],
) -> Iterator[Capture]:
    inner = source._replace(source_file=f"{source.source_file}/{_printable(member.filename)}")
    if member.file_size > MAX_RATIO * (member.compress_size + BLOCK):
        yield _fault(
            inner, f"{member.compress_size:,} bytes claim to hold {member.file_size:,}", None
        )
        return
    suffix = next(each for each in WARC_ENDINGS[::-1] if member.filename.endswith(each))
    with tempfile.NamedTemporaryFile(prefix="microfiche-", suffix=suffix) as copy:
        try:
            with package.open(member) as stored:
                digest = _copied(stored, copy, member.file_size)
        except BROKEN as error:
            yield _fault(inner, f"the member can't be read whole: {error}", None)
        else:
            stated = digests.get(member.filename)
            if stated and stated != digest:
                yield _fault(inner, f"SHA-256 is {digest}, {PACKAGE} says {stated[:80]}", None)
        copy.flush()
        yield from read_warc(inner._replace(file=Path(copy.name)))


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8").replace("\\", "/").lstrip("/")


def _copied(stored: IO[bytes], copy: IO[bytes], size: int) -> str:
    """Copy at most `size` bytes; their SHA-256."""
    digest, left = hashlib.sha256(), size
    while left > 0 and (block := stored.read(min(BLOCK, left))):
        copy.write(block)
        digest.update(block)
        left -= len(block)
    return digest.hexdigest()


def _stated_digests(package: zipfile.ZipFile) -> dict[str, str]:
    """SHA-256 by member, as the data package states them; empty if it states none."""
    try:
        with package.open(PACKAGE) as file:
            resources = orjson.loads(file.read(MAX_PACKAGE)).get("resources", [])
        return {
            each["path"]: each["hash"].removeprefix("sha256:")
            for each in resources
            if each["hash"].startswith("sha256:")
        }
    except (KeyError, AttributeError, TypeError, *BROKEN):
        return {}
