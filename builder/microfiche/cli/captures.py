"""Commands of captures: capture them from the web, read one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from microfiche.cli.arguments import (
    CAPTURE_LIMIT,
    ArchiveOption,
    LimitOption,
    must_exist,
)
from microfiche.cli.rendering import (
    choose,
    compared,
    counted,
    print_json,
    progress,
    say,
)
from microfiche.errors import CannotRun, printable, unusable
from microfiche.release import CAPTURE_ID

ROWS_SHOWN, REFUSALS_SHOWN, COUNTS_SHOWN = 5, 50, 12
MAX_READ = 50_000_000  # bytes


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
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE|CAPTURE_ID...", help="Pages or texts; captures of --archive."),
    ],
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
    from microfiche.extract.alone import capture_of
    from microfiche.library import captures_of, inspected, read_outlet
    from microfiche.pipeline.inspecting import Inspected, lines_of, read_corrected

    choose(form, ("text", "json"))
    held = [file for file in files if archive and is_capture_id(file)]
    must_exist(file for file in files if file not in held)
    whose = read_outlet(archive, outlet, name, url)
    stated = outlet or name or url
    captures = []
    for file in files:
        if archive and file in held:
            captures.append(inspected(archive, file.name))
        elif archive and not stated and (own := captures_of(archive, file)):
            captures += own
        else:
            captures.append(Inspected(capture_of(_bytes_of(file), url, file.name), whose))
    if lines:
        kinds = [lines_of(each) for each in captures]
        if form == "json":
            print_json([[each._asdict() for each in held] for held in kinds])
            return
        for each in (line for held in kinds for line in held):
            score = "" if each.score is None else f"{each.score:+,}"
            where = f"  <{each.element}>" if each.element else ""
            print(printable(f"{each.kind:<16}{score:>8}  {each.line}{where}"))
        return
    readings = [read_corrected(each).as_json() for each in captures]
    if form == "json":
        print_json(readings if len(readings) > 1 else readings[0])
        return
    for reading in readings:
        _print_reading(reading)


def correct(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="A capture, its file, or an article by id, address, words."
        ),
    ],
    field: Annotated[str, typer.Argument(metavar="FIELD", help="title, published, byline, ...")],
    value: Annotated[
        str,
        typer.Argument(metavar="VALUE", help="The right one; A; B for a list, '' for none, @FILE."),
    ],
    reason: Annotated[str, typer.Option(help="What is wrong, and how the right one is known.")],
    by: Annotated[str, typer.Option(help="Who says so.")],
    date: Annotated[str | None, typer.Option(help="Day, YYYY-MM-DD; today.")] = None,
    archive: ArchiveOption = Path(),
) -> None:
    """Put a field right that is read wrong, and show it before and after."""
    from microfiche.archive.corrections import OF_CAPTURES
    from microfiche.curation.correcting import read_value
    from microfiche.library import open_archive

    statement = {"reason": reason, "by": by, "date": date}
    right = read_value(field, value)
    with progress() as told:
        done = open_archive(archive).correct(wanted, field, right, statement, progress=told)
    whose = done.article_id or wanted
    for line in compared(field, done.before, done.after):
        print(printable(f"{whose}: {line}"))
    if not done.lines:
        print("raw/corrections.jsonl: says so already")
    elif field in OF_CAPTURES:
        print(f"raw/corrections.jsonl: of {counted(len(done.lines), 'capture')}")
    say(f"next: microfiche build {archive}")


def is_capture_id(name: Path) -> bool:
    """Whether a name is that of a capture, and of no file here."""
    return CAPTURE_ID.fullmatch(str(name)) is not None and not name.exists()


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
