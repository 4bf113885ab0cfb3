"""Opening a Parquet file wherever it lies: on disk, on the Hub, in a store."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


@contextlib.contextmanager
def open_parquet(file: Path, **options: Any) -> Iterator[pq.ParquetFile]:
    """A Parquet file to read from; a remote one is read in parts, as they are asked for.

    Raises OSError, pa.ArrowException.
    """
    with contextlib.ExitStack() as held:
        local = isinstance(file, os.PathLike)
        source = file if local else held.enter_context(file.open("rb"))
        yield held.enter_context(pq.ParquetFile(source, **options))
