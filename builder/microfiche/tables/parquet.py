"""Opening a Parquet file wherever it lies: on disk, on the Hub, in a store."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROWS_AT_ONCE, BYTES_AT_ONCE = 4096, 4 << 20
BUFFER, PART = 1 << 20, 8 << 20


@contextlib.contextmanager
def open_parquet(file: Path, **options: Any) -> Iterator[pq.ParquetFile]:
    """A Parquet file to read from; a remote one is read in parts, as they are asked for.

    Raises OSError, pa.ArrowException.
    """
    with contextlib.ExitStack() as held:
        local = isinstance(file, os.PathLike)
        source: Any = file
        if not local:
            source = held.enter_context(remote_file(file))
        stream = {"pre_buffer": False, "buffer_size": BUFFER}  # not whole columns at once
        yield held.enter_context(pq.ParquetFile(source, **stream, **options))


def remote_file(file: Any) -> Any:
    """A file of the Hub or a store, open to be read in parts of a few MB."""
    return file.open("rb", block_size=PART)


def batches(
    parquet: pq.ParquetFile, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """The rows of a file a few at a time, so that they take some 4 MB; fewer of long texts.

    Raises OSError, pa.ArrowException.
    """
    metadata = parquet.metadata
    octets = sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    each = max(1, octets // max(1, metadata.num_rows))
    size = max(1, min(ROWS_AT_ONCE, BYTES_AT_ONCE // each))
    yield from parquet.iter_batches(batch_size=size, columns=columns, use_threads=False)
