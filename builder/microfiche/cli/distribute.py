"""Commands that take a release out of its archive: publish, wheel, export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from microfiche.cli.arguments import ReleaseArgument
from microfiche.cli.rendering import choose, counted, print_json, progress, say
from microfiche.errors import UsageError, printable

if TYPE_CHECKING:
    from microfiche.distribute.deposits import Reserved
    from microfiche.distribute.publishing import Published

MEGABYTE = 1_000_000


def wheel(
    release: ReleaseArgument,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to; the archive's dist, or dist here.")
    ] = None,
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
    print("requirements.txt, for pip install --require-hashes:")
    print(f"--find-links {wheels[0].file.parent}")
    for each in wheels:
        print(each.requirement)


def publish(
    release: Annotated[str, typer.Argument(help="A release; with --reserve an archive.")],
    target: Annotated[
        str, typer.Argument(help="hf://datasets/ORG/NAME, s3://…, file:///… or zenodo://…")
    ],
    reserve: Annotated[
        bool, typer.Option("--reserve", help="Reserve the DOI of the archive's next release.")
    ] = False,
    access: Annotated[str | None, typer.Option(help="Of the release to reserve for; full.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Make a deposit public, which cannot be undone.")
    ] = False,
    restricted: Annotated[
        bool, typer.Option("--restricted", help="The target is private or gated.")
    ] = False,
    replace_card: Annotated[
        bool, typer.Option("--replace-card", help="Replace what was edited on the Hub.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes that verify it.")] = 1,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Publish a release: verified before and after, visible as a whole or not at all."""
    from microfiche.distribute.publishing import PublishOptions
    from microfiche.engine import spare_pandas
    from microfiche.library import open_archive, open_release

    choose(form, ("text", "json"))
    choose(access or "full", ("full", "public"), "--access")
    if reserve and (dry_run or confirm or restricted or replace_card):
        raise UsageError("--reserve stands alone", "reserve first, then build, then publish")
    if access is not None and not reserve:
        raise UsageError("--access goes with --reserve", "name the public release itself")
    if reserve:
        access = access or "full"
        _print_reserved(open_archive(release).reserve(target, access), access, form)
        return
    spare_pandas()
    with progress() as report:
        options = PublishOptions(
            dry_run=dry_run,
            confirm=confirm,
            restricted=restricted,
            replace_card=replace_card,
            workers=workers,
            progress=report,
        )
        done = open_release(release).publish(target, options)
    _print_published(done, form, dry_run=dry_run)


def _print_reserved(made: Reserved, access: str, form: str) -> None:
    if form == "json":
        print_json(made._asdict())
    else:
        print(printable(f"reserved {made.doi} for the next {access} release: {made.deposit}"))


def _print_published(done: Published, form: str, *, dry_run: bool) -> None:
    changes = [each._asdict() for each in done.plan.changes]
    if form == "json":
        told = {"where": done.where, "public": done.public, "dry_run": dry_run}
        print_json({**told, "changes": changes})
        return
    for each in done.plan.changes if dry_run else ():
        size = "" if each.size_bytes is None else f" ({each.size_bytes:,} bytes)"
        print(printable(f"{each.action} {each.path}{size}"))
    if done.plan.done:
        print(printable(f"{done.where}: published already, nothing changed"))
    elif not dry_run:
        total = sum(each.size_bytes or 0 for each in done.plan.changes)
        how = "published" if done.public else "deposited as a draft, which --confirm makes public:"
        print(printable(f"{how} {done.where} ({total:,} bytes)"))
    if done.recorded:
        say(f"recorded in {done.recorded}")
    elif done.public and not dry_run:
        say("recorded nowhere: the release lies in no archive's dist/")


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
