"""The edge of the program: what the library raises becomes one line and an exit code."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from microfiche.cli.rendering import print_nowhere, say
from microfiche.errors import MicroficheError, printable

EXIT_CODES = """Exit codes: 0 good; 1 a bug in microfiche; 2 usage; 3 the data has errors or fixity
failed; 4 could not run (unreadable, disk full, version taken); 130 interrupted."""


class Edge(TyperGroup):
    """Turns what the library raises into one line on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except MicroficheError as error:
            say(f"error: {error}")
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(interrupted()) from error
        except BrokenPipeError:
            raise  # whoever reads has seen enough
        except OSError as error:
            named = error.filename or "standard output"
            say(f"error: {named}: {error.strerror or error}; check its disk and its rights")
            raise typer.Exit(4) from error


def run(app: Callable[[], Any]) -> None:
    """Run the program: standard output that cannot be written is an error too."""
    if sys.stdout is None:
        say("error: standard output is closed; open it, or send it to a file")
        sys.exit(4)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if any(printable(argument) != argument for argument in sys.argv[1:]):
        say("error: an argument holds control characters or bytes that are no UTF-8; rename it")
        sys.exit(2)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(interrupted())
    except BrokenPipeError:
        print_nowhere()
        sys.exit(0)
    except OSError as error:
        say(f"error: standard output: {error.strerror}; make room where it goes")
        print_nowhere()
        sys.exit(4)


def interrupted() -> int:
    """Say so once, and be deaf to further Ctrl-C on the way out; the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    say("interrupted")
    return 130
