"""Commands on an archive: init, outlets, validate, learn, withdraw."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer

from microfiche.cli.arguments import (
    CAPTURE_LIMIT,
    ArchiveArgument,
    ArchiveOption,
    LimitOption,
)
from microfiche.cli.findings import FORMS, fails, print_findings, read_fail_on
from microfiche.cli.rendering import (
    choose,
    counted,
    in_bytes,
    print_csv,
    print_json,
    progress,
    say,
    summary,
)
from microfiche.errors import UsageError, printable, unusable


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the archive goes.")],
    name: Annotated[str, typer.Option(help="Slug that names the dataset.")],
    title: Annotated[str, typer.Option(help="Title of the dataset.")],
    creator: Annotated[
        list[str], typer.Option(help="Who made it, a person as 'Family, Given'; may be repeated.")
    ] = [],  # noqa: B006
    license_: Annotated[
        str | None, typer.Option("--license", help="SPDX licence of metadata and descriptions.")
    ] = None,
    ci: Annotated[
        str, typer.Option(help="Where it is kept: github or gitlab, for their CI, or none.")
    ] = "github",
) -> None:
    """Start an archive."""
    from microfiche import library

    choose(ci, ("github", "gitlab", "none"), "--ci")
    library.init(folder, name, title, creator, license_, ci)
    print(f"started archive {name} in {folder}")
    for family, given in (each.split(",", 1) for each in creator if "," in each):
        told = f"a person, of family name {family.strip()} and given name {given.strip()}"
        say(printable(f"{told}; if that is wrong, mend raw/dataset.toml"))
    say(f"next: microfiche add FILE --archive {folder}")


def outlets(
    ids: Annotated[list[str], typer.Argument(metavar="[ID]...", help="Outlets to copy.")] = [],  # noqa: B006
    new: Annotated[
        bool, typer.Option("--new", help="Draft files for hosts (the arguments) without one.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="With --new: for every host and name of the captures.")
    ] = False,
    table: Annotated[
        Path | None,
        typer.Option("--from", metavar="TABLE", help="With --new: for names and hosts of a table."),
    ] = None,
    archive: ArchiveOption = Path(),
) -> None:
    """List known outlets, copy some into the archive, or draft files for new ones."""
    from microfiche.curation.adding import copy_entry
    from microfiche.library import open_archive
    from microfiche.outlets.registry import known_outlets

    if every or table:
        new = True
    if new:
        _draft_outlets(archive, ids, table, every=every)
        return
    if ids:
        root = open_archive(archive).root
        for each in ids:
            print(f"{each}: {copy_entry(root, each)}")
        return
    for outlet in known_outlets().by_id.values():
        hosts = ", ".join(domain.host for domain in outlet.domains)
        print(f"{outlet.id}\t{outlet.name}\t{hosts}")


def _draft_outlets(archive: Path, hosts: list[str], table: Path | None, *, every: bool) -> None:
    from microfiche.library import open_archive

    if not (hosts or every or table):
        raise UsageError("--new: for which?", "give a host, --all, or --from TABLE")
    done = []
    with progress() as report:
        for host in hosts:
            done += open_archive(archive).draft_outlets(host, progress=report)
        if table:
            done += open_archive(archive).draft_outlets(table=table)
        if every:
            done += open_archive(archive).draft_outlets(progress=report)
    for each in done:
        print(printable(f"{each.outlet_id}: {each.file}: {counted(each.n_captures, 'capture')}"))
        if each.learned:
            lines = f"{counted(each.n_lines, 'line')} that recur{'s' if each.n_lines == 1 else ''}"
            print(printable(f"{each.outlet_id}: {each.learned}: {lines}"))
    if not done:
        say("every host and name has its outlet file")
        return
    say("check each line of these files")
    say(f"next: microfiche build {archive}")


def validate(
    archive: ArchiveArgument = Path(),
    form: Annotated[
        str, typer.Option("--format", help="text, json, sarif, junit or github.")
    ] = "text",
    strict: Annotated[bool, typer.Option(help="The same as --fail-on warning.")] = False,
    fail_on: Annotated[
        list[str],
        typer.Option(metavar="LEVEL|CODE", help="Exit 3 for these: error, warning, a code."),
    ] = [],  # noqa: B006
    max_capture_bytes: LimitOption = CAPTURE_LIMIT,
) -> None:
    """Find everything that is wrong or notable in an archive; write nothing."""
    from microfiche.library import open_archive

    choose(form, FORMS)
    levels = read_fail_on(fail_on, strict=strict)
    with progress() as report:
        opened = open_archive(archive)
        result = opened.validate(max_capture_bytes=max_capture_bytes, progress=report)
    print_findings(archive, result.findings, form)
    if form == "text":
        print(f"{summary(result.findings)} in {counted(result.n_captures, 'capture')}")
        if result.n_missing:
            missing = counted(result.n_missing, "expected address")
            say(f"{missing} never captured: see `microfiche coverage {archive}`")
        if result.unlearned:
            whose = ", ".join(result.unlearned)
            say(f"lines that recur in {whose} were not looked for: `microfiche learn {archive}`")
    if fails(result.findings, levels):
        raise typer.Exit(3)


def report(
    archive: ArchiveArgument = Path(),
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where it goes; ARCHIVE/report.html.")
    ] = None,
) -> None:
    """Make a page of an archive: what to mend, what is missing, what its next release would be."""
    from microfiche.library import open_archive

    opened = open_archive(archive)
    with progress() as told:
        page = opened.report(progress=told)
    file = out or opened.root / "report.html"
    try:
        file.write_bytes(page)
    except OSError as error:
        raise unusable(file, error) from error
    print(file)


def coverage(
    source: Annotated[
        str, typer.Argument(metavar="ARCHIVE|RELEASE", help="An archive, or a release.")
    ] = ".",
    form: Annotated[str, typer.Option("--format", help="text, csv or json.")] = "text",
) -> None:
    """Show what there is and what is missing, by outlet and month, address by address."""
    from microfiche.library import open_archive, open_release
    from microfiche.report.coverage import Place, as_text

    choose(form, ("text", "csv", "json"))
    if (Path(source) / "raw" / "dataset.toml").is_file():
        with progress() as told:
            places = open_archive(source).coverage(progress=told)
    else:
        places = open_release(source).coverage()
    if form == "json":
        print_json([each.as_json() for each in places])
    elif form == "csv":
        print_csv([each.as_json() for each in places], [each.name for each in fields(Place)])
    else:
        for line in as_text(places):
            print(printable(line))


def learn(
    archive: ArchiveArgument = Path(),
    outlet: Annotated[str | None, typer.Option(help="Learn of this outlet alone.")] = None,
) -> None:
    """Learn which lines recur over an outlet's articles, for you to look through."""
    from microfiche.library import open_archive

    with progress() as report:
        found = open_archive(archive).learn(outlet, progress=report)
    for each in found:
        if not each.lines:
            print(f"{each.outlet_id}: no line recurs")
            continue
        kept = sum(line.get("apply") is False for line in each.lines)
        note = f", {kept} of them kept in texts" if kept else ""
        print(f"{each.outlet_id}: {counted(len(each.lines), 'line')}{note}: {each.file}")


def cache(
    archive: ArchiveArgument = Path(),
    folder: Annotated[
        Path | None, typer.Option("--cache", metavar="DIR", help="If it is not the archive's own.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Remove all that is kept.")] = False,
) -> None:
    """Show what builds keep so as not to read captures again, or clear it."""
    from microfiche.library import open_archive

    kept = open_archive(archive).cache(folder, clear=clear)
    told = "cleared: " if clear else ""
    print(f"{told}{kept.folder}: {counted(kept.n_entries, 'entry')}, {in_bytes(kept.n_bytes)}")


def withdraw(
    article: Annotated[str, typer.Argument(metavar="ID", help="An article id or alias.")],
    reason: Annotated[
        str, typer.Option(metavar="CODE", help="copyright, court-order, privacy, ...")
    ],
    authority: Annotated[str, typer.Option(help="Who decided it.")],
    date: Annotated[str | None, typer.Option(help="Day, YYYY-MM-DD; today.")] = None,
    note: Annotated[str | None, typer.Option(help="What more may be said.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="List the copies, write nothing.")] = False,
    archive: ArchiveOption = Path(),
) -> None:
    """Withdraw an article from later releases, and list every copy of it to see to."""
    from microfiche.library import open_archive

    statement = {"reason": reason, "authority": authority, "date": date, "note": note}
    done = open_archive(archive).withdraw(article, statement, plan=plan)
    told = "already withdrawn" if done.already else "would withdraw" if plan else "withdrawn"
    print(f"{told}: {', '.join(done.article_ids)}")
    for copy in done.copies:
        print(f"copy: {copy.where}: {copy.remedy}")
    if not done.copies:
        print("no copy is known of")
    say("nothing was written" if plan else f"next: microfiche build {archive}")
