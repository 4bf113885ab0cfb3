"""Commands that make releases: build, rehydrate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from microfiche.cli.arguments import (
    CAPTURE_LIMIT,
    ArchiveArgument,
    LimitOption,
    ReleaseArgument,
)
from microfiche.cli.findings import FORMS, print_findings, say_findings
from microfiche.cli.rendering import (
    choose,
    counted,
    print_json,
    progress,
    say,
)
from microfiche.errors import UsageError


def build(
    archive: ArchiveArgument = Path(),
    out: Annotated[Path | None, typer.Option(help="Where releases go; ARCHIVE/dist.")] = None,
    version: Annotated[str | None, typer.Option(help="At least the one computed.")] = None,
    date: Annotated[str | None, typer.Option(help="Day of issue, YYYY-MM-DD.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one a core.")] = None,
    previous: Annotated[
        Path | None, typer.Option(help="The release before, if not in --out.")
    ] = None,
    extract: Annotated[
        str, typer.Option(help="How pages are read: fast, balanced or best.")
    ] = "balanced",
    access: Annotated[
        str, typer.Option(help="full, or public: text withheld or masked by rights.")
    ] = "full",
    sign: Annotated[
        Path | None, typer.Option(metavar="KEY", help="SSH key to sign the checksum file with.")
    ] = None,
    reread: Annotated[
        bool,
        typer.Option("--reread", help="Publish what a newer reader makes of published captures."),
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where what was read is kept; ARCHIVE/.microfiche."),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Read every capture anew, and keep nothing.")
    ] = False,
    engine: Annotated[
        str, typer.Option(help="Where the work is done: local, or dask, a cluster.")
    ] = "local",
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Of the cluster; else it is made on this machine."),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="text, json; or its findings as sarif, junit, github.")
    ] = "text",
    max_capture_bytes: LimitOption = CAPTURE_LIMIT,
) -> None:
    """Build the next release of an archive, or find that nothing changed."""
    from microfiche.engine import spare_pandas
    from microfiche.library import open_archive

    choose(form, FORMS)
    choose(extract, ("fast", "balanced", "best"), "--extract")
    choose(access, ("full", "public"), "--access")
    choose(engine, ("local", "dask"), "--engine")
    if scheduler and engine == "local":
        raise UsageError("--scheduler: without --engine dask", "add it")
    if cache and no_cache:
        raise UsageError("--cache and --no-cache", "give one of the two")
    spare_pandas()
    from microfiche.pipeline import BuildOptions

    with progress() as report:
        built = open_archive(archive).build(
            BuildOptions(
                out=out,
                version=version,
                date=date,
                workers=workers,
                previous=previous,
                max_capture_bytes=max_capture_bytes,
                progress=report,
                extract=extract,
                access=access,
                sign=sign,
                reread=reread,
                cache=cache or not no_cache,
                engine=engine,
                scheduler=scheduler,
            )
        )
    if form == "json":
        print_json(built.as_json())
        return
    if form != "text":
        print_findings(archive, built.findings, form)
        return
    say_findings(built)
    print_built(built, signing=sign is not None)
    if built.unchanged and version not in (None, built.release.version):
        print(f"--version {version} was not needed: nothing changed")


def print_built(built: Any, *, signing: bool) -> None:
    """What a build did, in a few lines."""
    manifest = built.release.manifest
    marks = [mark for mark in ("draft", "restricted") if manifest[mark]]
    state = "unchanged: " if built.unchanged else "built "
    print(f"{state}{built.release.root}{' (' + ', '.join(marks) + ')' if marks else ''}")
    counts = {entry["name"]: entry["n_rows"] for entry in manifest["tables"]}
    print(", ".join(f"{name} {count:,}" for name, count in counts.items() if count))
    print(f"version {built.release.version}: {'; '.join(manifest['version_reasons'])}")
    print(f"fingerprint {built.release.fingerprint}")
    if built.signed:
        print("signed")
    elif signing:
        print("signed before: the signature was left as it is")


def rehydrate(
    release: ReleaseArgument,
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="Who holds the captures.")],
    out: Annotated[Path | None, typer.Option(help="Where it goes; ARCHIVE/dist.")] = None,
) -> None:
    """Put the texts of a public release back from captures, each proved by its digest."""
    from microfiche.library import open_release
    from microfiche.pipeline.rebuilding import other_reader

    done = open_release(release).rehydrate(archive, out or archive / "dist")
    if done.still_withheld and (unlike := other_reader(done.release)):
        say(f"{release}: {unlike}")
    print(f"{done.release.root}: {counted(done.put_back, 'text')} put back")
    print(f"fingerprint {done.release.fingerprint}")
    for each in done.still_withheld:
        say(f"{each}: still withheld: its captures in {archive} do not give this text")
    if done.still_withheld:
        raise typer.Exit(3)
