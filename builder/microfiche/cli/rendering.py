"""What commands share in showing things: lines for a person, results, progress.

Results go to standard output, all else to standard error.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from microfiche.errors import UsageError, printable

if TYPE_CHECKING:
    from microfiche.finding import Finding


@dataclass
class Loudness:
    """How much is told, by the options that every command has."""

    quiet: bool = False
    verbose: bool = False


LOUDNESS = Loudness()
PASSAGE = 200  # letters at either end of a place that differs
COLOURS = {"error": "31;1", "warning": "33;1", "note": "36;1"}


def say(line: str) -> None:
    """A line for the person, on standard error; none with --quiet."""
    if not LOUDNESS.quiet:
        complain(line)


def complain(line: str) -> None:
    """A line about what went wrong, on standard error."""
    with contextlib.suppress(OSError):
        print(printable(line), file=sys.stderr)


def is_terminal(file: TextIO) -> bool:
    """Whether a person reads a stream on a terminal."""
    return file.isatty() and os.environ.get("TERM") != "dumb"


def coloured(text: str, colour: str, file: TextIO) -> str:
    """Text in a colour, on a terminal whose user has not said NO_COLOR."""
    if not is_terminal(file) or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m"


def wrapped(line: str, file: TextIO) -> str:
    """A line as long as a terminal is wide, what goes on below it indented; else as it is."""
    if not is_terminal(file):
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(
        line,
        shutil.get_terminal_size().columns,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def choose(value: str, options: Iterable[str], name: str = "--format") -> None:
    """Refuse a value that is not among the options."""
    known = list(options)
    if value not in known:
        raise UsageError(f"{name} {value}: not known", f"use one of {', '.join(known)}")


def print_json(value: Any) -> None:
    """A value as indented JSON on standard output."""
    import json

    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Rows as CSV; a cell that a spreadsheet would run stands behind an apostrophe."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        cells = ("" if row[name] is None else printable(str(row[name])) for name in columns)
        writer.writerow([f"'{cell}" if cell[:1] in tuple("=+-@") else cell for cell in cells])


def print_nowhere() -> None:
    """Let go of a standard output that nobody reads, or that cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def counted(count: int, noun: str) -> str:
    """A count with its noun."""
    several = f"{noun[:-1]}ies" if noun.endswith("try") else f"{noun}s"
    several = f"{noun}es" if noun.endswith("s") else several
    return f"{count:,} {noun if count == 1 else several}"


def in_bytes(count: int) -> str:
    """A size, in the largest unit that it has one of."""
    units = ("bytes", "kB", "MB", "GB", "TB")
    power = min(len(str(count)) - 1, 3 * len(units) - 1) // 3
    return f"{count:,} bytes" if power == 0 else f"{count / 1000**power:.1f} {units[power]}"


def summary(findings: Iterable[Finding]) -> str:
    """How many errors and warnings."""
    severities = [finding.severity for finding in findings]
    errors, warnings = severities.count("error"), severities.count("warning")
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"


def write_result(data: bytes, out: Path | None) -> None:
    """A result to a file, or to standard output."""
    if out is None:
        print(data.decode(), end="")
        return
    out.write_bytes(data)
    say(f"wrote {out}")


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress report: a bar on a terminal, a line a stage elsewhere, nothing with --quiet."""
    if LOUDNESS.quiet:
        yield lambda _stage, _done, _total: None
        return
    if not is_terminal(sys.stderr):
        last = ""

        def tell(stage: str, _done: int, total: int) -> None:
            nonlocal last
            if total and stage != last:
                last = stage
                say(f"{stage} ...")

        yield tell
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total, rate="")
            bars.update(tasks[stage], completed=done)
            speed = bars.tasks[tasks[stage]].speed
            bars.update(tasks[stage], rate=f"{speed:,.0f}/s" if speed else "")

        yield report


def compared(name: str, before: Any, after: Any) -> Iterator[str]:
    """A value before and after; of a text the places that differ, words gone and {+new+}."""
    if name != "text":
        yield f"{name}: {_shown(before)} -> {_shown(after)}"
        return
    from microfiche.describe.wording import changed_passages, marked

    sides = [before.split("\n\n"), after.split("\n\n")]
    counts = [counted(len(each), "paragraph") for each in sides]
    words = [counted(len(each.split()), "word") for each in (before, after)]
    yield f"{name}: {counts[0]}, {words[0]} -> {counts[1]}, {words[1]}"
    for passage in changed_passages(*sides):
        told = marked(passage)
        short = f"{told[:PASSAGE]} … {told[-PASSAGE:]}" if len(told) > 2 * PASSAGE else told
        yield f"{name}: {short}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(value) or "nothing"
    return "nothing" if value is None else str(value)
