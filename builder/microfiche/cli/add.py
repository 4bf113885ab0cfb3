"""The command that brings what somebody holds into an archive: files, folders, tables, exports."""

from __future__ import annotations

import datetime
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from microfiche.cli.arguments import ArchiveOption, must_exist
from microfiche.cli.plans import most, tell_files, tell_refusal, tell_rows
from microfiche.cli.rendering import counted, print_nowhere, progress, say
from microfiche.errors import CannotRun, DataError, UsageError, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microfiche.curation.folders import Held, Refused
    from microfiche.dates import Order

    Statement = Mapping[str, str] | None  # of what is replaced: why, who says so, when

ROWS_SHOWN = 5


def add(
    files: Annotated[
        list[Path], typer.Argument(metavar="[FILE]...", help="Captures, or tables of articles.")
    ] = [],  # noqa: B006
    archive: ArchiveOption = Path(),
    outlet: Annotated[str | None, typer.Option(help="Outlet the captures are of.")] = None,
    url: Annotated[str | None, typer.Option(help="Address captured (one file only).")] = None,
    retrieved_at: Annotated[
        str | None, typer.Option(help="RFC 3339 time with zone, or a day.")
    ] = None,
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
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of what was added before.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="With --replace: what was wrong.")] = None,
    by: Annotated[str | None, typer.Option(help="With --replace: who says so.")] = None,
) -> None:
    """Copy captures into the archive with their retrieval records."""
    from microfiche.curation.folders import record_beside

    statement = _statement(replace=replace, reason=reason, by=by)
    if bool(files) == bool(records):
        raise UsageError("give files to add, or --records TABLE", "one or the other")
    must_exist([*files, *([records] if records else [])])
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
    of_tables = any(each not in (None, "") for each in asked)
    tables = [records] if records else [each for each in files if _is_table(each, of_tables)]
    if url and tables:
        raise UsageError("--url goes with a capture, not with a table", "name a column: --map url=")
    order: Order = None if day_first is None else "day" if day_first else "month"
    for table in tables:
        how = (columns, preset, zone, order, annotated_by)
        _add_records(archive, table, how, record, dry_run=dry_run, replace=statement)
    stated = {key: value for key, value in record.items() if value is not None}
    held: list[Held] = []
    for each in (each for each in files if each not in tables):
        if each.is_dir():
            found = _look_into(archive, each, record, dry_run=dry_run, replace=statement)
            held += [
                (file, {**stated, **own} if isinstance(own, Mapping) else own)
                for file, own in found
            ]
        elif url or not _add_export(archive, each, record, dry_run=dry_run, replace=statement):
            held.append((each, {**record_beside(each), **stated}))
    if held and of_tables:
        raise UsageError(
            f"{held[0][0]}: --map, --preset, --zone and the like go with tables", "leave them out"
        )
    if held:
        _add_files(archive, held, dry_run=dry_run, replace=statement)


def _statement(*, replace: bool, reason: str | None, by: str | None) -> Statement:
    """Why what was added before is to be replaced, and who says so; None if it is not to be."""
    if not replace and (reason or by):
        raise UsageError("--reason and --by go with --replace", "add it, or leave them out")
    if not replace:
        return None
    if not (reason or "").strip() or not (by or "").strip():
        raise UsageError("--replace: nothing says why", "give --reason and --by")
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return {"reason": str(reason), "by": str(by), "date": today}


def _add_files(archive: Path, held: list[Held], *, dry_run: bool, replace: Statement) -> None:
    """Add files; the plan is told first, unless one file of one capture is all."""
    from microfiche.captures.files import holds_one
    from microfiche.curation.folders import Refused
    from microfiche.library import open_archive

    file, record = held[0]
    if len(held) == 1 and not dry_run and holds_one(file.name) and isinstance(record, Mapping):
        done = open_archive(archive).add(file, record, replace)
        _print_added(done)
        if done.unclaimed:
            say(f"next: microfiche outlets --new {done.unclaimed} --archive {archive}")
        return
    missed, unheard = 0, False
    with progress() as report:
        opened = open_archive(archive)
        for each in opened.add_files(
            held, tell_files, dry_run=dry_run, replace=replace, progress=report
        ):
            if isinstance(each, Refused):
                missed += 1
                say(one_line(f"not added: {each.file}: {each.reason}"))
            elif not unheard:
                unheard = not _is_heard(each)
    if missed:
        raise CannotRun(f"{counted(missed, 'file')} not added after all", "see the reasons above")


def _is_heard(done: Any) -> bool:
    """Print what became of a file; whether somebody still reads it. Adding goes on either way."""
    try:
        _print_added(done)
        sys.stdout.flush()
    except BrokenPipeError:
        print_nowhere()
        return False
    return True


def _look_into(
    archive: Path,
    folder: Path,
    record: dict[str, str | None],
    *,
    dry_run: bool,
    replace: Statement,
) -> list[Held]:
    """Add the tables and exports of a folder; its other files."""
    from microfiche.curation.folders import files_in, refused
    from microfiche.errors import MicroficheError

    home = archive.resolve()
    if folder.resolve().is_relative_to(home):
        raise UsageError(f"{folder}: lies in the archive", "add what is not in it yet")
    held = files_in(folder, apart=home)
    if not held:
        raise DataError(f"{folder}: nothing was added: it holds no file", "name another folder")
    kinds = Counter(file.suffix.lower() or "no ending" for file, _ in held)
    say(one_line(f"{folder}: {counted(len(held), 'file')}: {most(kinds)}"))
    others: list[Held] = []
    left: list[Refused] = []
    for file, own in held:
        try:
            if not isinstance(own, Mapping):
                others.append((file, own))
            elif _is_table(file, of_tables=False):
                how = ("", None, None, None, None)
                _add_records(archive, file, how, record, dry_run=dry_run, replace=replace)
            elif not _add_export(archive, file, record, dry_run=dry_run, replace=replace):
                others.append((file, own))
        except MicroficheError as error:
            left.append(refused(file, error))
    for each in left:
        tell_refusal(each)
    if len(left) == len(held):
        raise DataError(f"{folder}: nothing was added: no file could be", "see the reasons above")
    return others


def _is_table(file: Path, of_tables: bool) -> bool:
    """Whether a file is read as a table: by its kind, or by options that hold of tables alone."""
    from microfiche.captures.retrieval import is_records
    from microfiche.captures.tabular import is_tabular, written_by

    if is_records(file.name):
        return of_tables or written_by(file) is not None
    return is_tabular(file) or file.suffix.lower() == ".json"


def _add_export(
    archive: Path,
    file: Path,
    record: dict[str, str | None],
    *,
    dry_run: bool,
    replace: Statement,
) -> bool:
    """Add the articles of a press database's export; whether the file is one."""
    from microfiche.library import open_archive

    with progress() as report:
        places = open_archive(archive).add_export(
            file, record, tell_rows, dry_run=dry_run, replace=replace, progress=report
        )
    _print_places([] if dry_run else places or [])
    return places is not None


def _add_records(
    archive: Path,
    table: Path,
    options: tuple[str, str | None, str | None, Order, str | None],
    record: dict[str, str | None],
    *,
    dry_run: bool,
    replace: Statement,
) -> None:
    """Add the rows of a table, or show how it is read."""
    from microfiche.captures.spreadsheet import read_table
    from microfiche.curation.observing import row_mismatches
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
            table, how, tell_rows, dry_run=dry_run, replace=replace, progress=report
        )
    if places is not None:
        _print_places([] if dry_run else places)
        return
    reading = read_table(table, stated, zone, order)
    if reading.unused:
        say(f"not used: {', '.join(map(repr, reading.unused))}; give --map KEY=COLUMN to use one")
    if not dry_run:
        for done in open_archive(archive).add_table(reading, record, replace):
            _print_added(done)
        return
    print(", ".join(f"{key} from {column!r}" for key, column in reading.columns.items()))
    for row in reading.rows[:ROWS_SHOWN]:
        shown = ", ".join(f"{key} = {value}" for key, value in row.record.items())
        print(f"line {row.line}: {row.file or 'no file'}: {shown or 'nothing known'}")
    found = row_mismatches(open_archive(archive), reading, record, replaces=replace is not None)
    mismatches = [*reading.mismatches, *found]
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


def _print_places(places: Sequence[Path]) -> None:
    for place in places:
        print(f"added: {place}")


def _print_added(done: Any) -> None:
    """What became of a file, or of a row without one."""
    restated = getattr(done, "restated", False)
    what = "already there" if done.already_there else "corrected" if restated else "added"
    if hasattr(done, "line"):
        print(f"{what}: {done.place}: an observation without a file, line {done.line}")
    elif done.unclaimed:
        print(f"{what}: {one_line(done.place)}: {done.unclaimed} is of no outlet yet")
    else:
        print(f"{what}: {done.place}: outlet {done.outlet_id}, recognised {done.outlet_source}")
    if getattr(done, "from_registry", False):
        say(f"copied the known outlet {done.outlet_id} to raw/outlets/{done.outlet_id}.toml")
