"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ArchiveArgument = Annotated[Path, typer.Argument(help="The archive's folder.")]


ArchiveOption = Annotated[Path, typer.Option("--archive", help="The archive's folder.")]


ReleaseArgument = Annotated[str, typer.Argument(help="A release's folder, or gazette.")]


LimitOption = Annotated[
    int, typer.Option("--max-capture-bytes", min=1, help="Captures larger than this are not read.")
]


CAPTURE_LIMIT = 64 << 20
