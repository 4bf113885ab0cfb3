"""Commands that bring captures into an archive: add, capture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from microfiche.cli.arguments import (
    CAPTURE_LIMIT,
    ArchiveOption,
    LimitOption,
)
from microfiche.cli.rendering import (
    choose,
    counted,
    print_json,
    say,
)
from microfiche.errors import CannotRun, UsageError, printable, unusable

ROWS_SHOWN = 5
MAX_READ = 50_000_000  # bytes


def add(
    files: Annotated[list[Path], typer.Argument(metavar="[FILE]...", help="Captures to add.")] = [],  # noqa: B006
    archive: ArchiveOption = Path(),
    outlet: Annotated[str | None, typer.Option(help="Outlet the captures are of.")] = None,
    url: Annotated[str | None, typer.Option(help="Address captured (one file only).")] = None,
    retrieved_at: Annotated[str | None, typer.Option(help="RFC 3339 time with zone.")] = None,
    retrieved_by: Annotated[str | None, typer.Option(help="Person or program.")] = None,
    method: Annotated[str | None, typer.Option(help="How: browser, wget, received.")] = None,
    note: Annotated[str | None, typer.Option(help="What else is known.")] = None,
    records: Annotated[
        Path | None, typer.Option(metavar="TABLE", help="A CSV file, one row a capture.")
    ] = None,
    columns: Annotated[
        str, typer.Option("--map", help="KEY=COLUMN,... of the table, such as url=Link,file=File.")
    ] = "",
    zone: Annotated[str | None, typer.Option(help="Zone of the table's times without one.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show how it is read.")] = False,
) -> None:
    """Copy captures into the archive with their retrieval records."""
    from microfiche.library import open_archive

    if bool(files) == bool(records):
        raise UsageError("give files to add, or --records TABLE", "one or the other")
    if (columns or zone or dry_run) and not records:
        raise UsageError("--map, --zone and --dry-run go with --records", "name the table too")
    if url and (records or len(files) > 1):
        raise UsageError("--url goes with one file", "add the files one by one")
    record = {
        "outlet_id": outlet,
        "url": url,
        "retrieved_at": retrieved_at,
        "retrieved_by": retrieved_by,
        "method": method,
        "notes": note,
    }
    if records:
        add_records(archive, records, (columns, zone), record, dry_run=dry_run)
        return
    for file in files:
        print_added(open_archive(archive).add(file, record))


def print_added(done: Any) -> None:
    """What became of a file, or of a row without one."""
    what = "already there" if done.already_there else "added"
    if hasattr(done, "line"):
        print(f"{what}: {done.place}: an observation without a file, line {done.line}")
        return
    print(f"{what}: {done.place}: outlet {done.outlet_id}, recognised {done.outlet_source}")
    if done.from_registry:
        say(f"copied the known outlet {done.outlet_id} to raw/outlets/{done.outlet_id}.toml")


def add_records(
    archive: Path,
    table: Path,
    how: tuple[str, str | None],
    record: dict[str, str | None],
    *,
    dry_run: bool,
) -> None:
    """Add the rows of a table, or show how it is read."""
    from microfiche.captures.spreadsheet import read_table
    from microfiche.curation.adding import row_mismatches
    from microfiche.library import open_archive

    pairs = [pair.partition("=") for pair in how[0].split(",") if pair]
    if any(not name or not column for name, _, column in pairs):
        raise UsageError(f"--map {how[0]}: not KEY=COLUMN,...", "write url=Link,file=File")
    reading = read_table(table, {name.strip(): column for name, _, column in pairs}, how[1])
    if reading.unused:
        say(f"not used: {', '.join(map(repr, reading.unused))}; give --map KEY=COLUMN to use one")
    if not dry_run:
        for done in open_archive(archive).add_table(reading, record):
            print_added(done)
        return
    print(", ".join(f"{key} from {column!r}" for key, column in reading.columns.items()))
    for row in reading.rows[:ROWS_SHOWN]:
        shown = ", ".join(f"{key} = {value}" for key, value in row.record.items())
        print(f"line {row.line}: {row.file or 'no file'}: {shown or 'nothing known'}")
    mismatches = [*reading.mismatches, *row_mismatches(open_archive(archive), reading, record)]
    for mismatch in mismatches:
        print(f"mismatch: {mismatch}")
    for file in reading.unnamed:
        print(f"not named: {file}")
    wrong = {mismatch.line for mismatch in mismatches}
    fit = counted(sum(row.line not in wrong for row in reading.rows), "row")
    does = "does" if len(mismatches) == 1 else "do"
    print(f"{fit} fit, {counted(len(mismatches), 'cell')} {does} not")
    if mismatches:
        raise typer.Exit(3)


def capture(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Addresses to capture.")],
    archive: ArchiveOption = Path(),
    outlet: Annotated[str | None, typer.Option(help="Outlet the addresses are of.")] = None,
    wayback: Annotated[
        str | None, typer.Option(metavar="DATE", help="Take the memento nearest to this day.")
    ] = None,
    pause: Annotated[float, typer.Option(min=0, help="Seconds between requests to a host.")] = 1.0,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one answer.")] = 30.0,
    max_capture_bytes: LimitOption = CAPTURE_LIMIT,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Reach addresses that are not public too.")
    ] = False,
    ignore_robots: Annotated[
        bool, typer.Option("--ignore-robots", help="Capture what robots.txt does not allow.")
    ] = False,
    endpoint: Annotated[
        str, typer.Option("--wayback-endpoint", help="The web archive that is asked.")
    ] = "https://web.archive.org/web",
) -> None:
    """Capture pages from the web, with everything sent and received."""
    from microfiche.captures.fetching import Manners
    from microfiche.curation.capturing import user_agent
    from microfiche.library import open_archive

    opened = open_archive(archive)
    manners = Manners(
        user_agent(opened),
        pause,
        timeout,
        max_capture_bytes,
        allow_private,
        not ignore_robots,
    )
    missed = 0
    for each in opened.capture(urls, manners, outlet=outlet, wayback=wayback, endpoint=endpoint):
        if each.place:
            print(f"captured: {each.place}: status {each.status}, {each.n_bytes:,} bytes")
        if each.fault:
            say(f"error: {each.fault}" if not each.place else f"{each.place}: {each.fault}")
            missed += each.place is None
    if missed:
        raise typer.Exit(4)


def read(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pages or texts.")],
    archive: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Archive whose outlet files are used.")
    ] = None,
    outlet: Annotated[str | None, typer.Option(help="Outlet of the archive, by its id.")] = None,
    name: Annotated[str | None, typer.Option(help="The outlet's name, without an archive.")] = None,
    url: Annotated[str | None, typer.Option(help="Address captured.")] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="Each line with what it was taken for, and its score.")
    ] = False,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Show what a page or a text is read as, by the reader that builds use."""
    from microfiche.extract.alone import capture_of, lines_alone, read_alone
    from microfiche.library import read_outlet

    choose(form, ("text", "json"))
    whose = read_outlet(archive, outlet, name, url)
    captures = [capture_of(_bytes_of(file), url, file.name) for file in files]
    if lines:
        kinds = [lines_alone(each, whose) for each in captures]
        if form == "json":
            print_json([[each._asdict() for each in held] for held in kinds])
            return
        for each in (line for held in kinds for line in held):
            score = "" if each.score is None else f"{each.score:+,}"
            print(printable(f"{each.kind:<16}{score:>8}  {each.line}"))
        return
    readings = [read_alone(each, whose).as_json() for each in captures]
    if form == "json":
        print_json(readings if len(readings) > 1 else readings[0])
        return
    for reading in readings:
        _print_reading(reading)


def _bytes_of(file: Path) -> bytes:
    """Bytes of a file. Raises CannotRun."""
    try:
        if file.is_file() and file.stat().st_size <= MAX_READ:
            return file.read_bytes()
    except OSError as error:
        raise unusable(file, error) from error
    raise CannotRun(f"{file}: no file, or one above {MAX_READ:,} bytes", "name a page or a text")


def _print_reading(reading: dict[str, Any]) -> None:
    sources = reading.pop("field_sources")
    text = reading.pop("text")
    for field, value in reading.items():
        if value not in (None, ()):
            shown = " | ".join(value) if isinstance(value, tuple) else value
            source = f"  ({': '.join(sources[field])})" if field in sources else ""
            print(printable(f"{field}: {shown}{source}"))
    print(f"\n{printable(text)}" if text else "\nno text")
