"""Merkle roots of whole tables, worked out in parallel. The rules are those of `fixity`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from microfiche.engine import Engine
from microfiche.fixity import N_BUCKETS, bucket_roots, table_root
from microfiche.tables.sheets import digest_order

ROWS_PER_TASK = 8192


class Leaves(NamedTuple):
    """Key digests of a table's rows, ascending, and their record digests beside them.

    Both are arrays of 32 octets each.
    """

    keys: Any
    digests: Any

    @property
    def octets(self) -> Any:
        """The octets of the keys, a row for each."""
        return np.ascontiguousarray(self.keys).view("u1").reshape(-1, 32)

    @property
    def repeat(self) -> bool:
        """Whether two rows have one primary key."""
        octets = self.octets
        return bool((octets[1:] == octets[:-1]).all(axis=1).any())


def in_order(keys: Any, digests: Any) -> Leaves:
    """The leaves of a table from the digests of its rows in any order."""
    order = digest_order(keys)
    return Leaves(keys[order], digests[order])


def table_roots(engine: Engine, tables: Mapping[str, Leaves]) -> dict[str, bytes]:
    """Root of each table."""
    parts = [(name, part) for name, leaves in tables.items() for part in _parts(leaves)]
    roots: dict[str, dict[int, bytes]] = {name: {} for name in tables}
    results = engine.run("fingerprint", _roots, [part for _, part in parts]) if parts else ()
    for (name, _), found in zip(parts, results, strict=True):
        roots[name] |= found
    return {name: table_root(found) for name, found in roots.items()}


def _parts(leaves: Leaves) -> Iterator[tuple[bytes, bytes]]:
    """Key and record digests, cut between buckets."""
    octets = leaves.octets
    bucket = octets[:, 0].astype(np.int64) << 4 | octets[:, 1] >> 4
    number = -(-len(octets) // ROWS_PER_TASK)
    cuts = np.searchsorted(bucket, np.arange(number + 1) * N_BUCKETS // max(number, 1))
    for start, end in pairwise(cuts.tolist()):
        yield leaves.keys[start:end].tobytes(), leaves.digests[start:end].tobytes()


def _roots(part: tuple[bytes, bytes]) -> dict[int, bytes]:
    keys, records = ([data[at : at + 32] for at in range(0, len(data), 32)] for data in part)
    return bucket_roots(keys, records)
