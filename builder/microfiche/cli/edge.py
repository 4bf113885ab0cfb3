"""The edge of the program: what the library raises becomes one line and an exit code."""

from __future__ import annotations

import functools
import inspect
import io
import os
import signal
import sys
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperGroup

from microfiche.cli.rendering import LOUDNESS, complain, print_nowhere
from microfiche.errors import MicroficheError, printable

EXIT_CODES = """Exit codes: 0 good; 1 a bug in microfiche; 2 usage; 3 the data has errors or fixity
failed; 4 could not run (unreadable, disk full, version taken); 130 interrupted."""


Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but results and errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Say all there is to say.")]


def with_loudness(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the options that every one has: how much is told."""

    @functools.wraps(command)
    def told(*, quiet: bool, verbose: bool, **options: Any) -> None:
        LOUDNESS.quiet, LOUDNESS.verbose = quiet, verbose
        command(**options)

    hints = get_type_hints(command, include_extras=True)
    signature = inspect.signature(command)
    own = [each.replace(annotation=hints[name]) for name, each in signature.parameters.items()]
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
        for name, kind in (("quiet", Quiet), ("verbose", Verbose))
    ]
    told.__signature__ = signature.replace(parameters=[*own, *common])  # type: ignore[attr-defined]
    told.__annotations__ = hints | {"quiet": Quiet, "verbose": Verbose}
    return told


class Edge(TyperGroup):
    """Turns what the library raises into one line on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except MicroficheError as error:
            complain(f"error: {error}")
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(interrupted()) from error
        except BrokenPipeError as error:  # whoever reads has seen enough
            print_nowhere()
            raise typer.Exit(0) from error
        except OSError as error:
            place = error.filename or _written_to()
            complain(f"error: {place}: {error.strerror or error}; check its disk and its rights")
            raise typer.Exit(4) from error


def _written_to() -> str:
    """What an error is of that names no file: standard output, if it holds something back."""
    try:
        sys.stdout.flush()
    except OSError:
        return "standard output"
    return "a temporary file"


def run(app: Callable[[], Any]) -> None:
    """Run the program: standard output that cannot be written is an error too."""
    if sys.stdout is None:
        complain("error: standard output is closed; open it, or send it to a file")
        sys.exit(4)
    if sys.stderr is None:  # closed: what would be told there is told nobody
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - as long as the program
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if any(printable(argument) != argument for argument in sys.argv[1:]):
        complain(
            "error: an argument holds control characters or bytes that are no UTF-8; rename it"
        )
        sys.exit(2)
    code: Any = 0
    try:
        try:
            app()
        except SystemExit as ended:
            code = ended.code
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = interrupted()
    except BrokenPipeError:  # whoever reads has seen enough
        print_nowhere()
    except OSError as error:
        complain(f"error: standard output: {error.strerror}; make room where it goes")
        print_nowhere()
        code = 4
    sys.exit(code)


def interrupted() -> int:
    """Say so once, and be deaf to further Ctrl-C on the way out; the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    complain("interrupted")
    return 130
