"""Commands that take a release out of its archive: wheel, export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from microfiche.cli.arguments import ReleaseArgument
from microfiche.cli.rendering import choose, counted, print_json

MEGABYTE = 1_000_000


def wheel(
    release: ReleaseArgument,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("dist"),
    restricted: Annotated[
        bool, typer.Option("--restricted", help="The wheel stays private, or is gated.")
    ] = False,
    max_size: Annotated[
        int, typer.Option("--max-size", min=1, help="Megabytes that the index takes of one file.")
    ] = 100,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Pack a release as data wheels: files that pip installs and requirements.txt pins."""
    from microfiche.library import open_release

    choose(form, ("text", "json"))
    opened = open_release(release)
    wheels = opened.wheel(out, restricted=restricted, max_bytes=max_size * MEGABYTE)
    if form == "json":
        print_json([{**each._asdict(), "file": str(each.file)} for each in wheels])
        return
    for each in wheels:
        print(f"{each.file} ({each.size_bytes:,} bytes)")
    print("requirements.txt:")
    for each in wheels:
        print(each.requirement)


def export(
    release: ReleaseArgument,
    table: Annotated[str, typer.Option(help="Table to write.")] = "articles",
    form: Annotated[str, typer.Option("--format", help="csv, jsonl, xlsx or text.")] = "csv",
    where: Annotated[
        str | None,
        typer.Option(metavar="EXPR", help="Only what is of articles for which this holds."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File, or folder of texts; - to print.")
    ] = None,
) -> None:
    """Write a table for other programs, with its data dictionary beside it."""
    from microfiche.library import open_release

    choose(form, ("csv", "jsonl", "xlsx", "text"))
    opened = open_release(release)
    if out == Path("-"):
        opened.print_table(table, form, where=where, file=sys.stdout.buffer)
        return
    done = opened.export(table, form, where=where, out=out)
    print(f"{done.files[0]}: {counted(done.n_rows, 'row')}")
    for each in done.files[1:]:
        print(each)
