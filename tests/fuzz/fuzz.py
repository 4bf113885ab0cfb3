"""Feed a reader mutated octets, guided by coverage (atheris): nothing may raise, hang or grow.

    pip install atheris
    python tests/fuzz/fuzz.py READER [--seconds 600] [libFuzzer options]

READER is one of those of readers.py. What libFuzzer finds worth keeping goes to
tests/fuzz/corpus/READER, which tests/captures/test_fuzz.py reads again in every run;
`-merge=1 NEW OLD` makes a small corpus of a large one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["microfiche"]):
    from readers import READERS

CORPUS = Path(__file__).parent / "corpus"


def main() -> None:
    """Read the command line and fuzz until the time is up."""
    kind, *options = sys.argv[1:]
    if options[:1] == ["--seconds"]:
        options = [f"-max_total_time={options[1]}", *options[2:]]
    corpus = CORPUS / kind
    corpus.mkdir(parents=True, exist_ok=True)
    name, read = READERS[kind]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        file = Path(folder) / name

        def one(octets: bytes) -> None:
            file.write_bytes(octets)
            read(file)

        limits = [
            "-timeout=10",
            "-rss_limit_mb=6144",
            "-malloc_limit_mb=1024",
            "-max_len=16384",
            "-close_fd_mask=3",
        ]
        atheris.Setup([sys.argv[0], *limits, *options, str(corpus)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
