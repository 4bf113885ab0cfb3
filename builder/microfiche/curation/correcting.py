"""Correcting a reading: the lines that do it, with what is read until then.

What makes a revision is corrected capture by capture; named by its article, it is so of every
capture that shows the same.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from microfiche.archive import DEFAULT_CAPTURE_LIMIT, Archive
from microfiche.archive.corrections import OF_CAPTURES, value_faults
from microfiche.archive.files import CORRECTIONS
from microfiche.archive.writing import append_lines
from microfiche.collation.correcting import value_of
from microfiche.dates import is_day
from microfiche.engine import Progress, silent
from microfiche.errors import CannotRun, DataError, UsageError, unusable
from microfiche.extract.alone import read_alone
from microfiche.fixity import canonical_json, sha256_hex
from microfiche.pipeline.inspecting import capture_at, find_captures
from microfiche.pipeline.previewing import preview
from microfiche.pipeline.validation import latest_release
from microfiche.release import CAPTURE_ID, Release
from microfiche.release.searching import find
from microfiche.schema import kind_of, record_type

DATE_SPEC = {"type": "string"}


@dataclass(frozen=True)
class Corrected:
    """What a correction wrote: of which article, which lines; the value before and after.

    There are no lines where the last ones say just that already. Values are plain JSON.
    `article_id` is None for a capture that is not in a release at hand.
    """

    article_id: str | None
    field: str
    before: Any
    after: Any
    lines: tuple[Mapping[str, Any], ...]


def correct(
    archive: Archive,
    wanted: str,
    field: str,
    value: Any,
    statement: Mapping[str, str | None],
    today: Callable[[], datetime.date] = datetime.date.today,
    progress: Progress = silent,
) -> Corrected:
    """Write lines to raw/corrections.jsonl that put a field right.

    `wanted` is a capture's id, its file in the archive, or what `find` takes of the newest release,
    or of the next one if there is none. `value` is plain JSON, `statement` has `reason`, `by` and,
    if known, `date`. Raises UsageError for a field or value that cannot be, DataError for what is
    not there, CannotRun.
    """
    stated = {
        "field": field,
        "value": value,
        "reason": statement.get("reason"),
        "by": statement.get("by"),
        "date": statement.get("date") or today().isoformat(),
    }
    _check(stated)
    for finding in archive.findings:
        if finding.severity == "error" and finding.where == CORRECTIONS:
            raise DataError(str(finding))
    wanted = capture_at(archive, Path(wanted)) or wanted
    if field in OF_CAPTURES:
        article_id, held = _captures(archive, wanted, field, progress)
        named = [("capture_id", each, read) for each, read in held.items()]
    else:
        article_id, read = _article(archive, wanted, field, progress)
        named = [("article_id", article_id, read)]
    lines = [
        {name: each, **stated, "was_sha256": sha256_hex(canonical_json(read))}
        for name, each, read in named
    ]
    kind = record_type("correction-line")
    for line in lines:
        for pointer, message in kind.explain(line):
            raise UsageError(f"--{pointer.strip('/')}: {message}", "correct the option")
    lines = [each for each in lines if not _is_last(archive.corrections, each)]
    try:
        append_lines(archive.root / CORRECTIONS, lines)
    except OSError as error:
        raise unusable(archive.root / CORRECTIONS, error) from error
    return Corrected(article_id, field, named[0][2], value, tuple(lines))


def _is_last(lines: Sequence[Mapping[str, Any]], new: Mapping[str, Any]) -> bool:
    """Whether the last line of the same field of the same is this one, whatever its day."""
    name = "capture_id" if "capture_id" in new else "article_id"
    same = [each for each in lines if (each.get(name), each["field"]) == (new[name], new["field"])]
    return bool(same) and {**same[-1], "date": None} == {**new, "date": None}


def read_value(field: str, text: str) -> Any:
    """A value as it is typed, as plain JSON: a list's parts with `;` between, nothing for none.

    `@FILE` stands for what the file holds, `@@` for one @ at the beginning. Raises UsageError
    for a field that there is not, or that cannot be corrected, CannotRun.
    """
    fields = record_type("correction").document["properties"]["field"]["enum"]
    if field not in fields:
        raise UsageError(f"{field}: no field to correct", f"fields are {', '.join(fields)}")
    if text.startswith("@@"):
        text = text[1:]
    elif text.startswith("@"):
        text = _held_by(Path(text[1:]))
    spec = record_type("record").document["properties"].get(field, DATE_SPEC)
    kind = kind_of(spec)
    if kind == "array":
        if text.lstrip().startswith("["):
            try:
                return orjson.loads(text)
            except ValueError as error:
                raise UsageError(f"{field}: no JSON list: {error}", "or write A; B; C") from error
        return [part for each in text.split(";") if (part := each.strip())]
    if "\\n" in text and "\n" not in text and field == "text":
        raise UsageError(
            "text: a backslash and an n are no line break", "put the text into a file: @FILE"
        )
    if kind == "boolean":
        known = {"true": True, "false": False, "": None}
        if text not in known:
            raise UsageError(f"{field}: {text!r} is neither true nor false", "write one of them")
        return known[text]
    return text if text.strip() else None


def _held_by(file: Path) -> str:
    """The text of a file. Raises CannotRun."""
    if not file.is_file() or file.stat().st_size > DEFAULT_CAPTURE_LIMIT:
        raise CannotRun(
            f"{file}: no file, or too large a one", "correct the path; write @@ for an @ alone"
        )
    try:
        return file.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        raise CannotRun(f"{file}: no text: {error}", "save it as UTF-8") from error


def _check(stated: Mapping[str, Any]) -> None:
    if not is_day(stated["date"]):
        raise UsageError(f"--date: {stated['date']!r} is no day", "write it as YYYY-MM-DD")
    for _, message in value_faults(stated["field"], stated["value"], stated["date"]):
        raise UsageError(f"{stated['field']}: {message}", "correct the value")
    for name in ("reason", "by"):
        if not (stated[name] or "").strip():
            raise UsageError(f"--{name}: nothing is stated", "say why, and who says so")


def _captures(
    archive: Archive, wanted: str, field: str, progress: Progress
) -> tuple[str | None, dict[str, Any]]:
    """(the article, what each capture to be corrected is read as, by its id)."""
    if CAPTURE_ID.fullmatch(wanted):
        held = _readings(archive, [wanted], field)
        _check_published(archive, wanted, progress)
        return None, held
    with _release(archive, wanted, progress) as release:
        row = release.article(find(release, wanted))
        own = row["article_id"]
        shown = [
            each["capture_id"]
            for each in release.select("captures", "article_id", [own])
            if each["revision_id"] == row["revision_id"]
        ]
        lines = [
            each for each in release.select("corrections", "article_id", [own])
            if each["field"] == field
        ]  # fmt: skip
    readings = _readings(archive, shown, field)
    corrected = {each["capture_id"] for each in lines}
    current = row[field]
    same = {each: read for each, read in readings.items() if read == current or each in corrected}
    if not same:
        raise DataError(
            f"{own}: none of its captures is read as version {release.version} has it",
            "build the next release first, or name a capture",
        )
    return own, same


def _check_published(archive: Archive, capture_id: str, progress: Progress) -> None:
    """Refuse a capture that releases have not: a correction of it would stop every build."""
    with _release(archive, capture_id, progress) as release:
        rows = release.select("captures", "capture_id", [capture_id])
    withdrawn = archive.withdrawn_roots()
    if not rows or rows[0]["article_id"] in withdrawn:
        raise DataError(
            f"{capture_id}: it is rejected, or of a withdrawn article: nothing of it is published",
            "see what `microfiche validate` finds of its file",
        )


def _readings(archive: Archive, ids: Sequence[str], field: str) -> dict[str, Any]:
    """What captures are read as, without corrections, by their ids."""
    found = {}
    for capture_id, inspected in find_captures(archive, ids).items():
        value = getattr(read_alone(inspected.capture, inspected.outlet), field)
        found[capture_id] = list(value) if isinstance(value, tuple) else value
    return found


def _article(archive: Archive, wanted: str, field: str, progress: Progress) -> tuple[str, Any]:
    """(the article's id, what it has in a field without corrections)."""
    with _release(archive, wanted, progress) as release:
        if CAPTURE_ID.fullmatch(wanted):
            held = release.select("captures", "capture_id", [wanted])
            wanted = next((each["article_id"] for each in held if each["article_id"]), wanted)
        row = release.article(find(release, wanted))
        for each in release.select("corrections", "article_id", [row["article_id"]]):
            if each["field"] == field and each["before"] is not None:
                return row["article_id"], orjson.loads(each["before"])
        return row["article_id"], value_of(row, field)


@contextmanager
def _release(archive: Archive, wanted: str, progress: Progress) -> Iterator[Release]:
    """The newest release if it has what is wanted, else the next one, made aside."""
    newest = latest_release(archive)
    if newest is not None and _has(newest, wanted):
        yield newest
        return
    progress("looking at what a release would be", 0, 1)
    with preview(archive, silent) as found:
        if found.release is None:
            raise DataError(f"{archive.root}: {found.refusal}", "see `microfiche validate`")
        yield found.release


def _has(release: Release, wanted: str) -> bool:
    if CAPTURE_ID.fullmatch(wanted):
        return bool(release.select("captures", "capture_id", [wanted]))
    try:
        return bool(release.article(find(release, wanted)))
    except DataError:
        return False
