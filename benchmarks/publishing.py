"""Publish a large generated release to an S3 endpoint on loopback, and watch the memory.

Texts are random, so that they stay as large as they are generated.

    python benchmarks/publishing.py [--records 80000] [--octets 60000]
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "builders"))

from small import record, write
from store import storing
from whole_job import MEBIBYTE, measure


def generate(root: Path, n_records: int, n_octets: int) -> None:
    """An archive of so many records, each with a text of so many octets."""
    write(root, [record(1)])
    with (root / "raw" / "captures" / "large.jsonl").open("w", encoding="utf-8") as file:
        for number in range(2, n_records + 2):
            letters = base64.b32encode(os.urandom(n_octets * 5 // 9)).decode().lower()
            words = (letters[at : at + 8] for at in range(0, len(letters), 8))
            file.write(json.dumps(record(number, text=" ".join(words).capitalize())) + "\n")


def main() -> None:
    """Generate, build, publish, verify where it is; what the last two cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=80_000)
    parser.add_argument("--octets", type=int, default=60_000)
    asked = parser.parse_args()
    program = Path(sys.executable).parent / "microfiche"
    with tempfile.TemporaryDirectory() as folder, storing() as endpoint:
        root = Path(folder)
        generate(root, asked.records, asked.octets)
        subprocess.run([program, "build", root], check=True, stderr=subprocess.DEVNULL)
        (root / "raw" / "captures" / "large.jsonl").unlink()
        release = root / "dist" / "press" / "1.0.0"
        size = sum(file.stat().st_size for file in release.rglob("*") if file.is_file())
        print(f"{size:,} bytes")
        os.environ |= endpoint.environment
        for command in (
            ["publish", release, "s3://shelf/news"],
            ["verify", "s3://shelf/news/press/1.0.0"],
        ):
            cost = measure([program, *command])
            peaks = f"{cost.resident / MEBIBYTE:,.0f} / {cost.proportional / MEBIBYTE:,.0f} MiB"
            print(f"{command[0]}: {cost.seconds:.0f} s, peak {peaks} resident / proportional")


if __name__ == "__main__":
    main()
