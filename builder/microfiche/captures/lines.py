"""The line of a file that a finding speaks of: it names a line, a byte, a character or a member."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from microfiche.finding import Finding

LINE, OFFSET = re.compile(r"line (\d+)"), re.compile(r"(byte|character) (\d+)")
AT_LINE = re.compile(r"\bat line (\d+)")
UNEXPECTED = re.compile(r"there is no key '([^']+)'")
BESIDE = re.compile(r"(?P<file>[^\s/]+\.(?:toml|jsonl))(?::? (?P<rest>.*))?$")
HEADER = re.compile(r"\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
KEY = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([\w-]+))(?:\s*\.\s*[\w-]+)*\s*=""")
MAX_READ = 64 << 20  # octets of a file that are looked through


class Located(NamedTuple):
    """Where a finding stands: a file of the archive, and its line; None where there is none."""

    path: str
    line: int | None


def locate(root: Path, finding: Finding) -> Located:
    """The file and the line of a finding; of what a record beside a capture states, its own."""
    path, place = finding.where, finding.place
    if beside := BESIDE.match(place):
        path, place = f"{path.rpartition('/')[0]}/{beside['file']}", beside["rest"] or "/"
    if stated := LINE.match(place) or (not place and AT_LINE.search(finding.message)):
        return Located(path, int(stated[1]))
    text = _text(root / path)
    if path.endswith(".toml") and place.startswith("/"):
        unknown = UNEXPECTED.search(finding.message)
        member = f"{place.rstrip('/')}/{unknown[1]}" if unknown else place
        return Located(path, toml_line(text, member) or toml_line(text, place))
    if (offset := OFFSET.match(place)) and "\0" not in text[:4096]:
        counted = text.encode() if offset[1] == "byte" else text
        if int(offset[2]) <= len(counted):
            return Located(path, len(counted[: int(offset[2])].splitlines()) or 1)
    return Located(path, _heading(text, place) if place and path.endswith(".md") else None)


def _text(file: Path) -> str:
    """A file as text; nothing of one that cannot be read, or is too large."""
    try:
        whole = file.is_file() and file.stat().st_size <= MAX_READ
        return file.read_bytes().decode("utf-8", "replace") if whole else ""
    except OSError:
        return ""


def toml_line(text: str, pointer: str) -> int | None:
    """The line of a member, or of the nearest that holds it; None if none does."""
    wanted = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    counts: dict[tuple[str, ...], int] = {}
    table: list[str] = []
    best, depth = None, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.match(line):
            parts = [part.strip().strip("\"'") for part in header[2].split(".")]
            if len(header[1]) == 2:
                counts[tuple(parts)] = counts.get(tuple(parts), -1) + 1
            table = []
            for place in range(len(parts)):
                table.append(parts[place])
                if (count := counts.get(tuple(parts[: place + 1]))) is not None:
                    table.append(str(count))
            path = table
        elif key := KEY.match(line):
            path = [*table, next(filter(None, key.groups()))]
        else:
            continue
        if wanted[: len(path)] == path and len(path) > depth:
            best, depth = number, len(path)
    return best


def _heading(text: str, title: str) -> int | None:
    """The line of a heading of Markdown."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#") and line.lstrip("# ").strip().casefold() == title.casefold():
            return number
    return None
