"""croissant.json of a release by mlcroissant: validated, and every record set loaded and compared.

The records must equal the Parquet rows, but for how mlcroissant gives them: strings as bytes,
times and dates as pandas has them, a list of structs in a struct under its full id.
"""

from __future__ import annotations

import datetime
import json
import logging
import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["CROISSANT_CACHE"] = tempfile.mkdtemp(prefix="croissant-")  # read at import


def refuse(*_: Any, **__: Any) -> Any:
    """Nothing may be fetched."""
    raise OSError("a network was asked for")


socket.socket.connect = refuse  # type: ignore[method-assign]
socket.getaddrinfo = refuse

import mlcroissant
import pandas as pd
import pyarrow.parquet as pq
from absl import logging as absl_logging

RAI = (
    "annotationsPerItem annotatorDemographics dataAnnotationAnalysis dataAnnotationPlatform "
    "dataAnnotationProtocol dataBiases dataCollection dataCollectionMissingData "
    "dataCollectionRawData dataCollectionTimeframe dataCollectionType dataImputationProtocol "
    "dataLimitations dataManipulationProtocol dataPreprocessingProtocol "
    "dataReleaseMaintenancePlan dataSocialImpact dataUseCases machineAnnotationTools "
    "personalSensitiveInformation"
).split()
REQUIRED = (
    "name",
    "description",
    "url",
    "creator",
    "license",
    "datePublished",
    "version",
    "citeAs",
)


class Heard(logging.Handler):
    """Keeps every warning."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take a warning down."""
        self.said.append(record.getMessage())


def plain(value: Any) -> Any:
    """A loaded value as pyarrow would give it."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key.rpartition("/")[2]: plain(each) for key, each in value.items()}
    return value


def nested(record: dict[str, Any], table: str) -> dict[str, Any]:
    """A record whose members are named by ids as one of nested members."""
    result: dict[str, Any] = {}
    for key in sorted(record, key=lambda each: each.count("/")):
        *path, last = key.removeprefix(f"{table}/").split("/")
        place = result
        for step in path:
            place = place.setdefault(step, {})
        place[last] = plain(record[key])
    return result


def like(value: Any, expected: Any) -> Any:
    """A midnight as a date where a date is expected."""
    if type(expected) is datetime.date and isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(expected, dict) and isinstance(value, dict):
        return {key: like(each, expected.get(key)) for key, each in value.items()}
    if isinstance(expected, list) and isinstance(value, list) and len(value) == len(expected):
        return [like(*pair) for pair in zip(value, expected, strict=True)]
    return value


def table_faults(dataset: Any, release: Path, entry: dict[str, Any]) -> list[str]:
    """What differs between a record set and its Parquet files."""
    name = entry["name"]
    files = sorted(file["path"] for file in entry["files"])
    expected = [row for file in files for row in pq.read_table(release / file).to_pylist()]
    loaded = [nested(record, name) for record in dataset.records(name)]
    if len(loaded) != len(expected):
        return [f"{name}: {len(loaded)} records, {len(expected)} rows"]
    pairs = zip(loaded, expected, strict=True)
    return [
        f"{name}, row {number}, {column}: {like(one, other).get(column)!r}, Parquet has {value!r}"
        for number, (one, other) in enumerate(pairs)
        for column, value in other.items()
        if like(one, other).get(column, "nothing") != value
    ]


def main(release: Path) -> int:
    """Faults on standard output; how many."""
    heard = Heard()
    absl_logging.get_absl_logger().addHandler(heard)
    page = json.loads((release / "croissant.json").read_bytes())
    wrong = [f"{name} is missing" for name in REQUIRED if not page.get(name)]
    wrong += [f"rai:{name} is missing" for name in RAI if not page.get(f"rai:{name}")]
    wrong += [
        f"prov:{name} is missing"
        for name in ("wasDerivedFrom", "wasGeneratedBy")
        if not page.get(f"prov:{name}")
    ]
    dataset = mlcroissant.Dataset(str(release / "croissant.json"))
    issues = dataset.metadata.ctx.issues
    wrong += [*issues.errors, *issues.warnings]
    tables = [
        e for e in json.loads((release / "release.json").read_bytes())["tables"] if e["files"]
    ]
    if sorted(each.id for each in dataset.metadata.record_sets) != [e["name"] for e in tables]:
        wrong.append("the record sets are not the tables")
    for entry in tables:
        wrong += table_faults(dataset, release, entry)
    wrong += heard.said
    rows = sum(entry["n_rows"] for entry in tables)
    print(
        "\n".join(map(str, wrong[:20]))
        or f"{len(tables)} record sets, {rows} records equal the rows"
    )
    return len(wrong)


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]))))
