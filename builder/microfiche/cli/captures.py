"""Commands that bring captures into an archive: add, capture."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    progress,
    say,
)
from microfiche.errors import CannotRun, DataError, UsageError, printable, unusable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from microfiche.captures.cells import Order
    from microfiche.curation.rows import Plan

ROWS_SHOWN, REFUSALS_SHOWN, COUNTS_SHOWN = 5, 50, 12
MAX_READ = 50_000_000  # bytes


def add(
    files: Annotated[
        list[Path], typer.Argument(metavar="[FILE]...", help="Captures, or tables of articles.")
    ] = [],  # noqa: B006
    archive: ArchiveOption = Path(),
    outlet: Annotated[str | None, typer.Option(help="Outlet the captures are of.")] = None,
    url: Annotated[str | None, typer.Option(help="Address captured (one file only).")] = None,
    retrieved_at: Annotated[str | None, typer.Option(help="RFC 3339 time with zone.")] = None,
    retrieved_by: Annotated[str | None, typer.Option(help="Person or program.")] = None,
    method: Annotated[str | None, typer.Option(help="How: browser, wget, received.")] = None,
    note: Annotated[str | None, typer.Option(help="What else is known.")] = None,
    records: Annotated[
        Path | None, typer.Option(metavar="TABLE", help="A table, one row a capture.")
    ] = None,
    columns: Annotated[
        str, typer.Option("--map", help="KEY=COLUMN,... of the table, such as url=Link,text=Body.")
    ] = "",
    preset: Annotated[
        str | None, typer.Option(metavar="TOOL", help="The map of what a tool writes.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Zone of the table's times without one.")] = None,
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="How 3/4/2014 is meant.")
    ] = None,
    annotated_by: Annotated[
        str | None, typer.Option(metavar="WHO", help="Who judged what annotations say.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show how it is read.")] = False,
) -> None:
    """Copy captures into the archive with their retrieval records."""
    from microfiche.library import open_archive

    if bool(files) == bool(records):
        raise UsageError("give files to add, or --records TABLE", "one or the other")
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
    asked = [columns, preset, zone, day_first, annotated_by]
    of_tables = any(each not in (None, "") for each in asked) or dry_run
    tables = [records] if records else [each for each in files if _is_table(each, of_tables)]
    if url and tables:
        raise UsageError("--url goes with a capture, not with a table", "name a column: --map url=")
    order: Order = None if day_first is None else "day" if day_first else "month"
    for table in tables:
        how = (columns, preset, zone, order, annotated_by)
        add_records(archive, table, how, record, dry_run=dry_run)
    for folder in (each for each in files if each.is_dir() and each not in tables):
        _add_folder(archive, folder, record, dry_run=dry_run)
    for file in (each for each in files if each not in tables and not each.is_dir()):
        if not url and _add_export(archive, file, record, dry_run=dry_run):
            continue
        if of_tables:
            raise UsageError(
                f"{file}: --map, --preset, --zone and the like go with tables", "leave them out"
            )
        print_added(open_archive(archive).add(file, record))


def _add_folder(
    archive: Path, folder: Path, record: dict[str, str | None], *, dry_run: bool
) -> None:
    """Add every file of a folder that can be added; say of the others why not."""
    from microfiche.captures.tabular import is_tabular
    from microfiche.curation.adding import files_in
    from microfiche.errors import MicroficheError
    from microfiche.library import open_archive

    held = files_in(folder)
    kinds = Counter(file.suffix.lower() or "no ending" for file, _ in held)
    say(f"{folder}: {counted(len(held), 'file')}: {_most(kinds)}")
    stated = {key: value for key, value in record.items() if value is not None}
    refused = []
    for file, own in held:
        try:
            if is_tabular(file):
                how = ("", None, None, None, None)
                add_records(archive, file, how, record, dry_run=dry_run)
            elif not _add_export(archive, file, record, dry_run=dry_run) and not dry_run:
                print_added(open_archive(archive).add(file, {**stated, **own}))
        except MicroficheError as error:
            refused.append(f"{file}: {error}")
    for each in refused:
        say(f"refused: {each}")
    if refused:
        say(f"{counted(len(refused), 'file')} of {len(held):,} refused")
    if len(refused) == len(held):
        raise DataError(f"{folder}: nothing was added", "see the reasons above")


def _is_table(file: Path, of_tables: bool) -> bool:
    """Whether a file is read as a table: by its kind, or by options that hold of tables alone."""
    from microfiche.captures.tabular import is_tabular

    return is_tabular(file) or (of_tables and file.suffix.lower() in (".json", ".jsonl", ".ndjson"))


def _add_export(archive: Path, file: Path, record: dict[str, str | None], *, dry_run: bool) -> bool:
    """Add the articles of a press database's export; whether the file is one."""
    from microfiche.library import open_archive

    with progress() as report:
        places = open_archive(archive).add_export(
            file, record, _tell_plan, dry_run=dry_run, progress=report
        )
    _print_places([] if dry_run else places or [])
    return places is not None


def _print_places(places: Sequence[Path]) -> None:
    for place in places:
        print(f"added: {place}")


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
    options: tuple[str, str | None, str | None, Order, str | None],
    record: dict[str, str | None],
    *,
    dry_run: bool,
) -> None:
    """Add the rows of a table, or show how it is read."""
    from microfiche.captures.spreadsheet import read_table
    from microfiche.curation.adding import row_mismatches
    from microfiche.curation.rows import Harvest
    from microfiche.library import open_archive

    columns, preset, zone, order, by = options
    pairs = [pair.partition("=") for pair in columns.split(",") if pair]
    if any(not name or not sign for name, sign, _ in pairs):
        raise UsageError(f"--map {columns}: not KEY=COLUMN,...", "write url=Link,text=Body")
    stated = {name.strip(): column for name, _, column in pairs}
    how = Harvest(stated, record, preset, zone, order, by)
    with progress() as report:
        places = open_archive(archive).add_articles(
            table, how, _tell_plan, dry_run=dry_run, progress=report
        )
    if places is not None:
        _print_places([] if dry_run else places)
        return
    reading = read_table(table, stated, zone)
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


def _tell_plan(plan: Plan) -> None:
    """What a table gives, before it is added, on standard error."""
    if plan.database:
        say(f"{plan.source}: {counted(plan.n_rows, 'article')} of an export of {plan.database}")
    else:
        say(f"{plan.source}: {counted(plan.n_rows, 'row')}")
    _tell_columns(plan)
    say(f"{plan.n_fit:,} fit, {plan.n_refused:,} refused")
    for what, counts in (("outlet", plan.outlets), ("host", plan.hosts), ("month", plan.months)):
        if counts:
            say(f"by {what}: {_most(counts)}")
    if plan.unclaimed:
        say(
            f"of no outlet yet: {_most(plan.unclaimed)}; run `microfiche outlets --new --all`, or "
            "write them into the files of outlets that they are of: hosts as [[domains]], names "
            "among `other_names`"
        )
    for count, what in (
        (plan.n_undated, "without a day of publication"),
        (plan.n_unretrieved, "without a time of retrieval"),
        (plan.n_unzoned, "whose time of retrieval states no zone; give --zone"),
        (plan.n_untimed, "whose time of publication or change states no zone; give --zone"),
        (plan.pages, "with a whole page, from which all else is read"),
        (len(plan.known), "already there: files of captures"),
    ):
        if count:
            say(f"{count:,} {what}")
    _tell_refused(plan)


def _tell_columns(plan: Plan) -> None:
    """What each column says."""
    mapped = plan.columns
    for key, column in mapped.columns.items():
        say(f"  {key} from {column!r}{_guessed(key, mapped.guessed)}{_ordered(plan, column)}")
    for name, column in mapped.annotations.items():
        guessed = _guessed(f"annotation.{name}", mapped.guessed)
        say(f"  annotation {name!r} from {column!r}{guessed}")
    if plan.unread:
        say(f"  not read: {', '.join(plan.unread)}; give each as a table of its own")
    if mapped.unused:
        say(f"  not used: {', '.join(map(repr, mapped.unused))}; --map KEY=COLUMN uses one")


def _tell_refused(plan: Plan) -> None:
    """What is left out, and which rows do not fit."""
    for (key, cell), count in sorted(plan.left_out.items()):
        say(f"left out: {key} {cell!r} ({counted(count, 'row')})")
    for mismatch in plan.refused[:REFUSALS_SHOWN]:
        say(f"refused: {mismatch}")
    if plan.n_refused > REFUSALS_SHOWN:
        say(f"refused: {plan.n_refused:,} rows in all, of which the first are shown")


def _guessed(key: str, guessed: Sequence[str]) -> str:
    return " (by its name)" if key in guessed else ""


def _ordered(plan: Plan, column: str) -> str:
    return f" ({plan.orders[column]})" if column in plan.orders else ""


def _most(counts: Mapping[str, int]) -> str:
    """The largest counts, and how many more there are."""
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    shown = ", ".join(f"{name} {count:,}" for name, count in ranked[:COUNTS_SHOWN])
    more = len(ranked) - COUNTS_SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown


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
