"""Commands on a release: verify, show, cite, prove, diff."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from microfiche.cli.arguments import (
    ReleaseArgument,
)
from microfiche.cli.rendering import (
    choose,
    print_json,
    progress,
    say,
    write_result,
)
from microfiche.errors import UsageError, printable


def verify(
    release: ReleaseArgument,
    load: Annotated[bool, typer.Option("--load", help="Load it with datasets too.")] = False,
    rebuild: Annotated[
        Path | None,
        typer.Option(metavar="ARCHIVE", help="Build it anew from this archive's captures too."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Public key or allowed-signers file that signed it.")
    ] = None,
    where: Annotated[
        str | None, typer.Option(metavar="EXPR", help="A cited subset, to be checked too.")
    ] = None,
    members: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="The digest of its members as cited.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one a core.")] = None,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Check everything that a release alone can prove."""
    from microfiche import library
    from microfiche.engine import spare_pandas
    from microfiche.release.locating import folder_of

    if not load:
        spare_pandas()

    choose(form, ("text", "json"))
    if (where is None) != (members is None):
        raise UsageError("--where and --members go together", "both stand in the citation")
    cited = None if where is None or members is None else (where, members)
    root = release if library.published_at(release) else str(folder_of(release))
    with progress() as report:
        verdicts = library.verify(
            root,
            load=load,
            rebuild=rebuild,
            key=key,
            cited=cited,
            workers=workers or os.cpu_count() or 1,
            progress=report,
        )
    good = all(verdict.ok for verdict in verdicts)
    if form == "json":
        print_json({"release": root, "ok": good, "checks": [v.as_json() for v in verdicts]})
    else:
        for verdict in verdicts:
            mark = "ok    " if verdict.ok else "FAILED"
            print(printable(f"{mark} {verdict.check}: {verdict.covered}"))
            for fault in verdict.faults:
                print(printable(f"       {fault}"))
        print(printable(f"{root}: the release {'holds' if good else 'does NOT hold'}"))
    if not good:
        raise typer.Exit(3)


def show(
    release: ReleaseArgument,
    article: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="An article: its id, address, or words of its headline."
        ),
    ] = None,
    diff: Annotated[
        tuple[str, str] | None, typer.Option(metavar="R1 R2", help="Compare two revisions.")
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(metavar="EXPR", help="List the articles for which this holds."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, max=10**9, help="Articles to list; 0 for all.")] = 20,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Show a release, one of its articles, or what changed between two revisions."""
    from microfiche.describe.view import article_view, release_view, revision_diff
    from microfiche.library import open_release

    choose(form, ("text", "json"))
    if diff and article is None:
        raise UsageError("--diff goes with an article's ID", "name the article too")
    if where is not None and article is not None:
        raise UsageError("--where lists articles, ID shows one", "give one of them")
    opened = open_release(release)
    if article is None:
        view = release_view(opened, where, limit)
    elif diff:
        view = revision_diff(opened, opened.find(article), *diff)
    else:
        view = article_view(opened, opened.find(article))
    if form == "json":
        print_json(view.data)
    else:
        print(view.text)


def cite(
    release: ReleaseArgument,
    style: Annotated[str, typer.Option(help="bibtex, apa, ris, csl, cff or datacite.")] = "bibtex",
    article: Annotated[
        str | None, typer.Option(help="Cite this article, by id, address, headline or capture.")
    ] = None,
    revision: Annotated[str | None, typer.Option(help="In this revision.")] = None,
    where: Annotated[
        str | None,
        typer.Option(metavar="EXPR", help="Cite the articles for which this holds."),
    ] = None,
) -> None:
    """Cite a release, one article of it as captured, or a subset of its articles."""
    from microfiche.library import open_release

    print(open_release(release).cite(style, article, revision, where, told=say), end="")


def prove(
    release: ReleaseArgument,
    article: Annotated[str, typer.Argument(metavar="ID", help="An article id or alias.")],
    out: Annotated[Path | None, typer.Option(help="File to write; standard output.")] = None,
) -> None:
    """Prove that an article is in a release, to somebody who has only its fingerprint."""
    from microfiche.library import open_release
    from microfiche.release.proof import proof_json

    write_result(proof_json(open_release(release).prove(article)), out)


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A release's folder.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A later one's.")],
    form: Annotated[str, typer.Option("--format", help="text, json or markdown.")] = "text",
) -> None:
    """Say what differs from one release to another, by digests, and what version that makes."""
    from microfiche.describe.view import diff_view
    from microfiche.library import open_release

    choose(form, ("text", "json", "markdown"))
    view = diff_view(open_release(old), open_release(new))
    if form == "json":
        print_json(view.data)
    else:
        print(view.markdown if form == "markdown" else view.text)
