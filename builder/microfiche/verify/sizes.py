"""What a release's Parquet files decode to, found out before they are: sizes may lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from microfiche.release import Release
from microfiche.tables.parquet import open_parquet
from microfiche.verify.rules import BOUNDED

MAX_GROUP_BYTES = 1 << 29  # twice what the builder puts into one, decoded
WORD = 8


def oversized(release: Release) -> list[str]:
    """Files with a row group that decodes to more than any builder puts into one.

    What is broken beyond that is for the other checks to say.
    """
    found = []
    for entry in release.manifest["tables"]:
        for file in entry["files"]:
            try:
                large = _is_large(release.root / file["path"])
            except (OSError, pa.ArrowException):
                continue
            if large:
                found.append(BOUNDED(f"{file['path']}: a row group larger than any builder writes"))
    return found


def _is_large(file: Path) -> bool:
    with open_parquet(file) as parquet:
        metadata = parquet.metadata
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if group.total_byte_size > MAX_GROUP_BYTES:
            return True
        columns = (group.column(place) for place in range(group.num_columns))
        if any(_may_swell(each) and _swells(file, number, each) for each in columns):
            return True
    return False


def _may_swell(column: Any) -> bool:
    """Whether a column could decode to too much: each value as large as all that is stored."""
    largest = column.total_uncompressed_size if column.physical_type == "BYTE_ARRAY" else WORD
    return bool(column.num_values * max(WORD, largest) > MAX_GROUP_BYTES)


def _swells(file: Path, group: int, column: Any) -> bool:
    """Whether such a column does: by its own dictionary, which is read without decoding."""
    if column.num_values * WORD > MAX_GROUP_BYTES:
        return True
    if any(encoding.startswith("DELTA") for encoding in column.encodings):
        return True  # no builder writes it, and a value may repeat the one before in one octet
    if not any("DICTIONARY" in encoding for encoding in column.encodings):
        return False
    path = column.path_in_schema
    with open_parquet(file, read_dictionary=[path]) as parquet:
        chunks = parquet.read_row_group(group, columns=[path]).column(0).chunks
    size = 0
    for chunk in map(_leaves, chunks):
        lengths = pc.binary_length(chunk.dictionary).take(chunk.indices.drop_null())
        size += pc.sum(lengths.cast(pa.int64())).as_py() or 0
    return size > MAX_GROUP_BYTES


def _leaves(array: Any) -> Any:
    """The values of a column in lists and structs, without these."""
    while not pa.types.is_dictionary(array.type):
        array = array.field(0) if pa.types.is_struct(array.type) else array.flatten()
    return array
