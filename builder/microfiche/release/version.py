"""Which version a release gets: computed from what differs, never typed.

MAJOR: a published revision is gone or differs, a published id resolves no more, an article is
withdrawn, a stated content value changed, a column was removed or retyped. MINOR: rows, columns or
values were added, or provenance changed. PATCH: equal records, other descriptions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from microfiche.errors import UsageError
from microfiche.schema import RecordType, type_name

VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")


def version_key(version: str) -> tuple[int, int, int]:
    """Sort key of a version. Raises UsageError if it is none."""
    match = VERSION.fullmatch(version)
    if not match:
        raise UsageError(f"{version!r} is no version", "write it as MAJOR.MINOR.PATCH")
    major, minor, patch = map(int, match.groups())
    return major, minor, patch


Level = Literal["major", "minor", "patch"]
FIRST = "1.0.0"
LEVELS: tuple[Level, ...] = ("patch", "minor", "major")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One reason for a new version: how much it matters and what it is, in words."""

    level: Level
    reason: str


def next_version(previous: str, differences: Iterable[Difference]) -> tuple[str, list[str]]:
    """(version, reasons) after `previous`; the reasons of the deciding level, counted."""
    found = Counter(differences)
    level = max((each.level for each in found), key=LEVELS.index, default="patch")
    major, minor, patch = version_key(previous)
    version = {
        "major": f"{major + 1}.0.0",
        "minor": f"{major}.{minor + 1}.0",
        "patch": f"{major}.{minor}.{patch + 1}",
    }[level]
    reasons = [
        f"{each.reason} ({count})" if count > 1 else each.reason
        for each, count in sorted(found.items(), key=lambda item: item[0].reason)
        if each.level == level
    ]
    return version, reasons or ["equal records, other descriptions"]


def chosen_version(
    wanted: str | None, computed: str, reasons: Sequence[str], twin: str | None = None
) -> str:
    """The version asked for if it is high enough, else the computed one.

    A public release has the version of its `twin`, the full release of the same records, unless
    its own line of versions is past that. Raises UsageError with the reasons.
    """
    lowest = max(filter(None, (computed, twin)), key=version_key)
    if wanted is None:
        return lowest
    check_wanted(wanted, computed, reasons)
    return wanted


def check_wanted(wanted: str | None, lowest: str, reasons: Sequence[str]) -> None:
    """Raise UsageError, with the reasons, if a version is asked for that is too low."""
    if wanted is not None and version_key(wanted) < version_key(lowest):
        raise UsageError(
            f"version {wanted} is too low: {'; '.join(reasons)}", f"{lowest} is the lowest"
        )


def column_differences(old: RecordType, new: RecordType, table: str) -> Iterator[Difference]:
    """What became of a table's columns, by the schemas of the two releases."""
    before = {field.name: type_name(field.spec) for field in old.fields}
    after = {field.name: type_name(field.spec) for field in new.fields}
    for name in sorted(before.keys() | after.keys()):
        if name not in after or before.get(name, after[name]) != after[name]:
            yield Difference("major", f"column {table}.{name} was removed or retyped")
        elif name not in before:
            yield Difference("minor", f"column {table}.{name} was added")


def value_differences(old: Row, new: Row, kind: RecordType) -> set[Difference]:
    """What changed between two states of one article row, each kind of change once."""
    found = set()
    for field in kind.fields:
        before, after = old.get(field.name), new.get(field.name)
        if before == after or field.name in ("article_id", "record_sha256"):
            continue
        if field.change == "content" and before not in (None, []):
            found.add(Difference("major", f"a stated {field.name} changed"))
        elif field.change == "content":
            found.add(Difference("minor", f"an unknown {field.name} became known"))
        elif field.change == "provenance":
            found.add(Difference("minor", f"{field.name} changed"))
        elif field.change == "revision":
            found.add(Difference("minor", "an article has a new current revision"))
    return found
