"""The command line: each command parses, calls the library, renders.

A module a family of commands; here they are listed, in the order of `--help`. Only this room prints
or exits.
"""

from __future__ import annotations

from typing import Annotated

import typer

from microfiche.about import BUILDER
from microfiche.cli import add, archive, build, captures, distribute, docs, release
from microfiche.cli.edge import EXIT_CODES, Edge, run, with_loudness

COMMANDS = (
    archive.init,
    archive.outlets,
    add.add,
    captures.capture,
    captures.read,
    archive.validate,
    archive.report,
    archive.coverage,
    build.build,
    archive.learn,
    archive.cache,
    release.verify,
    release.show,
    release.cite,
    release.prove,
    captures.correct,
    archive.withdraw,
    build.rehydrate,
    distribute.export,
    distribute.publish,
    distribute.wheel,
    release.diff,
    docs.docs,
)
app = typer.Typer(
    cls=Edge,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
    no_args_is_help=True,
    help="Turn captured news articles into dataset releases to load, verify and cite.",
    epilog=EXIT_CODES,
)
for command in COMMANDS:
    app.command()(with_loudness(command))


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Turn captured news articles into dataset releases to load, verify and cite."""
    if show:
        print(BUILDER)
        raise typer.Exit


def main() -> None:
    """Entry point of the program."""
    run(app)
