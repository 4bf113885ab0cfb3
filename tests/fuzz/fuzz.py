"""Feed a reader mutated octets, guided by coverage (atheris): nothing may raise, hang or grow.

    pip install atheris
    python tests/fuzz/fuzz.py READER [--seconds 600] [libFuzzer options]

READER is text, page, jsonl, warc, gzip, zstd or wacz. What libFuzzer finds worth keeping goes to
tests/fuzz/corpus/READER, which tests/captures/test_fuzz.py reads again in every run.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["microfiche"]):
    from microfiche.captures.files import FileSpan, captures_in
    from microfiche.collation.draft import draft
    from microfiche.outlets.lookup import Outlets

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "captures"), str(TESTS / "builders")]
from test_fuzz import CORPUS, COURIER, LIMIT, NAMES, SIDECARS

OUTLETS = Outlets([COURIER])


def read_octets(file: Path, octets: bytes) -> None:
    """Write octets to a file and read it as a capture file, to the end of extraction."""
    file.write_bytes(octets)
    for capture in captures_in(file, FileSpan(file.name, 0, len(octets)), LIMIT):
        draft(capture, OUTLETS)


def main() -> None:
    """Read the command line and fuzz until the time is up."""
    kind, *options = sys.argv[1:]
    if options[:1] == ["--seconds"]:
        options = [f"-max_total_time={options[1]}", *options[2:]]
    corpus = CORPUS / kind
    corpus.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        file = Path(folder) / NAMES[kind]
        if kind in SIDECARS:
            file.with_name(f"{file.name}.toml").write_text(SIDECARS[kind])
        limits = ["-timeout=10", "-rss_limit_mb=1024", "-max_len=16384", "-close_fd_mask=3"]
        atheris.Setup(
            [sys.argv[0], *limits, *options, str(corpus)], lambda octets: read_octets(file, octets)
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
