"""Arguments and options that several commands have."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from microfiche.errors import DataError, NotFound, nearest

ArchiveArgument = Annotated[Path, typer.Argument(help="The archive's folder.")]


ArchiveOption = Annotated[Path, typer.Option("--archive", help="The archive's folder.")]


ReleaseArgument = Annotated[
    str, typer.Argument(help="A release: its folder, a dataset's NAME or NAME@VERSION.")
]


LimitOption = Annotated[
    int, typer.Option("--max-capture-bytes", min=1, help="Captures larger than this are not read.")
]


CAPTURE_LIMIT = 64 << 20


def must_exist(files: Iterable[Path]) -> None:
    """Refuse a path that leads nowhere, naming the nearest that leads somewhere, and pipes."""
    for file in files:
        if not os.path.lexists(file):
            raise NotFound(f"{file}: no such file or folder", nearest(file, "correct the path"))
        if file.exists() and not (file.is_file() or file.is_dir()):
            raise DataError(f"{file}: no regular file", "name a file or a folder")
