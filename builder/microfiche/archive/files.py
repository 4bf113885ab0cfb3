"""The archive's own files, read once: what they are parsed from is what a release carries.

A file that is saved while a build runs changes nothing any more. Only regular files of the archive
count, as UTF-8: a link that leads elsewhere, a pipe or octets that are no text are findings.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from microfiche.errors import printable
from microfiche.finding import Finding

LEARNED = ".boilerplate.toml"
RELEASES, WITHDRAWALS, ALIASES, ANNOTATIONS, CORRECTIONS, REPLACED = (
    "raw/releases.toml", "raw/withdrawals.jsonl", "raw/aliases.jsonl", "raw/annotations.jsonl",
    "raw/corrections.jsonl", "raw/replaced.jsonl",
)  # fmt: skip
DATASET, CARD, DATASHEET = "raw/dataset.toml", "raw/CARD.md", "DATASHEET.md"
NAMED = (
    DATASET, CARD, ALIASES, ANNOTATIONS, CORRECTIONS, REPLACED, WITHDRAWALS, RELEASES, DATASHEET,
)  # fmt: skip
OUTLETS = "raw/outlets/"
# Files of lines may be long; what is parsed as a whole takes up to 0.8 s a million octets.
MAX_BYTES, MAX_LINES = 8 << 20, 512 << 20
LEFT = frozenset((".DS_Store", ".directory", "Thumbs.db", "ehthumbs.db", "desktop.ini", "Icon\r"))


def is_left(name: str) -> bool:
    """Whether a file is one that systems and editors leave in folders, by its name."""
    if name.endswith(".parquet"):
        return False  # whatever it is called, some reader takes it for a table
    swap = name.startswith(".") and name.endswith((".swp", ".swo"))
    saved = name.startswith("#") and name.endswith("#")
    return name in LEFT or name.startswith(("._", ".#")) or name.endswith("~") or swap or saved


def read_own_files(root: Path, findings: list[Finding]) -> Mapping[str, bytes]:
    """The own files that are there and can be used, by path. Raises OSError."""
    folder = root / OUTLETS
    held = folder.iterdir() if folder.exists() else ()  # unlike glob, says what it cannot do
    names = (file.name for file in held)
    outlets = sorted(name for name in names if name.endswith(".toml") and not is_left(name))
    found: dict[str, bytes] = {}
    for where in (*NAMED, *(f"{OUTLETS}{name}" for name in outlets)):
        if not os.path.lexists(root / where):
            continue
        faults = list(_faults(root, where))
        if not faults:
            octets = (root / where).read_bytes()
            faults = list(_damage(where, octets))
            found |= {} if faults else {where: octets}
        findings += faults
    return found


def _faults(root: Path, where: str) -> Iterator[Finding]:
    """Why a path is no file of the archive: it leads elsewhere, or is no regular file."""
    file, named = root / where, printable(where)
    # raw/ as a whole may lie on another disk
    target, *homes = (os.path.realpath(each) for each in (file, root, root / "raw"))
    if not any(Path(target).is_relative_to(home) for home in homes):
        yield Finding(named, "", "MF105", "a symbolic link whose target lies outside the archive")
    elif not file.is_file():
        yield Finding(named, "", "MF103", "not a regular file")
    elif (size := file.stat().st_size) > (
        limit := MAX_LINES if named.endswith(".jsonl") else MAX_BYTES
    ):
        yield Finding(named, "", "MF103", f"{size:,} bytes, the limit is {limit:,}")


def _damage(where: str, octets: bytes) -> Iterator[Finding]:
    """What is no text in the octets of a file."""
    if octets.startswith(codecs.BOM_UTF8):
        yield Finding(printable(where), "line 1", "MF103", "a byte-order mark; save it without one")
        return
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        message = f"no UTF-8: octet {octets[error.start]:#04x}"
        yield Finding(printable(where), f"line {line}", "MF103", message)
        return
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        yield Finding(printable(where), f"line {line}", "MF103", "a NUL character")
